"""Where everything lies in the small pictures of a page, which a template draws as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.pages import is_wide, shortened

_BARS_WIDTH = 280  # names stand before the bars, values after them
_LETTER, _WIDE_LETTER = 6.8, 12.5  # px
_MARGIN, _VALUE_WIDTH = 8, 70
_LEGEND_LINE, _TOP, _BOTTOM = 20, 6, 40
_BAR, _GAP = 15, 7
_NAME_WIDTH = 26  # letters
_LEGEND_NAME_WIDTH = 40
_MOST_BARS = 36  # so that a chart is never higher than a printed page
_FEWEST_ROWS = 6
_TICKS = 4
_STYLES = 4  # ways to fill a bar
_SHARES = ("Share", "Accuracy", "Chance")  # titles that begin so speak of percent


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
class Key:
    """What a way to fill bars stands for."""

    name: str
    fill: int
    y: float


@dataclass(frozen=True)
class BarChart:
    title: str
    left_out: str  # of many rows, which are shown
    values_axis: str
    width: int
    height: int
    bar_height: int
    left: int
    top: float  # of the first row
    bottom: float  # of the last row
    legend: tuple[Key, ...]  # empty where there is one series
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    in_words: str  # every value, for who cannot see it


def bar_chart(plot: Mapping[str, Any]) -> BarChart:
    """Bars beside names, one a series, from the `plot` of a finding.

    A title "Accuracy of each split" also names the axis. Of many names those that tell most are
    kept, in their order: where the series differ most, or the highest and lowest values.
    """
    title, names, series = plot["title"], plot["labels"], plot["series"]
    values = np.array([list(one) for one in series.values()], np.float64).reshape(len(series), -1)
    shown = _most_telling(values)
    kept = [shortened(names[place], _NAME_WIDTH) for place in shown]
    left = math.ceil(max(map(_width, kept), default=0)) + 2 * _MARGIN
    ticks = _ticks(values[:, shown])
    low, high = ticks[0], ticks[-1]
    in_unit = _percent if title.startswith(_SHARES) else number_text

    def at(value: float) -> float:
        return round(left + (value - low) / (high - low) * _BARS_WIDTH, 1)

    legend = tuple(
        Key(shortened(name, _LEGEND_NAME_WIDTH), number % _STYLES, _LEGEND_LINE * (number + 0.5))
        for number, name in enumerate(series)
        if len(series) > 1
    )
    rows, top = [], float(_TOP + _LEGEND_LINE * len(legend))
    y = top
    for place, name in zip(shown, kept, strict=True):
        bars = tuple(_bars(values[:, place], y, at, in_unit))
        y += _BAR * len(series)
        rows.append(Row(name, names[place], y - len(series) * _BAR / 2, bars))
        y += _GAP
    return BarChart(
        title,
        _which(len(shown), len(names), len(series)),
        title.partition(" of each ")[0],
        left + _BARS_WIDTH + _VALUE_WIDTH,
        math.ceil(y) + _BOTTOM,
        _BAR - 3,
        left,
        top,
        y,
        legend,
        tuple(rows),
        tuple((at(tick), in_unit(tick)) for tick in ticks),
        _in_words(rows, list(series)),
    )


def number_text(value: float) -> str:
    """12,345 or 0.0123"""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _bars(
    values: NDArray[np.float64],
    y: float,
    at: Callable[[float], float],
    in_unit: Callable[[float], str],
) -> Sequence[Bar]:
    bars = []
    for number, value in enumerate(values.tolist()):
        is_known = math.isfinite(value)
        ends = sorted((at(0.0), at(value if is_known else 0.0)))
        text = in_unit(value) if is_known else "not known"
        width = round(ends[1] - ends[0], 1)
        bars.append(Bar(ends[0], y + number * _BAR, width, number % _STYLES, text, ends[1] + 6))
    return bars


def _percent(value: float) -> str:
    return f"{100 * value:.3g}%"


def _in_words(rows: Sequence[Row], series: Sequence[str]) -> str:
    def told(row: Row) -> str:
        texts = [bar.text for bar in row.bars]
        if len(series) > 1:
            texts = [f"{text} {name}" for text, name in zip(texts, series, strict=True)]
        return f"{row.whole_name}: {', '.join(texts)}"

    return "; ".join(map(told, rows))


def _which(n_shown: int, n: int, n_series: int) -> str:
    if n_shown == n:
        return ""
    how = "that differ most" if n_series > 1 else "with the highest and lowest values"
    return f"the {n_shown} {how}, of {n:,}"


def _most_telling(values: NDArray[np.float64]) -> list[int]:
    n_series, n = values.shape
    most = max(_FEWEST_ROWS, _MOST_BARS // n_series)
    if n <= most:
        return list(range(n))
    known = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    if n_series > 1:
        order = np.argsort(-np.ptp(known, axis=0), kind="stable")
        return sorted(order[:most].tolist())
    order = np.argsort(-known[0], kind="stable")
    return sorted([*order[: most // 2].tolist(), *order[-(most // 2) :].tolist()])


def _ticks(values: NDArray[np.float64]) -> list[float]:
    """Round numbers from below all values, and 0, to above them; whole ones between whole ones."""
    known = values[np.isfinite(values)]
    low, high = min(0.0, known.min(initial=0.0)), max(0.0, known.max(initial=0.0))
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / _TICKS))
    step = next(
        power * round_one for round_one in (1, 2, 5, 10) if power * round_one * _TICKS >= span
    )
    if high > 1 and (known == np.floor(known)).all():
        step = max(step, 1.0)
    first, last = math.floor(low / step), math.ceil(max(high, low + step) / step)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _width(name: str) -> float:
    return sum(_WIDE_LETTER if is_wide(letter) else _LETTER for letter in name)
