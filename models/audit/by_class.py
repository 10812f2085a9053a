"""Each class against the others of the same splits, so that what differs by split says nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.audit.traces import Floats, teeth
from models.review.association import Contrast
from models.types import LabelVector, Mask, SampleIds

_Z95 = 1.959964
_NO_ACCIDENT = 0.4  # correlation of the combs of two halves of a class
_STANDING, _OUT = 4, 0.12  # values that must stand out in both, and how far
_LEAST_VARIANCE = 0.5  # over the number of images: some that are all alike may be so by chance


@dataclass(frozen=True)
class Grouping:
    """m images by class and by split."""

    classes: LabelVector  # (m,) in [0, k)
    splits: NDArray[np.uint8]  # (m,)
    k: int
    n_splits: int

    @property
    def cells(self) -> NDArray[np.int64]:
        """(m,) class and split as one number."""
        return self.classes.astype(np.int64) * self.n_splits + self.splits

    def sums(self, values: NDArray[np.generic] | None = None) -> Floats:
        """Sum of a number over each class and split; how many there are without one. (k, s)"""
        weights = None if values is None else values.astype(np.float64)
        size = self.k * self.n_splits
        summed = np.bincount(self.cells, weights, size).reshape(self.k, self.n_splits)
        return summed.astype(np.float64)


@dataclass(frozen=True)
class Difference:
    """Mean of each class less that of the others, (k,) each; NaN where one is missing."""

    own: Floats
    rest: Floats
    low: Floats  # 95% interval of the difference
    high: Floats

    @property
    def size(self) -> Floats:
        """How far the classes surely are from the others, with its sign; 0 if that is unsure."""
        found = np.where(self.low > 0, self.low, np.where(self.high < 0, self.high, 0.0))
        return np.nan_to_num(found)


def difference(values: NDArray[np.generic], of: Grouping, left: Mask) -> Difference:
    """Compare a number in [0, 1] between each class and the others of those `left` (k,).

    The others count in each split for as much as the class has of its images there.
    """
    n, total, squares = of.sums(), of.sums(values), of.sums(values.astype(np.float64) ** 2)
    n_rest, rest, rest_squares = (_others(x, left) for x in (n, total, squares))
    weight = np.where((n > 0) & (n_rest > 0), n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = weight / weight.sum(axis=1, keepdims=True)
    own_mean, own_spread = _moments(n, total, squares)
    rest_mean, rest_spread = _moments(n_rest, rest, rest_squares)
    own, other = (weight * own_mean).sum(axis=1), (weight * rest_mean).sum(axis=1)
    reach = _Z95 * np.sqrt((weight**2 * (own_spread + rest_spread)).sum(axis=1))
    unknown = ~left
    own[unknown] = np.nan
    return Difference(own, other, own - other - reach, own - other + reach)


def combs(counts: NDArray[np.int64], left: Mask) -> Floats:
    """How far values stand out of their neighbours in each class, other than in the rest.

    Parameters
    ----------
    counts : int64 (2, k, s, 256)
        Of values, in two halves of the images of each class and split.

    Returns
    -------
    float64 (k,)
        In [0, 2]; 0 where the two halves do not agree, so that it may be an accident.
    """
    apart, roughness = _combs_of_halves(counts, left)
    product = apart[0] * apart[1]
    together = product.mean(axis=1)
    each = np.sqrt((apart**2).mean(axis=2).prod(axis=0))
    out = (np.abs(apart).min(axis=0) > _OUT) & (product > 0)
    certain = (together > _NO_ACCIDENT * each) & (out.sum(axis=1) >= _STANDING)
    # Of two classes either is as far from the other; the rougher one is more likely the odd one.
    return np.where(certain, np.sqrt(np.maximum(together, 0)) * (1 + roughness), 0.0)


def _combs_of_halves(counts: NDArray[np.int64], left: Mask) -> tuple[Floats, Floats]:
    """Teeth of each class less those of the others (2, k, 252), and how rough its own are (k,)."""
    pixels = counts.sum(axis=3, dtype=np.float64)
    others = _others(counts.astype(np.float64), left, axis=1)
    n_others = others.sum(axis=3)
    shared = (pixels > 0) & (n_others > 0)
    n = np.where(shared, pixels, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = (counts * shared[..., np.newaxis]).sum(axis=2) / n.sum(axis=2)[..., np.newaxis]
        weight = n / n.sum(axis=2, keepdims=True)
        per_pixel = np.where(n_others > 0, weight / n_others, 0.0)
    rest = (others * per_pixel[..., np.newaxis]).sum(axis=2)
    ours = np.nan_to_num(teeth(own, n.sum(axis=2)))
    # What is too rare to be judged in the class is so in the others, though they have more pixels.
    apart = np.nan_to_num(ours - teeth(rest, n.sum(axis=2)))
    apart[:, ~left] = 0
    return apart, np.sqrt((ours**2).mean(axis=(0, 2)))


def surely_off(contrast: Contrast) -> Floats:
    """How far the area under the ROC curve surely is from 0.5, with its sign. (k,)"""
    low, high = contrast.low - 0.5, contrast.high - 0.5
    return np.nan_to_num(np.where(low > 0, low, np.where(high < 0, high, 0.0)))


def one_after_another(score: Callable[[Mask], Floats], k: int, least: float) -> Sequence[int]:
    """Classes that stand out by at least so much, the farthest first; each is left out of the
    others once it is found, for among them it makes the rest look odd."""
    left = np.ones(k, bool)
    found: list[int] = []
    while left.sum() > 1:
        scores = np.where(left, score(left), 0.0)
        best = int(np.abs(scores).argmax())
        if not abs(scores[best]) >= least:
            break
        found.append(best)
        left[best] = False
    return found


def spread_evenly(ids: SampleIds, classes: LabelVector, each: int, seed: int) -> SampleIds:
    """At most so many of each class, drawn at random, in ascending order."""
    drawn = np.random.default_rng(seed).permutation(len(ids))
    drawn = drawn[np.argsort(classes[drawn], kind="stable")]
    of = classes[drawn]
    kept: SampleIds = ids[drawn[np.arange(len(of)) - np.searchsorted(of, of) < each]]
    return np.sort(kept)


def _others(cells: Floats, left: Mask, axis: int = 0) -> Floats:
    """Of each class the sum over the others that are left."""
    shape = [1] * cells.ndim
    shape[axis] = -1
    kept = cells * left.reshape(shape)
    others: Floats = kept.sum(axis=axis, keepdims=True) - kept
    return others


def _moments(n: Floats, total: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Mean, and the variance of that mean."""
    mean = total / np.maximum(n, 1)
    variance = np.maximum(squares / np.maximum(n, 1) - mean**2, 0)
    return mean, (variance + _LEAST_VARIANCE / np.maximum(n, 1)) / np.maximum(n, 1)
