"""Where everything lies in the small pictures of a page, which a template draws as SVG."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_WIDTH = 640
_LEFT, _RIGHT = 190, 490  # of the bars; names stand before them, values after them
_TOP, _BOTTOM = 22, 40
_BAR, _GAP = 15, 7
_NAME_WIDTH = 26  # letters
_MOST_ROWS = 40
_TICKS = 4
_STYLES = 4  # ways to fill a bar


@dataclass(frozen=True)
class Bar:
    """One value: where its bar begins, how long it is, and its words, which stand at `text_x`."""

    x: float
    y: float
    width: float
    fill: int
    text: str
    text_x: float


@dataclass(frozen=True)
class Row:
    name: str  # cut to its room
    whole_name: str
    y: float  # its middle
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class BarChart:
    title: str
    names_axis: str  # what the rows are
    values_axis: str
    width: int
    height: int
    bar_height: int
    left: int
    bottom: float  # of the last row
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    n_left_out: int
    in_words: str  # every value, for who cannot see it


def bar_chart(plot: Mapping[str, Any]) -> BarChart:
    """Bars beside names, one a series, from the `plot` of a finding.

    A title "Accuracy of each split" also names the axes. Of many names those with the highest
    values are kept, in their order.
    """
    title, names, series = plot["title"], plot["labels"], plot["series"]
    values = np.array([list(one) for one in series.values()], np.float64).reshape(len(series), -1)
    shown = _most_telling(values)
    ticks = _ticks(values[:, shown])
    low, high = ticks[0], ticks[-1]

    def at(value: float) -> float:
        return round(_LEFT + (value - low) / (high - low) * (_RIGHT - _LEFT), 1)

    rows, y = [], float(_TOP)
    for place in shown:
        bars = []
        for number, (of, value) in enumerate(zip(series, values[:, place], strict=True)):
            known = math.isfinite(value)
            ends = sorted((at(0.0), at(value if known else 0.0)))
            words = number_text(value) if known else "not known"
            beside = f"{words} {_cut(of)}" if len(series) > 1 else words
            width = round(ends[1] - ends[0], 1)
            bars.append(Bar(ends[0], y, width, number % _STYLES, beside, ends[1] + 6))
            y += _BAR
        middle = y - len(series) * _BAR / 2
        rows.append(Row(_cut(names[place]), names[place], middle, tuple(bars)))
        y += _GAP
    what, _, of_each = title.partition(" of each ")
    return BarChart(
        title,
        of_each,
        what,
        _WIDTH,
        math.ceil(y) + _BOTTOM,
        _BAR - 3,
        _LEFT,
        y,
        tuple(rows),
        tuple((at(tick), number_text(tick)) for tick in ticks),
        len(names) - len(shown),
        "; ".join(f"{row.whole_name}: {', '.join(b.text for b in row.bars)}" for row in rows),
    )


def number_text(value: float) -> str:
    """12,345 or 0.0123"""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _most_telling(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Sequence[int]:
    heights = np.nan_to_num(np.abs(values)).max(axis=0, initial=0)
    return sorted(np.argsort(-heights, kind="stable")[:_MOST_ROWS].tolist())


def _ticks(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[float]:
    """Round numbers from below all values, and 0, to above them."""
    known = values[np.isfinite(values)]
    low, high = min(0.0, known.min(initial=0.0)), max(0.0, known.max(initial=0.0))
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / _TICKS))
    step = next(
        power * round_one for round_one in (1, 2, 5, 10) if power * round_one * _TICKS >= span
    )
    first, last = math.floor(low / step), math.ceil(max(high, low + step) / step)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _cut(name: str) -> str:
    """A name in its room; wide letters take the room of two."""
    room, kept = _NAME_WIDTH, ""
    for letter in name:
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return kept[:-1] + "…"
        kept += letter
    return kept
