"""The audits of `audit` beside what was promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean, median

from benchmarks.damage import STRENGTHS
from benchmarks.report import Row
from benchmarks.results import Line

_RIGHT = {(1_000, "middle"): 0.9, (200, "middle"): 0.75}  # of kinds, at least
_NAMED, _BOTH, _FALSE_ALARMS = 0.9, 0.8, 0.05


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Shares over all datasets and of each, then every damage that was not named."""
    one = [line for line in lines if len(line["damages"]) == 1]
    rows: list[Row] = []
    for n in sorted({line["n"] for line in one}, reverse=True):
        for strength in STRENGTHS:
            here = [line for line in one if (line["n"], line["strength"]) == (n, strength)]
            rows += _of_size(here, n, strength)
    both = [line for line in lines if len(line["damages"]) > 1]
    rows += _share("two damages at once, both named", both, "right", at_least=_BOTH)
    rows += _of_clean([line for line in lines if not line["damages"]])
    rows += _seconds(lines)
    rows += [_missed(line) for line in [*one, *both] if not line["right"]]
    return rows


def _of_size(lines: Sequence[Line], n: int, strength: str) -> Iterator[Row]:
    at = f"n = {n:,}, {strength}"
    yield from _share(f"{at}: the right kind first", lines, "right", _RIGHT.get((n, strength)))
    for dataset in dict.fromkeys(line["dataset"] for line in lines):
        of_dataset = [line for line in lines if line["dataset"] == dataset]
        yield from _share(f"{at}: {dataset}", of_dataset, "right")
    with_more = [line for line in lines if line["named"] is not None]
    at_least = _NAMED if (n, strength) in _RIGHT else None
    yield from _share(f"{at}: class or parameter named", with_more, "named", at_least)


def _share(
    what: str, lines: Sequence[Line], field: str, at_least: float | None = None
) -> Iterator[Row]:
    if lines:
        share = mean(line[field] for line in lines)
        yield Row.value_of(f"{what} (of {len(lines)})", share, "", at_least=at_least)


def _of_clean(lines: Sequence[Line]) -> Iterator[Row]:
    if not lines:
        return
    accused = [line for line in lines if line["accused"]]
    what = f"clean draws with a finding above a note (of {len(lines)})"
    yield Row.value_of(what, len(accused) / len(lines), "", at_most=_FALSE_ALARMS)
    for line in accused:
        yield Row.skipped(f"false alarm: {line['setting']}", ", ".join(line["accused"]))


def _seconds(lines: Sequence[Line]) -> Iterator[Row]:
    for whole, how in ((False, "in process, without a run"), (True, "the whole program")):
        found = [line["seconds"] for line in lines if line["whole"] == whole]
        if found:
            spread = (min(found), max(found))
            yield Row.value_of(f"an audit, {how}", median(found), "s", spread=spread)


def _missed(line: Line) -> Row:
    said = ", ".join(line["accused"]) if len(line["damages"]) > 1 else line["top"]
    return Row.skipped(f"missed: {line['setting']}", said or "nothing")
