"""Relative Mahalanobis distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score

from models.scoring.mahalanobis import RelativeMahalanobis


def classes(seed: int, n: int = 300, d: int = 6, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % k).astype(np.int32)
    centres = rng.normal(size=(k, d)) * 4
    return (centres[labels] + rng.normal(size=(n, d))).astype(np.float32), labels


@pytest.mark.parametrize(("n", "d"), [(300, 6), (39, 30), (6, 20)])  # the fewer, the rounder
def test_is_the_difference_of_two_mahalanobis_distances(n: int, d: int) -> None:
    x, labels = classes(0, n, d)
    others = classes(1, n, d)[0]
    means = np.stack([x[labels == c].mean(axis=0) for c in range(3)]).astype(np.float64)
    shared = LedoitWolf(assume_centered=True).fit(x - means[labels])
    overall = LedoitWolf().fit(x.astype(np.float64))
    uncertain = n / (n + 3)  # each class has n / 3 images
    to_class = np.min([shared.mahalanobis(others - mean) * uncertain for mean in means], axis=0)
    ours = RelativeMahalanobis(x, labels).score(others, np.full(n, -1, np.int32))
    np.testing.assert_allclose(ours, to_class - overall.mahalanobis(others), rtol=1e-3, atol=1e-3)


def test_strangers_between_the_classes_stand_out() -> None:
    x, labels = classes(2)
    strangers = np.random.default_rng(0).normal(size=(100, 6)).astype(np.float32)
    detector = RelativeMahalanobis(x, labels)
    scores = np.concatenate(
        [detector.score(x, labels), detector.score(strangers, np.full(100, -1, np.int32))]
    )
    assert roc_auc_score(np.arange(400) >= 300, scores) > 0.95


def test_images_of_tiny_classes_gain_nothing_from_having_made_their_mean() -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(100), 3).astype(np.int32)
    centres = rng.normal(size=(100, 10)) * 3
    x = (centres[labels] + rng.normal(size=(300, 10))).astype(np.float32)
    unseen = (centres[labels] + rng.normal(size=(300, 10))).astype(np.float32)
    detector = RelativeMahalanobis(x, labels)
    seen = detector.score(x, labels)
    fresh = detector.score(unseen, np.full(300, -1, np.int32))
    assert seen.mean() == pytest.approx(fresh.mean(), abs=1.5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_000))
def test_order_of_images_and_names_of_classes_do_not_matter(seed: int) -> None:
    x, labels = classes(seed, 60)
    order, names = np.random.default_rng(seed).permutation(60), np.array([7, 0, 3], np.int32)
    plain = RelativeMahalanobis(x, labels).score(x, labels)
    renamed = names[labels[order]]
    moved = RelativeMahalanobis(x[order], renamed).score(x[order], renamed)
    np.testing.assert_allclose(moved, plain[order], rtol=1e-3, atol=1e-3)


def test_copies_of_an_image_score_alike() -> None:
    x, labels = (np.concatenate([part, part]) for part in classes(4, 60))
    scores = RelativeMahalanobis(x, labels).score(x, labels)
    np.testing.assert_allclose(scores[:60], scores[60:], rtol=1e-5)


@pytest.mark.parametrize("labels", [np.arange(4), np.zeros(4)])
def test_one_image_a_class_one_class_and_constant_features(labels: np.ndarray) -> None:
    x = np.random.default_rng(5).normal(size=(4, 5)).astype(np.float32)
    for embedding in (x, np.ones_like(x)):
        detector = RelativeMahalanobis(embedding, labels.astype(np.int32))
        assert np.isfinite(detector.score(embedding, labels.astype(np.int32))).all()


def test_wrong_input_is_refused() -> None:
    x, labels = classes(6)
    detector = RelativeMahalanobis(x, labels)
    with pytest.raises(ValueError, match="disagree"):
        RelativeMahalanobis(x, labels[:-1])
    with pytest.raises(ValueError, match="missing"):
        RelativeMahalanobis(x, labels - 1)
    with pytest.raises(ValueError, match="disagree"):
        detector.score(x, labels[:-1])
    x[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        detector.score(x, labels)
