"""Counts by class and split, and how even they are."""

from __future__ import annotations

import numpy as np

from models.review.balance import balance, class_counts


def test_counts_by_split_and_class_the_unlabelled_last() -> None:
    labels = np.array([0, 2, 2, -1, 1, -1], np.int32)
    splits = np.array([0, 0, 0, 0, 1, 1], np.uint8)
    assert class_counts(labels, splits, 2, 3).tolist() == [[1, 0, 2, 1], [0, 1, 0, 1]]


def test_balance_leaves_empty_classes_out_of_the_ratio() -> None:
    found = balance(np.array([4, 0, 12, 3]))
    assert found is not None
    assert (found.largest, found.smallest, found.ratio, found.empty) == (2, 3, 4.0, (1,))


def test_no_labels_no_balance() -> None:
    assert balance(np.zeros(3, np.int64)) is None
