"""Do the splits tell the same accuracy, and if not, why?"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.material import AuditMaterial
from models.review.intervals import wilson
from models.types import Event, Unable

_CHECK = "gaps"
_FEWEST = 50  # labelled images of a split the model did not learn from
_NOTABLE = 0.01  # of accuracy
_Z95 = 1.959964
_BY_CHANCE = 0.005  # how often alike splits may differ by so much, over all pairs of them

# What makes a split harder or easier, where it was found in that split.
_HARDER = (
    *("class_swap", "label_offset", "class_shuffled", "labels_random", "misaligned"),
    *("label_noise", "class_absorbed"),
    *("brightness", "contrast", "blur", "noise", "grey", "channel_order", "inverted", "flipped"),
    *("rotated", "scaling", "resampled", "jpeg", "border", "foreign_images"),
)
_EASIER = ("leak_exact", "leak_near", "related")
_EITHER = ("label_shift", "class_missing", "order", "label_set_mismatch")


@dataclass(frozen=True)
class _Judged:
    split: str
    n: int
    right: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n


def check_gaps(material: AuditMaterial, found: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Compare accuracies on images the model did not learn from, split with split.

    The interval of a difference is that of Newcombe (1998), "Interval estimation for the
    difference between independent proportions", method 10.
    """
    seen = material.predictions
    if seen is None:
        why = material.unasked or "Without a trained model there are no accuracies to compare."
        yield Unable(_CHECK, why)
        return
    judged = []
    right = seen.probabilities.argmax(axis=1) == material.labels
    known = material.labelled & np.isfinite(seen.probabilities[:, 0]) & ~seen.trained
    if (known & seen.averaged).any():  # what was looked at once only is judged by less
        known &= seen.averaged
    for code, split in enumerate(material.splits):
        here = known & (material.split_codes == code)
        if here.sum() >= _FEWEST:
            judged.append(_Judged(split, int(here.sum()), int(right[here].sum())))
    if len(judged) < 2:
        yield Unable(
            _CHECK, "Fewer than two splits have enough labelled images the model never learnt from."
        )
        return
    if seen.still_improving:
        why = "The model was still improving: gaps are undecided, train longer (--minutes)."
        yield Unable(_CHECK, why, partly=True)
    learnt = {material.splits[code] for code in np.unique(material.split_codes[seen.trained])}
    pairs = list(combinations(judged, 2))
    beyond = float(-ndtri(_BY_CHANCE / (2 * len(pairs))))
    for first, second in pairs:
        decided = not seen.still_improving
        yield from _gap(first, second, judged, found, learnt, beyond, decided=decided)


def _gap(
    first: _Judged,
    second: _Judged,
    every: Sequence[_Judged],
    found: Sequence[Finding],
    learnt: Collection[str],
    beyond: float,
    *,
    decided: bool,
) -> Iterator[Finding]:
    difference = second.accuracy - first.accuracy
    low, high = _newcombe(second, first, beyond)
    if low <= 0 <= high or abs(difference) < _NOTABLE:
        return
    better = difference > 0
    harder, easier = (first.split, second.split) if better else (second.split, first.split)
    ci95 = _newcombe(second, first, _Z95)
    least = min(map(abs, ci95))
    cause = next(
        (
            one
            for one in sorted(found, key=lambda one: -one.severity)
            if one.severity > Severity.NOTE and _explains(one, harder, easier, learnt, least)
        ),
        None,
    )
    finding = Finding(
        _CHECK,
        "too_good" if better else "gap_unexplained",
        Severity.WARNING if decided else Severity.NOTE,
        0.99,
        f"Accuracy is {first.accuracy:.1%} on {first.split} and {second.accuracy:.1%} on "
        f"{second.split}: {abs(difference):.1%} {'better' if better else 'worse'}, which is more "
        "than chance." + ("" if cause else " Nothing else that was found explains it."),
        "The test photos were taken in another season by another team."
        if not better
        else "The test set was picked by hand, and only the clear cases were kept.",
        Remedy(
            "Compare images of the two splits side by side, most unlike first."
            if not better
            else "Look for easier images and for hidden copies before you trust this figure."
        ),
        (first.split, second.split),
        effect=difference,
        ci95=ci95,
        plot=Plot(
            "Accuracy of each split",
            tuple(one.split for one in every),
            {"accuracy": [one.accuracy for one in every]},
        ),
    )
    yield finding.because_of(cause) if cause else finding


def _explains(
    cause: Finding, harder: str, easier: str, learnt: Collection[str], least: float
) -> bool:
    """Copies make easier what was not learnt from: the other split that has them, if that was; by
    no more than their share of it, so that they need to be as many as the gap is at `least`."""

    def found_in(*splits: str) -> bool:
        return not cause.splits or bool(set(splits) & set(cause.splits))

    return (
        (cause.kind in _HARDER and found_in(harder))
        or (
            cause.kind in _EASIER
            and cause.effect >= least
            and found_in(easier)
            and easier not in learnt
            and bool(set(cause.splits) & set(learnt))
        )
        or (cause.kind in _EITHER and found_in(harder, easier))
    )


def _newcombe(a: _Judged, b: _Judged, z: float) -> tuple[float, float]:
    """Interval of accuracy of a minus that of b."""
    (low_a, high_a), (low_b, high_b) = (wilson(one.right, one.n, z) for one in (a, b))
    difference = a.accuracy - b.accuracy
    down = math.hypot(a.accuracy - low_a, high_b - b.accuracy)
    up = math.hypot(high_a - a.accuracy, b.accuracy - low_b)
    return difference - down, difference + up
