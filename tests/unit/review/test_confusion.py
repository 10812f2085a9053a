"""The confusion matrix counts what is there, whatever the classes are called."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from models.review.classes import ClassChange, ClassList
from models.review.columns import Columns
from models.review.confusion import (
    N_SHADES,
    Cell,
    MatrixAsked,
    confusion,
    matrix,
    most_confused,
    query_for,
    rates,
    shades,
)
from models.review.decisions import Status
from models.review.intervals import wilson
from models.review.ordering import Filters, filtered

K = 5
codes = st.integers(-1, K - 1)
labelled = st.lists(st.tuples(codes, codes), max_size=60)


def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, np.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@settings(max_examples=40, deadline=None)
@given(labelled)
def test_it_counts_as_scikit_learn_does(pairs):
    labels, predicted = columns(pairs)
    known = (labels >= 0) & (predicted >= 0)
    counts, n_unscored = confusion(labels, predicted, K)
    if known.any():
        expected = confusion_matrix(labels[known], predicted[known], labels=range(K))
        np.testing.assert_array_equal(counts, expected)
    assert counts.sum() + n_unscored == np.count_nonzero(labels >= 0)


@settings(max_examples=40, deadline=None)
@given(labelled, st.permutations(range(K)))
def test_other_codes_for_the_classes_move_rows_and_columns_alike(pairs, new):
    labels, predicted = columns(pairs)
    renamed = np.array([*new, -1], np.int32)
    counts, _ = confusion(labels, predicted, K)
    moved, _ = confusion(renamed[labels], renamed[predicted], K)
    np.testing.assert_array_equal(moved[np.ix_(new, new)], counts)


@settings(max_examples=40, deadline=None)
@given(labelled)
def test_labels_and_predictions_exchanged_transpose_it(pairs):
    labels, predicted = columns(pairs)
    counts, _ = confusion(labels, predicted, K)
    exchanged, _ = confusion(predicted, labels, K)
    np.testing.assert_array_equal(exchanged, counts.T)


@settings(max_examples=30, deadline=None)
@given(labelled)
def test_each_row_of_rates_is_a_whole_or_nothing(pairs):
    counts, _ = confusion(*columns(pairs), K)
    sums = rates(counts).sum(axis=1)
    np.testing.assert_allclose(sums, counts.any(axis=1), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(labelled, st.booleans())
def test_pairs_are_ranked_and_complete(pairs, by_rate):
    counts, _ = confusion(*columns(pairs), K)
    ranked = most_confused(counts, by_rate=by_rate)
    off = counts - np.diag(np.diagonal(counts))
    assert sum(pair.count for pair in ranked) == off.sum()
    assert all(pair.count == counts[pair.label, pair.predicted] for pair in ranked)
    keys = [pair.interval[0] if by_rate else pair.count for pair in ranked]
    assert all(a >= b - 1e-9 for a, b in pairwise(keys))


def test_a_pair_knows_its_share_of_the_label_with_an_interval():
    (pair,) = most_confused(np.array([[93, 7], [0, 50]]))
    assert (pair.label, pair.predicted, pair.count) == (0, 1, 7)
    assert pair.rate == pytest.approx(0.07)
    assert pair.interval == wilson(7, 100)


def test_by_rate_one_image_of_one_does_not_lead():
    counts = np.array([[0, 1, 0], [0, 60, 40], [0, 0, 100]])
    assert most_confused(counts)[0].label == 1
    assert most_confused(counts, by_rate=True)[0].label == 1


def test_shades_tell_nothing_from_little_and_the_diagonal_from_the_rest():
    highest, shaded = shades(rates(np.array([[800, 199, 1], [0, 10, 0], [0, 0, 0]])))
    assert highest == pytest.approx(0.199)
    assert shaded[0].tolist() == [N_SHADES + 101, N_SHADES - 1, 10]
    assert shaded[1].tolist() == [0, 2 * N_SHADES - 1, 0]


def asked_of_six(asked: MatrixAsked, status: np.ndarray | None = None, classes=None):
    return matrix(
        asked,
        np.array([0, 0, 1, 1, 2, -1], np.int32),
        np.array([0, 1, 1, 0, -1, 2], np.int32),
        np.zeros(6, np.uint8) if status is None else status,
        np.array([0, 0, 0, 1, 1, 1], np.uint8),
        classes or ClassList.of(("ant", "bee", "cat")),
    )


def test_a_split_is_counted_alone_and_the_unscored_apart():
    assert asked_of_six(MatrixAsked(split=0)).counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    found = asked_of_six(MatrixAsked())
    assert (found.n, found.n_agreeing, found.n_unscored) == (4, 2, 1)


def test_excluded_images_are_not_counted():
    status = np.zeros(6, np.uint8)
    status[1] = Status.EXCLUDED
    assert asked_of_six(MatrixAsked(), status).counts[0].tolist() == [1, 0, 0]


def test_a_merged_class_has_no_row_and_its_images_count_for_the_other():
    merged = ClassList.of(("ant", "bee", "cat"), [ClassChange(merged=(1,), into=0)])
    found = asked_of_six(MatrixAsked(), classes=merged)
    assert found.codes.tolist() == [0, 2]
    assert found.counts.tolist() == [[4, 0], [0, 0]]
    assert found.pairs == ()


rows = st.tuples(codes, codes, codes, st.sampled_from([0, 2, 3]), st.integers(0, 1))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(rows, max_size=40), st.booleans(), st.sampled_from([None, 1]), st.booleans())
def test_the_query_of_a_cell_shows_just_the_images_it_counts(samples, corrected, split, merged):
    labels, given_, predicted, status, splits = np.array(samples, np.int32).reshape(-1, 5).T
    status, splits = status.astype(np.uint8), splits.astype(np.uint8)
    changes = [ClassChange(merged=(4, 2), into=1)] if merged else []
    classes = ClassList.of(('a "b"', "c", "d e", "f\\", "none"), changes)
    of = labels if corrected else given_
    found = matrix(MatrixAsked(corrected, split), of, predicted, status, splits, classes)
    columns = Columns(
        *(labels, status, splits, {}, np.zeros(len(labels), bool), labels),
        given=given_,
        predicted=predicted,
        classes=classes,
        split_names=("train", "test"),
    )

    def shown(label: int | None, class_: int | None) -> int:
        query = query_for(Cell(label, class_), found, classes, ("train", "test"))
        return int(filtered(Filters(query=query), columns).sum())

    codes_ = found.codes.tolist()
    assert [[shown(a, b) for b in codes_] for a in codes_] == found.counts.tolist()
    assert [shown(a, None) for a in codes_] == found.counts.sum(axis=1).tolist()
    assert [shown(None, b) for b in codes_] == found.counts.sum(axis=0).tolist()
