"""Distance to the nearest neighbours, and what else makes an image strange."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from models.scoring.anomaly import NeighbourDistance, Strangeness
from models.scoring.fused import fused
from models.scoring.mahalanobis import RelativeMahalanobis


def some_embedding(seed: int, n: int = 60, d: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def test_agrees_with_scikit_learn() -> None:
    embedding = some_embedding(0, 200)
    ids = np.arange(200)
    ours = NeighbourDistance(embedding, ids, neighbours=5).score(embedding, ids)
    directions = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    distances, _ = NearestNeighbors(n_neighbors=6).fit(directions).kneighbors(directions)
    np.testing.assert_allclose(ours, distances[:, 1:].mean(axis=1), rtol=1e-3)


def test_a_stranger_is_the_farthest() -> None:
    rng = np.random.default_rng(0)
    crowd = rng.normal(size=(100, 8)) + 10
    embedding = np.concatenate([crowd, -crowd[:1]]).astype(np.float32)
    ids = np.arange(101)
    assert NeighbourDistance(embedding[:100], ids[:100]).score(embedding, ids).argmax() == 100


@pytest.mark.slow
@given(st.integers(0, 1_000))
def test_the_order_of_images_does_not_matter(seed: int) -> None:
    embedding, ids = some_embedding(seed), np.arange(60)
    order = np.random.default_rng(seed).permutation(60)
    plain = NeighbourDistance(embedding, ids).score(embedding, ids)
    moved = NeighbourDistance(embedding[order], ids[order]).score(embedding[order], ids[order])
    np.testing.assert_allclose(moved, plain[order], atol=1e-5)


def test_two_images_are_enough_and_one_is_not() -> None:
    embedding = some_embedding(1, 2)
    assert NeighbourDistance(embedding, np.arange(2)).score(embedding, np.arange(2)).shape == (2,)
    with pytest.raises(ValueError, match="at least 2"):
        NeighbourDistance(embedding[:1], np.arange(1))


def test_nan_is_refused() -> None:
    embedding = some_embedding(0)
    scorer = NeighbourDistance(embedding, np.arange(60))
    embedding[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        scorer.score(embedding, np.arange(60))


def in_classes(seed: int, n: int = 120, d: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Two crowds with their labels, of which some are missing."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n).astype(np.int32)
    embedding = rng.normal(size=(n, d)) + 6 * np.eye(d)[labels]
    labels[rng.random(n) < 0.2] = -1
    return embedding.astype(np.float32), labels


def strangeness(embedding: np.ndarray, chosen: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    strange = Strangeness(embedding[chosen], chosen, labels)
    for ids in np.array_split(np.arange(len(embedding)), 3):
        strange.look_at(embedding[ids], ids)
    return strange.score()


def test_three_signs_are_fused() -> None:
    embedding, labels = in_classes(2)
    ids = np.arange(120)
    chosen = np.random.default_rng(0).permutation(ids)[:90]
    told = labels[chosen] >= 0
    fitted_as = np.full(120, -1, np.int32)
    fitted_as[chosen] = labels[chosen]
    classes = RelativeMahalanobis(embedding[chosen[told]], labels[chosen[told]])
    expected = fused(
        [
            NeighbourDistance(embedding[chosen], chosen).score(embedding, ids),
            classes.score(embedding, fitted_as),
            -np.linalg.norm(embedding, axis=1),
        ]
    )
    ours = strangeness(embedding, chosen, labels[chosen])
    np.testing.assert_allclose(ours, expected, atol=1e-3)


def test_where_no_net_was_trained_distance_is_all() -> None:
    embedding, labels = in_classes(3)
    ids = np.arange(120)
    alone = NeighbourDistance(embedding, ids).score(embedding, ids)
    np.testing.assert_allclose(strangeness(embedding, ids, None), alone, atol=1e-5)
    one_class = np.where(labels == 0, labels, -1)
    np.testing.assert_allclose(strangeness(embedding, ids, one_class), alone, atol=1e-5)


def test_between_the_classes_is_stranger_than_within() -> None:
    embedding, labels = in_classes(4)
    outside = np.full((5, 8), 0.5, np.float32) * np.random.default_rng(0).normal(size=(5, 8))
    every = np.concatenate([embedding, outside.astype(np.float32)])
    ids = np.arange(120)
    strange = strangeness(every, ids, labels)
    assert strange[120:].min() > np.median(strange[:120])
