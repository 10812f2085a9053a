"""The suspicion score beside cleanlab's find_label_issues: seconds, memory, and one image."""

from __future__ import annotations

import time
import tracemalloc
from importlib.metadata import version
from statistics import median

import numpy as np
from cleanlab.filter import find_label_issues

from benchmarks.report import Row
from benchmarks.timing import alternating, percentile, seconds
from models.review.rescore import rescore
from models.scoring.label_noise import label_noise, label_scores
from models.types import LabelVector, Probs

_ROUNDS = 5
_SIZES = ((60_000, 10, 1.0), (1_000_000, 10, 1.0), (50_000, 1_000, 3.0))  # and at most so many x
_MOST_MEMORY = 0.5  # of the probabilities' own
_RELABELLINGS = 200
_WRONG = 0.2


def measure() -> list[Row]:
    """Everything the scores of a label need, from the same arrays and in the same process."""
    rows = []
    for n, k, at_most in _SIZES:
        probs, labels = _invented(n, k)
        rows += [_seconds(probs, labels, at_most), _memory(probs, labels)]
    return [*rows, *(_one_image(*_invented(1_000, k)) for k in (10, 1_000))]


def _seconds(probs: Probs, labels: LabelVector, at_most: float) -> Row:
    def ours() -> float:
        return seconds(lambda: label_scores(probs, labels, label_noise(probs, labels).prior))

    def theirs() -> float:
        return seconds(
            lambda: find_label_issues(labels, probs, return_indices_ranked_by="self_confidence")
        )

    what = f"scores of {_size(probs)}, against find_label_issues of cleanlab {version('cleanlab')}"
    return Row.ratio_of(what, alternating(_ROUNDS, ours, theirs), "s", at_most=at_most)


def _memory(probs: Probs, labels: LabelVector) -> Row:
    """The peak on top of the probabilities, and of the five arrays that are handed over."""
    tracemalloc.start()
    prior = label_noise(probs, labels).prior
    peak_before = tracemalloc.get_traced_memory()[1]  # nothing is handed over yet
    tracemalloc.reset_peak()
    scores, suggested = label_scores(probs, labels, prior)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    returned = suggested.nbytes + sum(values.nbytes for values in scores.values())
    extra = max(peak_before, peak - returned) / probs.nbytes
    what = f"memory on top for {_size(probs)}, as a share of the probabilities"
    note = f", and {returned / probs.nbytes:.2f} for what is returned"
    return Row.value_of(what + note, extra, "", at_most=_MOST_MEMORY)


def _one_image(probs: Probs, labels: LabelVector) -> Row:
    prior, took = label_noise(probs, labels).prior, []
    for i in range(_RELABELLINGS):
        began = time.perf_counter()
        rescore(probs[i : i + 1], prior, labels[i : i + 1])
        took.append(1e3 * (time.perf_counter() - began))
    what = f"scores of one image whose label changed, {probs.shape[1]:,} classes"
    spread = (min(took), percentile(took, 0.95))
    return Row.value_of(what, median(took), "ms", spread=spread, at_most=1)


def _size(probs: Probs) -> str:
    n, k = probs.shape
    return f"{n:,} x {k:,}"


def _invented(n: int, k: int) -> tuple[Probs, LabelVector]:
    """Probabilities of a fair model, and labels of which a fifth is any class."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, k, n)
    probs = rng.random((n, k), np.float32) ** 4
    probs[np.arange(n), true] += k / 5
    probs /= probs.sum(axis=1, keepdims=True)
    wrong = rng.random(n) < _WRONG
    return probs, np.where(wrong, rng.integers(0, k, n), true).astype(np.int32)
