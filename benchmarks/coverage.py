"""How often the interval of the errors left holds when a person stops because of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.report import Row
from models.review.intervals import wilson
from models.review.stopping import AuditedQueue, errors_left

_REVIEWS = 400
_FEWEST_AUDITS = 10  # before which nobody stops
_PATIENCE = 0.5  # share of the images after which a person stops anyway


@dataclass(frozen=True)
class Review:
    """A dataset, how well its order tells errors apart, and what a person wants to reach."""

    rate: float  # of wrong labels
    told_apart: float  # standard deviations between the scores of wrong and right labels
    target: int  # errors left that are good enough
    n: int = 3_000

    def holds(self, seed: int) -> bool:
        """Review until the interval ends below the target; whether it then holds the truth."""
        rng = np.random.default_rng(seed)
        wrong = rng.random(self.n) < self.rate
        order = np.argsort(-(rng.normal(size=self.n) + self.told_apart * wrong))
        seen, queue, holds = np.zeros(self.n, bool), AuditedQueue(seed), True
        while (image := queue.next_image(order, seen)) is not None:
            seen[image.sample_id] = True
            standing = queue.standing()
            if not image.audit or len(queue.audits) < _FEWEST_AUDITS:
                continue
            unseen = int((~seen).sum())
            left = errors_left(int(wrong[standing].sum()), len(standing), unseen)
            holds = left.low <= int(wrong[~seen].sum()) <= left.high
            if left.high <= self.target or unseen < (1 - _PATIENCE) * self.n:
                break
        return holds


REVIEWS = {
    "10% wrong, well ordered": Review(0.1, 2.0, target=60),
    "5% wrong, very well ordered": Review(0.05, 3.0, target=40),
    "2% wrong, in random order": Review(0.02, 0.0, target=60),
    "10% wrong, in random order": Review(0.1, 0.0, target=200),
}


def measure() -> list[Row]:
    """Share of 400 reviews in which the interval held at the moment of stopping."""
    return [_row(name, review) for name, review in REVIEWS.items()]


def _row(name: str, review: Review) -> Row:
    held = sum(review.holds(seed) for seed in range(_REVIEWS))
    what = f"errors left, share of {_REVIEWS} reviews in which it holds: {name}"
    return Row.value_of(what, held / _REVIEWS, "", spread=wilson(held, _REVIEWS), at_least=0.93)
