"""Scores of a label from stored probabilities."""

from __future__ import annotations

import time

import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.rescore import judged, log_odds, most_likely, rescore
from models.types import LabelVector, Probs


def some_probs(seed: int, n: int, k: int, sharpness: float = 3.0) -> tuple[Probs, LabelVector]:
    rng = np.random.default_rng(seed)
    logits = sharpness * rng.normal(size=(n, k))
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    return probs.astype(np.float32), rng.integers(0, k, n).astype(np.int32)


def diagonal(k: int, right: float = 0.9) -> Probs:
    transition = np.full((k, k), (1 - right) / (k - 1), np.float32)
    np.fill_diagonal(transition, right)
    return transition


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(2, 12))
def test_scores_stay_in_their_ranges(seed: int, n: int, k: int) -> None:
    probs, labels = some_probs(seed, n, k)
    scores = rescore(probs, diagonal(k), labels)
    for name in ("suspicion", "margin", "confidence"):
        assert (scores[name] >= 0).all()
        assert (scores[name] <= 1).all()
    assert (scores["loss"] >= 0).all()
    assert all(values.dtype == np.float32 for values in scores.values())


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_renaming_the_classes_changes_no_score(seed: int, k: int) -> None:
    probs, labels = some_probs(seed, 20, k)
    renamed = np.random.default_rng(seed).permutation(k)
    transition, _ = some_probs(seed + 1, k, k)
    moved_probs, moved_transition = np.empty_like(probs), np.empty_like(transition)
    moved_probs[:, renamed] = probs
    moved_transition[np.ix_(renamed, renamed)] = transition
    before = rescore(probs, transition, labels)
    after = rescore(moved_probs, moved_transition, renamed[labels].astype(np.int32))
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, rtol=1e-5, atol=1e-6)


def test_a_less_likely_label_is_more_suspect() -> None:
    probs = np.array([[p, 1 - p] for p in (0.9, 0.7, 0.5, 0.3, 0.1)], np.float32)
    scores = rescore(probs, diagonal(2), np.zeros(5, np.int32))
    for name in ("suspicion", "loss", "margin"):
        assert (np.diff(scores[name]) > 0).all(), name
    assert scores["margin"][2] == pytest.approx(0.5)


def test_the_most_suspect_are_not_tied_by_float32() -> None:
    own = np.geomspace(1e-5, 1e-2, 500)
    probs = np.stack([own, 1 - own], axis=1).astype(np.float32)
    suspicion = rescore(probs, diagonal(2, 0.99), np.zeros(500, np.int32))["suspicion"]
    assert (np.diff(suspicion) < 0).all()
    assert suspicion.max() <= 1


def test_loss_and_margin_rank_as_cleanlab_does() -> None:
    probs, labels = some_probs(3, 500, 6)
    scores = rescore(probs, diagonal(6), labels)
    self_confidence = get_label_quality_scores(
        labels, probs, method="self_confidence", adjust_pred_probs=False
    )
    margin = get_label_quality_scores(
        labels, probs, method="normalized_margin", adjust_pred_probs=False
    )
    np.testing.assert_allclose(np.exp(-scores["loss"]), self_confidence, rtol=1e-4)
    np.testing.assert_allclose(1 - scores["margin"], margin, atol=1e-6)


def test_what_has_no_score_is_nan() -> None:
    probs, _ = some_probs(0, 4, 3)
    probs[1] = np.nan
    scores = rescore(probs, diagonal(3), np.array([0, 0, -1, 3], np.int32))
    assert np.isnan(scores["suspicion"]).tolist() == [False, True, True, True]
    assert np.isnan(scores["confidence"]).tolist() == [False, True, False, False]


def test_a_run_without_classes_scores_nothing() -> None:
    scores = rescore(np.empty((2, 0), np.float32), np.empty((0, 0)), np.array([-1, 0], np.int32))
    assert np.isnan([scores["suspicion"], scores["confidence"]]).all()
    assert most_likely(np.empty((2, 0), np.float32)).tolist() == [-1, -1]


def test_between_two_classes_it_is_the_probability_that_the_label_is_wrong() -> None:
    probs, labels = np.array([[0.6, 0.4]], np.float32), np.zeros(1, np.int32)
    prior = np.array([[0.9, 0.1], [0.3, 0.7]], np.float32)
    suspicion = rescore(probs, prior, labels)["suspicion"]
    assert suspicion == pytest.approx(0.4 * 0.3 / (0.4 * 0.3 + 0.6 * 0.9))


def test_the_more_other_classes_there_are_the_nearer_it_is_to_a_half() -> None:
    probs = np.array([[0.6, 0.4, 0.0], [0.54, 0.36, 0.1], [0.42, 0.28, 0.3]], np.float32)
    suspicion = rescore(probs, np.ones((3, 3), np.float32), np.ones(3, np.int32))["suspicion"]
    assert (np.diff(suspicion) < 0).all()
    assert suspicion.min() > 0.5


def test_noise_can_speak_for_a_less_probable_class() -> None:
    probs, labels = np.array([[0.6, 0.36, 0.04]], np.float32), np.array([1], np.int32)
    astray = np.ones((3, 3), np.float32)
    assert judged(probs, astray, labels)[1] == 0
    astray[0, 1] = 0.09  # the best other class is seldom labelled so
    assert judged(probs, astray, labels)[1] == 1
    assert rescore(probs, astray, labels)["suspicion"] < 0.5


def test_where_all_classes_are_one_no_label_is_suspect() -> None:
    probs, labels = np.array([[1, 0]], np.float32), np.zeros(1, np.int32)
    prior = np.array([[1, 0], [0, 0]], np.float32)
    assert rescore(probs, prior, labels)["suspicion"] == 0
    assert -1e3 < log_odds(probs, prior, labels)[0] < -100


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_log_odds_order_as_the_suspicion_does(seed: int, k: int) -> None:
    probs, labels = some_probs(seed, 40, k)
    prior, _ = some_probs(seed + 1, k, k)
    odds, suspicion = log_odds(probs, prior, labels), rescore(probs, prior, labels)["suspicion"]
    assert (np.diff(suspicion[np.argsort(odds)]) >= -1e-6).all()
    unsqueezed = suspicion < 0.99
    chance = 1 / (1 + np.exp(-odds[unsqueezed]))
    np.testing.assert_allclose(suspicion[unsqueezed], chance, atol=1e-5)


def test_suggestion_weighs_the_label_and_the_noise() -> None:
    probs = np.array([[0.55, 0.45, 0.0], [0.02, 0.97, 0.01], [0.2, 0.3, 0.5]], np.float32)
    rarely_wrong = diagonal(3, 0.9)
    labels = np.array([1, 0, -1], np.int32)
    assert judged(probs, rarely_wrong, labels)[1].tolist() == [1, 1, 2]


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_another_class_is_suggested_just_where_the_label_is_more_likely_wrong(
    seed: int, k: int
) -> None:
    probs, labels = some_probs(seed, 30, k, sharpness=1.0)
    prior, _ = some_probs(seed + 1, k, k)
    scores, suggested = judged(probs, prior, labels)
    np.testing.assert_array_equal(suggested != labels, scores["suspicion"] > 0.5)


def test_a_handful_of_images_takes_less_than_a_millisecond() -> None:
    probs, labels = some_probs(0, 8, 10)
    transition = diagonal(10)
    took = []
    for _ in range(200):
        began = time.perf_counter()
        rescore(probs, transition, labels)
        took.append(time.perf_counter() - began)
    assert min(took) < 1e-3
