"""The measurements of `detection` beside what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from benchmarks.detection.judging import PEERS
from benchmarks.detection.photos import AMONG_THE_FIRST, NAME
from benchmarks.detection.settings import Promises, Setting
from benchmarks.report import Row
from benchmarks.results import Line

_A_MINUTE_S = 60.0
_FEWEST_LEADING = 2  # settings, of which a mean says something


def rows_of(setting: Setting, line: Line, peer: Line | None) -> list[Row]:
    """The rows of one setting. Nothing is promised of a run of fewer minutes than its own."""
    promised = setting.promises if line["minutes"] >= setting.minutes else Promises()
    orders, interval = line["orders"], line["interval"]
    first, last = orders[0], orders[-1]
    in_a_minute = [order for order in orders if order["seconds"] <= _A_MINUTE_S]
    name = setting.name
    rows = [
        _precision(_title(setting, line), last, promised.final, interval["suspicion"]),
        _value(f"{name}: lead over cleanlab", lead(line), interval["lead"], at_least=-0.005),
        Row.value_of(
            f"{name}: first order{_spent(first)}", first["seconds"], "s", at_most=promised.first_s
        ),
        _precision(f"{name}: first order, AP", first, promised.first),
    ]
    if in_a_minute:
        what = f"{name}: order at 60 s, AP"
        rows.append(_precision(what, in_a_minute[-1], promised.at_a_minute))
    for taught in line["taught"]:
        mistaken, found = taught["reviewer_error"], taught["ap"]
        what = (
            f"{name}: AP of the rest after {taught['verdicts']} verdicts, {mistaken:.0%} mistaken"
        )
        least = promised.taught if mistaken == 0 else None
        row = Row.value_of(what, found["taught"], "", reference=found["untaught"], at_least=least)
        rows.append(row)
    rows.append(Row.value_of(f"{name}: to look at for 90%", share_looked_at(line), "x"))
    rows.append(Row.value_of(f"{name}: whole run{_spent(last)}", last["seconds"], "s"))
    if peer is not None:
        what = f"{name}: cleanlab on {peer['folds']} folds in {peer['seconds']:.0f} s{_spent(peer)}"
        rows.append(Row.value_of(what, best_peer(peer), ""))
    return rows


def rows_of_photos(line: Line) -> list[Row]:
    last = max(line["places"].values())
    what = f"{NAME} ({line['minutes']:g} min): place of the last of its three twin pairs"
    alone = max(line["by_suspicion"].values())
    return [
        Row.value_of(what, last, "", at_most=AMONG_THE_FIRST),
        Row.value_of(f"{NAME}: the same by suspicion alone", alone, ""),
    ]


def overall(lines: Sequence[Line]) -> list[Row]:
    """What is promised of all settings together."""
    if len(lines) < _FEWEST_LEADING:
        return []
    leads = [lead(line) for line in lines]
    n = len(lines)
    return [
        Row.value_of(f"lead over cleanlab, mean of {n} settings", mean(leads), "",
                     spread=(min(leads), max(leads)), at_least=0.01),
        Row.value_of(f"looked at until 90% are found, mean of {n} settings",
                     mean(map(share_looked_at, lines)), "x", at_most=0.9),
    ]  # fmt: skip


def lead(line: Line) -> float:
    """Precision of the suspicion above the better of cleanlab's two scores, same probabilities."""
    last = line["orders"][-1]
    found: float = last["ap"]["suspicion"] - best_peer(last)
    return found


def best_peer(measured: Line) -> float:
    """The better of cleanlab's self-confidence and normalised margin."""
    found: float = max(measured["cleanlab"][name] for name in PEERS)
    return found


def share_looked_at(line: Line) -> float:
    """Images to look at for 90% of the errors, as a share of those of self-confidence."""
    looked_at = line["looked_at"]
    share: float = looked_at["suspicion"] / looked_at["self_confidence"]
    return share


def _title(setting: Setting, line: Line) -> str:
    tuned = "tuned on" if setting.tuned and line["seed"] == 0 else "untouched"
    return f"{setting.name} ({line['minutes']:g} min, seed {line['seed']}, {tuned}): AP"


def _spent(measured: Line) -> str:
    """For machines that were busy with other things."""
    return f" ({measured['processor_s']:.0f} s of processors)"


def _precision(
    what: str, order: Line, at_least: float | None, interval: Sequence[float] | None = None
) -> Row:
    """Of the suspicion, beside the better of cleanlab's on the same probabilities."""
    return _value(what, order["ap"]["suspicion"], interval, best_peer(order), at_least)


def _value(
    what: str,
    value: float,
    interval: Sequence[float] | None,
    reference: float | None = None,
    at_least: float | None = None,
) -> Row:
    spread = (interval[0], interval[1]) if interval else None
    return Row.value_of(what, value, "", spread=spread, reference=reference, at_least=at_least)
