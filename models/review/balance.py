"""Counts samples by class and split, and says how even the classes are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector, SampleIds, StatusVector


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
