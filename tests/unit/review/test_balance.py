"""Counts by class and split, and how even they are."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.review.balance import balance, class_counts, counted_twice, given_query, in_bar
from models.review.classes import ClassChange, ClassList
from models.types import Scores


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


def test_what_was_given_and_what_stands_now_are_counted_beside_each_other() -> None:
    classes = ClassList.of(("ant", "bee", "wasp")).after(ClassChange(merged=(2,), into=1))
    before, now = np.array([0, 2, 1, -1], np.int32), np.array([0, 1, 0, -1], np.int32)
    found = counted_twice(before, now, np.array([0, 0, 1, 1], np.uint8), 2, classes)
    assert found.codes == (0, 1, -1)
    assert found.given.tolist() == [[1, 1, 0], [0, 1, 1]]
    assert found.now.tolist() == [[1, 1, 0], [1, 0, 1]]


def test_the_images_that_were_given_a_class_are_a_query() -> None:
    classes = ClassList.of(("ant", "bee", "wasp")).after(ClassChange(merged=(2,), into=1))
    assert given_query(0, None, classes) == 'given == "ant"'
    assert given_query(1, "test", classes) == 'given in ("bee", "wasp") and split == "test"'
    assert given_query(-1, None, classes) == "given == none"


@given(
    arrays.arrays(np.float32, st.integers(1, 30), elements=st.floats(-9, 9, width=32)),
    st.integers(1, 12),
)
@settings(deadline=None, max_examples=60)
def test_a_bar_holds_the_values_that_numpy_counts_in_it(values: Scores, n_bars: int) -> None:
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1
    counts = np.histogram(values.clip(low, high), n_bars, (low, high))[0]
    some = np.append(values, np.float32(np.nan))
    assert [in_bar(some, bar, low, high, n_bars).sum() for bar in range(n_bars)] == counts.tolist()
