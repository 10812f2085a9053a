"""Puts classes in an order that shows which of them are confused with which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def confused_together(shares: NDArray[np.floating]) -> NDArray[np.int64]:
    """An order of classes in which those that are confused with one another are neighbours.

    `shares`: (k, k) how much of each row's class is taken for each column's. Returns (k,) int64.

    Average-linkage clustering of the rates in both directions, found along chains of nearest
    neighbours; where two clusters are joined, those of their ends meet that are confused most.
    Classes that no image is of or looks like come last.

    References
    ----------
    Murtagh (1983), "A survey of recent advances in hierarchical clustering algorithms".
    """
    in_use = np.flatnonzero(shares.any(axis=0) | shares.any(axis=1))
    unused = np.setdiff1d(np.arange(len(shares)), in_use)
    known = shares[np.ix_(in_use, in_use)].astype(np.float64)
    order = in_use[_seriated(known + known.T)]
    return np.concatenate([order, unused])


def _seriated(likeness: NDArray[np.float64]) -> list[int]:
    """Leaves of the clustering, ends matched; `likeness` is symmetric. O(k^2)."""
    k = len(likeness)
    ends_alike, between = likeness, likeness.copy()
    np.fill_diagonal(between, -np.inf)  # so is all that was merged away
    runs = [[place] for place in range(k)]
    alive, chain = np.ones(k, np.bool_), list[int]()
    for _ in range(k - 1):
        if not chain:
            chain.append(int(alive.argmax()))
        one, other = _nearest_pair(between, chain)
        sizes = len(runs[one]), len(runs[other])
        joined = (sizes[0] * between[one] + sizes[1] * between[other]) / sum(sizes)
        joined[[one, other]] = -np.inf
        between[one], between[:, one] = joined, joined
        between[other], between[:, other] = -np.inf, -np.inf
        alive[other] = False
        runs[one] = _joined(runs[one], runs[other], ends_alike)
    order = runs[int(alive.argmax())] if k else []
    return order if not order or order[0] < order[-1] else order[::-1]


def _nearest_pair(between: NDArray[np.float64], chain: list[int]) -> tuple[int, int]:
    """Follow nearest neighbours until two are each other's; both leave the chain."""
    while True:
        row = between[chain[-1]]
        nearest = int(row.argmax())
        if len(chain) > 1 and row[chain[-2]] >= row[nearest]:
            return chain.pop(), chain.pop()
        chain.append(nearest)


def _joined(one: list[int], other: list[int], likeness: NDArray[np.float64]) -> list[int]:
    """Two runs end to end, turned so that the ends most alike meet."""
    turns = [(a, b) for a in (one, one[::-1]) for b in (other, other[::-1])]
    first, second = max(turns, key=lambda turn: likeness[turn[0][-1], turn[1][0]])
    return first + second
