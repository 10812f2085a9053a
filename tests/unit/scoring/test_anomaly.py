"""Distance to the nearest neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from models.scoring.anomaly import NeighbourDistance


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
