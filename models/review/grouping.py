"""Groups of the images that are shown: one class, one confusion, one set of copies, one split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.columns import Columns
from models.review.copies import NO_COPY
from models.review.queues import decided
from models.types import UNLABELLED, SampleIds, StatusVector

CLASS, PAIR, COPIES, SPLIT = "class", "pair", "copies", "split"
GROUP_KEYS = (CLASS, PAIR, COPIES, SPLIT)
LARGEST_FIRST = frozenset({PAIR, COPIES})
AGREED, UNPREDICTED = -2, -3  # instead of a pair: given is predicted, nothing is predicted

_LAST = 1 << 62  # what belongs to no group of its kind comes after all others


@dataclass(frozen=True)
class Groups:
    """What the rows of an order fall into, first to last; arrays of length g, none empty.

    `codes` name a group: a class, a given and a predicted class, the first image of a set of
    copies, a split; the second column is for pairs. UNLABELLED and NO_COPY are groups too.
    """

    by: str
    starts: SampleIds  # first row of each
    sizes: SampleIds
    codes: NDArray[np.int64]  # (g, 2)
    decided: SampleIds  # how many images of each need no further decision

    def __len__(self) -> int:
        return len(self.starts)

    def of_row(self, row: int) -> int:
        """The group that a row is in."""
        return int(np.searchsorted(self.starts, row, "right")) - 1

    def span(self, group: int) -> tuple[int, int]:
        """Its first row and the one past its last."""
        first = int(self.starts[group])
        return first, first + int(self.sizes[group])


def group(rows: SampleIds, by: str, columns: Columns) -> tuple[SampleIds, Groups]:
    """Put the rows of an order into groups; within each they keep their order.

    Classes and splits come in their own order, pairs and sets of copies the largest first.
    Images of no pair, no set or no class come last.
    """
    numbers = _numbers(by, columns)[rows]
    found, at, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    order = np.arange(len(found))
    if by in LARGEST_FIRST:
        order = np.lexsort((found, -sizes, np.maximum(found, _LAST - 1)))
    rank = np.empty(len(found), np.min_scalar_type(len(found)))  # few groups sort by radix
    rank[order] = np.arange(len(found))
    rows = rows[np.argsort(rank[at], kind="stable")]
    sizes = sizes[order]
    starts = np.cumsum(sizes) - sizes
    codes = _codes(by, found[order], columns)
    return rows, Groups(by, starts, sizes, codes, decided_of(rows, starts, columns.status))


def decided_of(rows: SampleIds, starts: SampleIds, status: StatusVector) -> SampleIds:
    """How many rows of each group need no further decision. (g,)"""
    if not len(starts):
        return np.empty(0, np.int64)
    done: SampleIds = np.add.reduceat(decided(status)[rows], starts, dtype=np.int64)
    return done


def _numbers(by: str, columns: Columns) -> NDArray[np.int64]:
    """A number for each image that is the same within a group. (n,)"""
    n = len(columns.labels)
    if by == SPLIT:
        return columns.splits.astype(np.int64)
    if by == COPIES:
        return _or_last(columns.copy_group, NO_COPY, n)
    if by == CLASS:
        return _or_last(columns.labels, UNLABELLED, n)
    given = _whole(columns.given, n)
    predicted = _whole(columns.predicted, n)
    numbers: NDArray[np.int64] = (given + 1) * _n_codes(columns) + predicted
    numbers[predicted == given] = _LAST
    numbers[predicted == UNLABELLED] = _LAST + 1
    return numbers


def _codes(by: str, numbers: NDArray[np.int64], columns: Columns) -> NDArray[np.int64]:
    """What the numbers stand for. (g, 2)"""
    if by == PAIR:
        given, predicted = np.divmod(numbers, _n_codes(columns))
        codes = np.stack([given - 1, predicted], axis=1)
        codes[numbers == _LAST] = AGREED
        codes[numbers == _LAST + 1] = UNPREDICTED
        return codes
    none = NO_COPY if by == COPIES else UNLABELLED
    codes = np.where(numbers == _LAST, none, numbers)
    return np.stack([codes, codes], axis=1)


def _n_codes(columns: Columns) -> int:
    return int(max(columns.predicted.max(initial=0), 0)) + 1


def _or_last(codes: NDArray[np.int32], none: int, n: int) -> NDArray[np.int64]:
    whole = _whole(codes, n)
    return np.where(whole == none, np.int64(_LAST), whole)


def _whole(codes: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """Columns of a run are empty while there is none."""
    return codes.astype(np.int64) if len(codes) == n else np.full(n, -1, np.int64)
