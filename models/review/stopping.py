"""When to stop reviewing: random audit images, and the errors left by their word alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from models.review.intervals import wilson
from models.types import Mask, SampleIds

AUDIT_EVERY = 10
_Z_SPENT = 2.576  # 95% over five looks: 1% is spent at each
_BLOCK = 4096  # ids of the order looked through at a time


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

    def next_image(self, order: SampleIds, seen: Mask) -> Shown | None:
        """The next image, or None when all of the order were seen.

        `order` is int64 (m,), the most suspect first; it may be another one at each call. `seen`
        is bool (n,): every image that was looked at, here or elsewhere.
        """
        if (self.shown + 1) % AUDIT_EVERY == 0:
            drawn = self._drawn(order, seen)
        else:
            drawn = self._walked(order, seen)
        if drawn is not None:
            self.shown += 1
        return drawn

    def standing(self) -> SampleIds:
        """The audit images that are a random sample of what the walk has not come by."""
        return np.array([id_ for id_ in self.audits if id_ not in self.passed], np.int64)

    def _drawn(self, order: SampleIds, seen: Mask) -> Shown | None:
        waiting = np.zeros_like(seen)
        waiting[order] = ~seen[order]
        unseen = np.flatnonzero(waiting)  # by id: the draw owes nothing to the order
        if not len(unseen):
            return None
        rng = np.random.default_rng((self.seed, len(self.audits)))
        sample_id = int(unseen[rng.integers(len(unseen))])
        self.audits.append(sample_id)
        return Shown(sample_id, audit=True)

    def _walked(self, order: SampleIds, seen: Mask) -> Shown | None:
        drawn = set(self.audits)
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            unseen = np.flatnonzero(~seen[block])
            before = block[: unseen[0]] if len(unseen) else block
            self.passed.update(drawn.intersection(before.tolist()))
            if len(unseen):
                return Shown(int(block[unseen[0]]), audit=False)
        return None


@dataclass(frozen=True)
class ErrorsLeft:
    """How many wrong labels are among the images not looked at: between low and high."""

    low: int
    high: int
    audited: int  # random images that speak for those
    unseen: int

    def __str__(self) -> str:
        if not self.audited:
            return "errors left: not known before the first random images"
        return (
            f"errors left: {self.low:,} to {self.high:,} (95%, from {self.audited} random images)"
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
        return ErrorsLeft(0, unseen, audited, unseen)
    population = audited + unseen
    # Without replacement the variance falls by the share that is unseen.
    low, high = wilson(wrong, audited, _Z_SPENT * math.sqrt(unseen / (population - 1)))
    return ErrorsLeft(
        low=min(unseen, max(0, math.floor(low * population) - wrong)),
        high=max(0, min(unseen, math.ceil(high * population) - wrong)),
        audited=audited,
        unseen=unseen,
    )
