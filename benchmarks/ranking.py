"""How soon, and how well, wrong labels come first."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from benchmarks.noise import symmetric
from benchmarks.report import Row
from benchmarks.trained import FASHION, digits, events_of_run, fashion
from models.data.runs import load_scores
from models.types import LabelVector, Mask, ScoresReady

_SEED = 0


def measure() -> list[Row]:
    """Average precision of suspicion, and the seconds to it from the start of the program."""
    rows = _rows("digits, 8% wrong", *digits(), 0.08, first={}, last={"s": 30, "ap": 0.96})
    name = "Fashion-MNIST, 20% symmetric"
    if not FASHION.is_dir():
        return [*rows, Row.skipped(name, "skipped: ../shared/data is not on this machine")]
    first, last = {"s": 40, "ap": 0.97}, {"s": 300, "ap": 0.985}
    return [*rows, *_rows(name, *fashion(), 0.2, first=first, last=last)]


def _rows(
    name: str,
    images: NDArray[Any],
    labels: LabelVector,
    rate: float,
    *,
    first: dict[str, float],
    last: dict[str, float],
) -> list[Row]:
    noisy, wrong = symmetric(labels, rate, _SEED)
    orders = _orders(images, noisy, wrong)
    rows = []
    for which, (seconds, precision), must in (
        ("first order", orders[0], first),
        ("final order", orders[-1], last),
    ):
        what = f"{name}: {which}"
        rows.append(Row.value_of(what, seconds, "s", at_most=must.get("s")))
        rows.append(Row.value_of(f"{what}, AP", precision, "", at_least=must.get("ap")))
    return rows


def _orders(images: NDArray[Any], labels: LabelVector, wrong: Mask) -> list[tuple[float, float]]:
    """Seconds and average precision of each order that was published."""
    orders = []
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        for event in events_of_run(Path(folder), images, labels, {"seed": _SEED}):
            if isinstance(event, ScoresReady):
                seconds = time.monotonic() - began
                scores = load_scores(Path(folder) / "p.winnow" / "runs", event.run)
                assert scores is not None
                suspicion = np.asarray(scores.by_name["suspicion"])
                orders.append((seconds, float(average_precision_score(wrong, suspicion))))
    return orders
