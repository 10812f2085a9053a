"""Queues of images a model is sure of, wavers on, or cannot place."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.count import get_confident_thresholds
from hypothesis import given
from hypothesis import strategies as st

from models.review.queues import Queue
from models.scoring.queues import queues
from models.types import LabelVector, Probs, Scores

Case = tuple[Probs, LabelVector, Scores, Scores]


def some_case(seed: int, n: int = 120, k: int = 4) -> Case:
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.full(k, 0.3), n).astype(np.float32)
    probs[rng.random(n) < 0.05] = np.nan
    labels = np.where(rng.random(n) < 0.7, np.nan_to_num(probs).argmax(1), rng.integers(-1, k, n))
    suspicion = rng.random(n).astype(np.float32)
    anomaly = rng.exponential(size=n).astype(np.float32)
    suspicion[labels < 0] = np.nan
    return probs, labels.astype(np.int32), suspicion, anomaly


def test_an_image_of_each_kind() -> None:
    sure, torn, lost = [0.9, 0.05, 0.05], [0.4, 0.4, 0.2], [0.34, 0.33, 0.33]
    probs = np.array([*[sure] * 20, sure, torn, lost], np.float32)
    labels = np.array([*[0] * 20, 1, 0, 0], np.int32)
    suspicion = np.array([*[0.1] * 20, 0.9, 0.4, 0.4], np.float32)
    anomaly = np.array([*np.linspace(1, 2, 22), 30], np.float32)
    found = queues(probs, labels, suspicion, anomaly)
    assert (found[:20] == Queue.SURE_AND_RIGHT).all()
    assert found[20:].tolist() == [Queue.SURE_AND_WRONG, Queue.UNSURE, Queue.NO_CLASS_FITS]


def test_the_more_undecided_half_is_unsure() -> None:
    ahead = np.linspace(0, 0.2, 9, dtype=np.float32)[:, None]
    probs = np.concatenate([[[0.95, 0.05]] * 20, 0.5 + ahead * [1, -1] / 2]).astype(np.float32)
    found = queues(probs, np.zeros(29, np.int32), *np.full((2, 29), 0.1, np.float32))
    assert np.flatnonzero(found == Queue.UNSURE).tolist() == [20, 21, 22, 23, 24]


def test_sure_of_a_label_that_is_more_likely_wrong_is_neither() -> None:
    suspicion = np.array([0.1, 0.5, 0.6], np.float32)
    same = np.tile(np.array([0.9, 0.1], np.float32), (3, 1))
    found = queues(same, np.zeros(3, np.int32), suspicion, np.ones(3, np.float32))
    assert found.tolist() == [Queue.SURE_AND_RIGHT, Queue.SURE_AND_RIGHT, 0]


def test_strange_is_beyond_the_fence_of_a_box_plot() -> None:
    probs = np.array([*[[0.9, 0.1]] * 98, *[[0.5, 0.5]] * 3], np.float32)
    anomaly = np.append(np.linspace(0, 1, 98), [1.7, 1.8, 9.0]).astype(np.float32)
    low, high = np.quantile(anomaly, [0.25, 0.75])
    found = queues(probs, np.zeros(101, np.int32), np.full(101, 0.1, np.float32), anomaly)
    fits_none = np.flatnonzero(found == Queue.NO_CLASS_FITS)
    assert fits_none.tolist() == np.flatnonzero(anomaly > high + 1.5 * (high - low)).tolist()
    assert 1 < len(fits_none) < 4


@given(st.integers(0, 1_000))
def test_only_scored_images_are_in_a_queue_and_only_labelled_ones_are_wrong_or_right(
    seed: int,
) -> None:
    probs, labels, suspicion, anomaly = some_case(seed)
    found = queues(probs, labels, suspicion, anomaly)
    wrong, right = found == Queue.SURE_AND_WRONG, found == Queue.SURE_AND_RIGHT
    assert not np.isnan(probs[found > 0]).any()
    assert (labels[wrong] >= 0).all()
    assert (labels[wrong] != probs[wrong].argmax(axis=1)).all()
    assert (labels[right] == probs[right].argmax(axis=1)).all()


def test_the_limit_of_a_class_is_that_of_cleanlab() -> None:
    probs, labels, suspicion, anomaly = some_case(1)
    known = (labels >= 0) & ~np.isnan(probs).any(axis=1)
    probs, labels = probs[known], labels[known]
    limits = get_confident_thresholds(labels, probs)
    found = queues(probs, labels, suspicion[known], anomaly[known])
    best = probs.argmax(axis=1)
    sure_of_another = (probs.max(axis=1) >= limits[best]) & (best != labels)
    np.testing.assert_array_equal(found == Queue.SURE_AND_WRONG, sure_of_another)


@given(st.integers(0, 1_000))
def test_order_of_images_and_names_of_classes_do_not_matter(seed: int) -> None:
    probs, labels, suspicion, anomaly = some_case(seed)
    order, names = np.random.default_rng(seed).permutation(120), np.array([2, 3, 0, 1, -1])
    renamed = np.empty_like(probs)
    renamed[:, names[:4]] = probs
    moved = queues(
        renamed[order], names[labels[order]].astype(np.int32), suspicion[order], anomaly[order]
    )
    np.testing.assert_array_equal(moved, queues(probs, labels, suspicion, anomaly)[order])


def test_ties_one_class_and_nothing_at_all() -> None:
    even = np.full((6, 3), 1 / 3, np.float32)
    zeros = np.zeros(6, np.float32)
    found = queues(even, np.zeros(6, np.int32), zeros, zeros)
    assert (found == Queue.SURE_AND_RIGHT).all()
    found = queues(np.ones((6, 1), np.float32), np.zeros(6, np.int32), zeros, zeros)
    assert (found == Queue.SURE_AND_RIGHT).all()
    unknown = np.full(6, np.nan, np.float32)
    found = queues(np.full_like(even, np.nan), np.zeros(6, np.int32), unknown, unknown)
    assert not found.any()


def test_arrays_of_different_images_are_refused() -> None:
    probs, labels, suspicion, anomaly = some_case(3)
    with pytest.raises(ValueError, match="different images"):
        queues(probs, labels[:-1], suspicion, anomaly)
