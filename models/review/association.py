"""How far a number differs between groups: the chance that one of the group has the larger."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector

Floats = NDArray[np.float64]

_Z95 = 1.959964
_HALVINGS = 40  # of [0, 1]: the ends of an interval to 1e-12
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


@dataclass(frozen=True)
class Contrast:
    """Of each group against the others. All (k,), NaN where a side is empty.

    `area` is the area under the ROC curve of the number: how often one of the group has the
    larger number, a tie counting half. 0.5 is no difference.
    """

    area: Floats
    low: Floats  # 95% interval
    high: Floats
    p: Floats  # two-sided, of no difference
    n: NDArray[np.int64]  # in the group
    n_rest: NDArray[np.int64]


def one_against_rest(values: NDArray[np.float32], codes: LabelVector, k: int) -> Contrast:
    """Compare each group with all others.

    Parameters
    ----------
    values : float32 (n,)
        All finite.
    codes : int32 (n,)
        The group of each, in [0, k).

    References
    ----------
    Mann and Whitney (1947); Newcombe (2006), "Confidence intervals for an effect size measure
    based on the Mann-Whitney statistic. Part 2", method 5.
    """
    _check(values, codes)
    n = np.bincount(codes, minlength=k)
    rest = len(values) - n
    order = np.argsort(values)
    starts, n_tied = _ties(values[order])
    ranked = np.repeat(starts + (n_tied + 1) / 2, n_tied)  # from 1, ties sharing their mean
    sums = np.bincount(codes[order], ranked, minlength=k)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = (sums - n * (n + 1) / 2) / (n * rest)
        no_difference = _under_no_difference(n, rest, n_tied)
    area[(n == 0) | (rest == 0)] = np.nan
    one = np.ones((k, 1))
    return Contrast(
        area,
        *_interval(area, one, n[:, np.newaxis], rest[:, np.newaxis]),
        _p_values(area, no_difference),
        n,
        rest,
    )


def within_strata(
    values: NDArray[np.float32], marked: NDArray[np.bool_], strata: LabelVector, k: int
) -> Contrast:
    """Compare those marked with the others of the same stratum; one group, so (1,).

    What differs between strata says nothing here: each is compared within itself, and counts by
    what it can tell.

    Parameters
    ----------
    values : float32 (n,)
        All finite.
    marked : bool (n,)
    strata : int32 (n,)
        In [0, k).

    References
    ----------
    van Elteren (1960), "On the combination of independent two sample tests of Wilcoxon".
    """
    _check(values, strata)
    n_marked = np.bincount(strata[marked], minlength=k)
    n_all = np.bincount(strata, minlength=k)
    telling = (n_marked > 0) & (n_marked < n_all)
    n, rest = n_marked[telling], (n_all - n_marked)[telling]
    if not len(n):
        nothing = np.full(1, np.nan)
        none = np.zeros(1, np.int64)
        return Contrast(nothing, nothing, nothing, nothing, none, none)
    order, ranked, ties = _ranks_within(values, strata, k)
    of_marked = marked[order]
    sums = np.bincount(strata[order[of_marked]], ranked[of_marked], minlength=k)[telling]
    area = (sums - n * (n + 1) / 2) / (n * rest)
    weight = n * rest / (n + rest + 1)
    weight = weight / weight.sum()
    pooled = np.array([(weight * area).sum()])
    spread = (n + rest + 1 - ties[telling] / ((n + rest) * (n + rest - 1.0))) / (12 * n * rest)
    return Contrast(
        pooled,
        *_interval(pooled, weight[np.newaxis], n[np.newaxis], rest[np.newaxis]),
        _p_values(pooled, np.array([(weight**2 * spread).sum()])),
        np.array([n.sum()]),
        np.array([rest.sum()]),
    )


def holm(p: Floats) -> Floats:
    """p-values that hold for all tests together; NaN where there was no test.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    held = np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested])]
    factors = np.arange(len(order), 0, -1)
    held[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return held


def _check(values: NDArray[np.float32], codes: LabelVector) -> None:
    if len(values) != len(codes):
        raise ValueError("as many numbers as groups are needed")
    if not np.isfinite(values).all():
        raise ValueError("a number is missing")


def _ranks_within(
    values: NDArray[np.float32], strata: LabelVector, k: int
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """An order by stratum and value, the ranks in it, and of each stratum the sum of t^3 - t over
    its ties. (n,), (n,), (k,)"""
    order = np.argsort(values)
    short = strata[order].astype(np.min_scalar_type(k))  # small numbers are sorted in one pass
    order = order[np.argsort(short, kind="stable")]
    of = strata[order]
    starts, n_tied = _ties(values[order], of)
    before = np.concatenate([[0], np.cumsum(np.bincount(strata, minlength=k))])[:-1]
    shared = starts - before[of[starts]] + (n_tied + 1) / 2
    ties: Floats = np.bincount(of[starts], _cubes(n_tied), minlength=k).astype(np.float64)
    return order, np.repeat(shared, n_tied), ties


def _ties(
    ordered: NDArray[np.float32], of: LabelVector | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each run of equal values begins, and how long it is; a run ends with its stratum."""
    new = ordered[1:] != ordered[:-1]
    if of is not None:
        new |= of[1:] != of[:-1]
    starts = np.flatnonzero(np.concatenate([[True], new]))
    return starts, np.diff(starts, append=len(ordered))


def _cubes(n_tied: NDArray[np.int64]) -> Floats:
    """t^3 - t."""
    t = n_tied.astype(np.float64)
    cubed: Floats = t * t * t - t
    return cubed


def _under_no_difference(
    n: NDArray[np.int64], rest: NDArray[np.int64], n_tied: NDArray[np.int64]
) -> Floats:
    """Variance of the area if the group is like the others."""
    total = float(n_tied.sum())
    ties = _cubes(n_tied).sum() / (total * max(total - 1, 1))
    found: Floats = (total + 1 - ties) / (12.0 * n * rest)
    return found


def _p_values(area: Floats, variance: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(area - 0.5) / np.sqrt(variance)
    z[(area == 0.5) & (variance <= 0)] = 0.0  # all numbers are the same
    found: Floats = _erfc(z / math.sqrt(2))
    return found


def _interval(
    area: Floats, weight: Floats, n: NDArray[np.int64], rest: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """The areas that are as far from the one found as their own spread lets it be. (k,) each

    `weight`, `n` and `rest` are (k, s): the area is the weighted mean over s strata.
    """

    def too_far(at: Floats) -> NDArray[np.bool_]:
        with np.errstate(divide="ignore", invalid="ignore"):
            typical = (n + rest) / 2 - 1
            theta = at[:, np.newaxis]
            shape = 1 + typical * ((1 - theta) / (2 - theta) + theta / (1 + theta))
            spread = theta * (1 - theta) * shape / (n * rest)
            variance = (weight**2 * spread).sum(axis=1) / weight.sum(axis=1) ** 2
            far: NDArray[np.bool_] = (at - area) ** 2 > _Z95**2 * variance
        return far

    ends = []
    for outermost in (0.0, 1.0):
        outer, inner = np.full(area.shape, outermost), area.copy()
        for _ in range(_HALVINGS):
            middle = (outer + inner) / 2
            far = too_far(middle)
            outer, inner = np.where(far, middle, outer), np.where(far, inner, middle)
        ends.append(np.where(np.isnan(area), np.nan, outer))
    return ends[0], ends[1]
