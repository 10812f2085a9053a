"""Groups of the images that are shown: by class, confusion, set of copies, split or cluster."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.columns import Columns
from models.review.copies import NO_COPY, joined
from models.review.queues import decided
from models.types import UNLABELLED, LabelVector, SampleIds, Scores, StatusVector

CLASS, PAIR, COPIES, SPLIT, CLUSTER = "class", "pair", "copies", "split", "cluster"
GROUP_KEYS = (CLASS, PAIR, COPIES, SPLIT, CLUSTER)
LARGEST_FIRST = frozenset({PAIR, COPIES})
AGREED, UNPREDICTED = -2, -3  # instead of a pair: given is predicted, nothing is predicted

NO_CLUSTER = 0
PER_CLASS = (1, 2, 5)  # clusters that can be asked for, few to many
_MOST_CLUSTERS, _LEAST_IMAGES = 2_000, 20  # images in a cluster, on the average

_LAST = 1 << 62  # what belongs to no group of its kind comes after all others


@dataclass(frozen=True)
class Groups:
    """What the rows of an order fall into, first to last; arrays of length g, none empty.

    `codes` name a group: a class, a given and a predicted class, the first image of a set of
    copies and whether some are near copies (0 or 1), a split, a cluster and its most frequent
    label; the second column is for pairs, copies and clusters. UNLABELLED, NO_COPY and NO_CLUSTER
    are groups too.
    """

    by: str
    starts: SampleIds  # first row of each
    sizes: SampleIds
    codes: NDArray[np.int64]  # (g, 2)
    decided: SampleIds  # how many images of each need no further decision
    # Of a cluster's images, those with its most frequent label; empty where others are grouped.
    shares: Scores = field(default_factory=lambda: np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.starts)

    def of_row(self, row: int) -> int:
        """The group that a row is in."""
        return int(np.searchsorted(self.starts, row, "right")) - 1

    def span(self, group: int) -> tuple[int, int]:
        """Its first row and the one past its last."""
        first = int(self.starts[group])
        return first, first + int(self.sizes[group])


def clusters_wanted(per_class: int, n_classes: int, n: int) -> int:
    """About how many clusters a dataset of n images is put into; no label is no class."""
    return max(2, min(per_class * max(n_classes, 5), _MOST_CLUSTERS, n // _LEAST_IMAGES))


def group(
    rows: SampleIds, by: str, columns: Columns, rising: Scores | None = None
) -> tuple[SampleIds, Groups]:
    """Put the rows of an order into groups; within each they keep their order.

    Classes and splits come in their own order, pairs and sets of copies the largest first,
    clusters by the mean of what the rows rise by, (n,), if there is anything, or else the largest
    first. Images of no pair, no set, no class or no cluster come last.
    """
    numbers = _numbers(by, columns)[rows]
    found, at, sizes = np.unique(numbers, return_inverse=True, return_counts=True)
    order = np.arange(len(found))
    if by in LARGEST_FIRST:
        order = np.lexsort((found, -sizes, np.maximum(found, _LAST - 1)))
    elif by == CLUSTER and rising is not None:
        means = _means(rising[rows], at, len(found))
        order = np.lexsort((found, means, found == _LAST))
    rank = np.empty(len(found), np.min_scalar_type(len(found)))  # few groups sort by radix
    rank[order] = np.arange(len(found))
    rows = rows[np.argsort(rank[at], kind="stable")]
    sizes = sizes[order]
    starts = np.cumsum(sizes) - sizes
    codes = _codes(by, found[order], columns)
    groups = Groups(by, starts, sizes, codes, decided_of(rows, starts, columns.status))
    return rows, _with_labels(groups, columns.labels[rows]) if by == CLUSTER else groups


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
        return _or_last(_together(columns), NO_COPY, n)
    if by == CLUSTER:
        return _or_last(np.maximum(_whole(columns.cluster, n), NO_CLUSTER), NO_CLUSTER, n)
    if by == CLASS:
        return _or_last(columns.labels, UNLABELLED, n)
    standing = columns.classes.standing  # what was merged is no confusion
    given = _whole(standing(columns.given), n)
    predicted = _whole(standing(columns.predicted), n)
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
    if by == COPIES:
        codes = np.where(numbers == _LAST, NO_COPY, numbers)
        return np.stack([codes, np.isin(codes, _with_near(columns))], axis=1).astype(np.int64)
    none = {CLUSTER: NO_CLUSTER}.get(by, UNLABELLED)
    codes = np.where(numbers == _LAST, none, numbers)
    return np.stack([codes, codes], axis=1)


def _together(columns: Columns) -> NDArray[np.int64]:
    """Sets of copies, exact ones and, where an audit found any, near ones. (n,)"""
    n = len(columns.labels)
    exact = _whole(columns.copy_group, n).astype(np.int32)
    near = _whole(columns.near_copies, n).astype(np.int32)
    return joined(exact, near).astype(np.int64)


def _with_near(columns: Columns) -> NDArray[np.int64]:
    """Names of the sets in which not all images have the same pixels."""
    together = _together(columns)
    exact = _whole(columns.copy_group, len(together))
    other = (exact == NO_COPY) | (exact != exact[together])
    names: NDArray[np.int64] = together[(together != NO_COPY) & other]
    return names


def _means(values: Scores, at: SampleIds, n_groups: int) -> NDArray[np.float64]:
    """Mean of the finite values in each group, infinity where there is none. (g,)"""
    known = np.isfinite(values)
    numbers = np.bincount(at[known], minlength=n_groups)
    sums = np.bincount(at[known], weights=values[known], minlength=n_groups)
    with np.errstate(invalid="ignore"):
        return np.where(numbers > 0, sums / np.maximum(numbers, 1), np.inf)


def _with_labels(groups: Groups, labels: LabelVector) -> Groups:
    """The same groups, with the most frequent label in each. `labels` by row, (rows,)"""
    width = int(labels.max(initial=UNLABELLED)) + 2  # UNLABELLED is -1
    of_rows = np.repeat(np.arange(len(groups)), groups.sizes)
    cells = np.bincount(of_rows * width + labels + 1, minlength=len(groups) * width)
    counts = cells.reshape(len(groups), width)
    codes = np.stack([groups.codes[:, 0], counts.argmax(axis=1) - 1], axis=1)
    shares = (counts.max(axis=1, initial=0) / np.maximum(groups.sizes, 1)).astype(np.float32)
    return replace(groups, codes=codes, shares=shares)


def _n_codes(columns: Columns) -> int:
    return max(int(columns.predicted.max(initial=0)) + 1, len(columns.classes.names), 1)


def _or_last(codes: NDArray[Any], none: int, n: int) -> NDArray[np.int64]:
    whole = _whole(codes, n)
    return np.where(whole == none, np.int64(_LAST), whole)


def _whole(codes: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Columns of a run are empty while there is none."""
    return codes.astype(np.int64) if len(codes) == n else np.full(n, -1, np.int64)
