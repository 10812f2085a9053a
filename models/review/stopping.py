"""When to stop reviewing: random audit images, and the errors left by their word alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.intervals import wilson
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, StatusVector

AUDIT_EVERY = 10
_Z_SPENT = 2.576  # 95% over five looks: 1% is spent at each
_BLOCK = 4096  # ids of the order looked through at a time
_IMAGES = 1 << 16  # looked through at a time


@dataclass(frozen=True)
class Shown:
    """One image of the single-image queue."""

    sample_id: int
    audit: bool  # drawn at random: shown without a suggestion


@dataclass
class AuditedQueue:
    """Walks down an order; every tenth image is a random one of those not yet looked at.

    The same seed and the same answers give the same images. `audits` are the random ones in the
    order they were drawn; `passed` are those the walk has since come by: by now they would have
    been shown anyway, so they no longer speak for the images that were not.
    """

    seed: int
    shown: int = 0
    audits: list[int] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)

    def next_image(
        self, order: SampleIds, seen: Mask, start: int = 0, among: Mask | None = None
    ) -> Shown | None:
        """The next image, or None when all of the order were seen.

        Parameters
        ----------
        order : int64 (n,)
            Every image, the most suspect first; it may be another order at each call.
        seen : bool (n,)
            Every image that was looked at, here or elsewhere.
        start : int
            The row to walk on from; behind the last one comes the first.
        among : bool (n,), optional
            The images that can be drawn; all of them, unless it is given.
        """
        is_due = (self.shown + 1) % AUDIT_EVERY == 0
        drawn = self._drawn(seen, among) if is_due else None
        image = drawn or self._walked(order, seen, start)
        if image is not None:
            self.shown += 1
        return image

    def begin_anew(self) -> None:
        """Other images can be drawn from now on, for which those drawn so far do not speak."""
        self.passed.update(self.audits)

    def standing(self) -> SampleIds:
        """The audit images that are a random sample of what the walk has not come by."""
        return np.array([id_ for id_ in self.audits if id_ not in self.passed], np.int64)

    def to_message(self) -> dict[str, Any]:
        return {**vars(self), "audits": list(self.audits), "passed": sorted(self.passed)}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Self:
        return cls(**{**message, "passed": set(message["passed"])})

    def renumbered(self, ids: SampleIds) -> AuditedQueue:
        """The same queue where image i is now ids[i], -1 if it is gone."""
        audits = [now for now in ids[self.audits].tolist() if now >= 0]
        passed = {now for now in ids[sorted(self.passed)].tolist() if now >= 0}
        return AuditedQueue(self.seed, self.shown, audits, passed)

    def _drawn(self, seen: Mask, among: Mask | None) -> Shown | None:
        # One that was left undecided comes again, or the sample would lack the hard ones.
        for earlier in self.audits:
            if not seen[earlier] and earlier not in self.passed:
                return Shown(earlier, audit=True)
        unseen = np.flatnonzero(~seen if among is None else among & ~seen)
        if not len(unseen):
            return None
        rng = np.random.default_rng((self.seed, len(self.audits)))
        sample_id = int(unseen[rng.integers(len(unseen))])
        self.audits.append(sample_id)
        return Shown(sample_id, audit=True)

    def _walked(self, order: SampleIds, seen: Mask, start: int) -> Shown | None:
        row = top = self._come_to_unseen(order, seen, 0)
        if top is not None and top < start:
            below = self._come_to_unseen(order, seen, start)
            row = top if below is None else below
        return None if row is None else Shown(int(order[row]), audit=False)

    def _come_to_unseen(self, order: SampleIds, seen: Mask, start: int) -> int | None:
        """The first row from `start` on that was not seen; the audit images above are passed."""
        is_audit = np.zeros_like(seen)
        is_audit[self.audits] = True
        for first in range(start, len(order), _BLOCK):
            block = order[first : first + _BLOCK]
            unseen = np.flatnonzero(~seen[block])
            before = block[: unseen[0]] if len(unseen) else block
            self.passed.update(before[is_audit[before]].tolist())
            if len(unseen):
                return first + int(unseen[0])
        return None


@dataclass(frozen=True)
class ErrorsLeft:
    """How many wrong labels are among the images not looked at: between low and high."""

    low: int
    high: int
    audited: int  # random images that speak for those
    wrong: int  # of the audited
    unseen: int

    def __str__(self) -> str:
        if not self.audited:
            return "errors left: not known before the first random images of what is left"
        images = "image" if self.audited == 1 else "images"
        return (
            f"errors left: {self.low:,} to {self.high:,} "
            f"(95%, from {self.audited:,} random {images})"
        )


def errors_left(wrong: int, audited: int, unseen: int) -> ErrorsLeft:
    """Interval of the errors among images nobody has looked at, from audit images alone.

    Parameters
    ----------
    wrong, audited : int
        Audit images found wrong, of all that are standing (`AuditedQueue.standing`).
    unseen : int
        Images not looked at yet.

    Notes
    -----
    A Wilson interval of the share of errors among the audited and the unseen together, narrower
    the more of them were audited (sampling without replacement), less the errors found. A person
    watches it grow and stops when it looks good, which an interval meant for one look does not
    survive: one in twenty false statements is spread over five looks, 1% at each.

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference";
    Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials", for spending the
    error over looks, here in equal parts.
    """
    if not 0 <= wrong <= audited or unseen < 0:
        raise ValueError(f"{wrong} wrong of {audited}, {unseen} unseen: no such audit")
    if not unseen or not audited:
        return ErrorsLeft(0, unseen, audited, wrong, unseen)
    population = audited + unseen
    # Without replacement the variance falls by the share that is unseen.
    low, high = wilson(wrong, audited, _Z_SPENT * math.sqrt(unseen / (population - 1)))
    return ErrorsLeft(
        low=min(unseen, max(0, math.floor(low * population) - wrong)),
        high=max(0, min(unseen, math.ceil(high * population) - wrong)),
        audited=audited,
        wrong=wrong,
        unseen=unseen,
    )


def errors_left_now(
    queue: AuditedQueue,
    given: LabelVector,
    status: StatusVector,
    classes: ClassList,
    left_out: Mask | None = None,
) -> ErrorsLeft:
    """The errors left of a review as it stands.

    An image without a given label cannot be an error. An audit image counts once it is kept,
    changed or excluded; the last two found an error. If its class was merged into another since,
    it speaks for images that are no longer undecided, and does not count either; nor does one of a
    class of which no image is left to decide on, as after a whole class was gone through in the
    grid. `left_out` are images that nobody is to decide on: they are not spoken of. (n,)
    """
    undecided = (status == Status.PENDING) & (given != UNLABELLED)
    audits = queue.standing()
    if left_out is not None:
        undecided &= ~left_out
        audits = audits[~left_out[audits]]
    unseen = int(np.count_nonzero(undecided))
    audits = audits[classes.standing(given[audits]) == given[audits]]
    if unseen:
        audits = audits[~np.isin(given[audits], _all_decided(given, given[audits], undecided))]
    wrong = np.isin(status[audits], (Status.CHANGED, Status.EXCLUDED))
    right = status[audits] == Status.KEPT
    return errors_left(int(wrong.sum()), int((wrong | right).sum()), unseen)


def _all_decided(given: LabelVector, classes: LabelVector, undecided: Mask) -> LabelVector:
    """Those of some classes that no undecided image was given; most have one among the first."""
    missing = np.unique(classes)
    for start in range(0, len(given), _IMAGES):
        rows = slice(start, start + _IMAGES)
        missing = missing[~np.isin(missing, given[rows][undecided[rows]])]
        if not len(missing):
            break
    return missing
