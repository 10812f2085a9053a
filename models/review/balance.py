"""Counts samples by class and split, and says how even the classes are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.classes import ClassList
from models.review.confusion import is_class
from models.review.query_terms import And, Comparison, Term
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, Scores, StatusVector


def class_counts(
    labels: LabelVector, splits: StatusVector, n_splits: int, n_classes: int
) -> NDArray[np.int64]:
    """Samples of each split and class.

    Parameters
    ----------
    labels : int32 (n,)
        In [-1, n_classes); -1 is no label.
    splits : uint8 (n,)

    Returns
    -------
    int64 (n_splits, n_classes + 1)
        The last column counts those without a label.
    """
    width = n_classes + 1
    codes = np.where(labels < 0, n_classes, labels) + splits.astype(np.int64) * width
    return np.bincount(codes, minlength=n_splits * width).reshape(n_splits, width)


@dataclass(frozen=True)
class Balance:
    """The largest and the smallest class that has samples, by code, and how they compare."""

    largest: int
    smallest: int
    ratio: float  # 1 = all alike
    empty: tuple[int, ...]  # classes without a sample


def balance(totals: SampleIds) -> Balance | None:
    """How even classes are. `totals`: samples of each class, (k,); None if there are none."""
    filled = np.flatnonzero(totals)
    if not len(filled):
        return None
    largest = int(totals.argmax())
    smallest = int(filled[totals[filled].argmin()])
    empty = tuple(np.flatnonzero(totals == 0).tolist())
    return Balance(largest, smallest, float(totals[largest] / totals[smallest]), empty)


def in_bar(values: Scores, bar: int, low: float, high: float, n_bars: int) -> Mask:
    """Which values np.histogram counts in one of its equal bars, (m,)."""
    known = np.isfinite(values)
    found: Mask = np.zeros(len(values), np.bool_)
    inside = values[known].clip(low, high)
    edges = np.histogram_bin_edges(inside, n_bars, (low, high))
    above, below = inside >= edges[bar], inside < edges[bar + 1]
    found[known] = above & (below | (bar == n_bars - 1))
    return found


@dataclass(frozen=True)
class ClassCounts:
    """Samples of each split and class, by the labels as given and as they stand now."""

    codes: tuple[int, ...]  # the classes that stand; at last UNLABELLED if there are any such
    given: NDArray[np.int64]  # (splits, codes)
    now: NDArray[np.int64]  # (splits, codes)


def counted_twice(
    given: LabelVector,
    now: LabelVector,
    splits: StatusVector,
    n_splits: int,
    classes: ClassList,
) -> ClassCounts:
    """Count both; what was given a class that was merged since counts for the other one."""
    codes, k = list(classes.offered()), len(classes.names)
    both = [class_counts(classes.standing(labels), splits, n_splits, k) for labels in (given, now)]
    if any(counts[:, k].any() for counts in both):
        codes.append(UNLABELLED)  # the last column
    before, after = (counts[:, codes] for counts in both)
    return ClassCounts(tuple(codes), before, after)


def given_query(code: int, split: str | None, classes: ClassList) -> str:
    """The query for the images that were given a class, in one split or in all of them."""
    unlabelled = Comparison("given", "==", None)
    terms: list[Term] = [unlabelled if code < 0 else is_class("given", code, classes)]
    if split is not None:
        terms.append(Comparison("split", "==", split))
    return And(tuple(terms)).text
