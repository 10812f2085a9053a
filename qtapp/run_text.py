"""What a run found out, as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qtapp.page_text import cut, table
from qtapp.terminal import counted

_CLASSES_SHOWN = 30


def run_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Accuracy by split and class, beside the majority baseline, and what needs a look."""
    epochs = counted(result["epochs"], "epoch")
    yield f"Run {result['run']} in {result['project']}: {epochs}, {result['device']}"
    for split, facts in result["splits"].items():
        yield f"  {split}: {_accuracy(facts)}"
    judged = result["judged"]
    if judged["n"]:
        yield from _classes(result["per_class"], judged)
    for finding in result["findings"]:
        yield f"Finding: {finding['sentence']}"
    for remark in result["remarks"]:
        yield f"Note: {remark}"


def _accuracy(facts: Mapping[str, Any]) -> str:
    if facts["accuracy"] is None:
        return "no labels to measure accuracy by"
    return f"accuracy {_share(facts['accuracy'], facts['ci95'])} on {counted(facts['n'], 'image')}"


def _classes(per_class: Sequence[Mapping[str, Any]], judged: Mapping[str, Any]) -> Iterator[str]:
    """A table, the classes that fare worst first."""
    where = "not trained on" if judged["not_trained_on"] else "trained on"
    yield (
        f"By class, on {counted(judged['n'], 'image')} {where} (always answering "
        f"{cut(judged['majority_class'])}: {judged['majority_accuracy']:.1%}):"
    )
    measured = [one for one in per_class if one["n"] or one["n_predicted"]]
    measured.sort(key=lambda one: (one["recall"] is None, one["recall"]))
    rows = [["  class", "images", "recall = accuracy", "predicted", "precision"]]
    rows += [
        [
            f"  {cut(one['class'])}",
            f"{one['n']:,}",
            _share(one["recall"], one["recall_ci95"]),
            f"{one['n_predicted']:,}",
            _share(one["precision"], one["precision_ci95"]),
        ]
        for one in measured[:_CLASSES_SHOWN]
    ]
    yield from table(rows)
    if len(measured) > _CLASSES_SHOWN:
        more = len(measured) - _CLASSES_SHOWN
        yield f"  ... and {more:,} more class{'es' * (more != 1)} (--json lists all)"


def _share(value: float | None, interval: Sequence[float | None]) -> str:
    if value is None:
        return "-"
    low, high = interval
    return f"{value:.1%} ({low:.1%} to {high:.1%})"
