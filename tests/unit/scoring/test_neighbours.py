"""Nearest neighbours and what their labels say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from models.scoring import neighbours
from models.scoring.neighbours import Neighbours, NeighbourSearch, votes
from tests.helpers.neighbours import nearest_neighbours


def some_embedding(seed: int, n: int = 80, d: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def by_scikit_learn(embedding: np.ndarray, k: int) -> np.ndarray:
    directions = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    ids = NearestNeighbors(n_neighbors=k).fit(directions).kneighbors(return_distance=False)
    return np.asarray(ids)


def test_finds_what_scikit_learn_finds() -> None:
    embedding = some_embedding(0, 300)
    found = nearest_neighbours(embedding, 5)
    np.testing.assert_array_equal(found.ids, by_scikit_learn(embedding, 5))
    assert (np.diff(found.similarity, axis=1) <= 1e-6).all()


def test_a_quick_look_in_few_dimensions_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_QUICK_FROM", 10)
    wide = some_embedding(1, 400, 4) @ some_embedding(2, 4, 40)
    wide += 0.003 * some_embedding(3, 400, 40)
    assert NeighbourSearch(wide)._axes is not None
    np.testing.assert_array_equal(nearest_neighbours(wide).ids, by_scikit_learn(wide, 10))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = nearest_neighbours(some_embedding(4))
    monkeypatch.setattr(neighbours, "_BLOCK", 7)
    np.testing.assert_array_equal(nearest_neighbours(some_embedding(4)).ids, whole.ids)


def test_votes_are_of_the_images_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.random.default_rng(0).integers(-1, 3, 80).astype(np.int32)
    whole = votes(nearest_neighbours(some_embedding(4)), labels, labels)
    monkeypatch.setattr(neighbours, "_VOTE_BLOCK", 7)
    in_parts = votes(nearest_neighbours(some_embedding(4)), labels, labels)
    for name, values in vars(whole).items():
        np.testing.assert_array_equal(getattr(in_parts, name), values)


def test_of_images_that_all_point_apart_none_is_its_own_neighbour() -> None:
    found = nearest_neighbours(np.eye(4, dtype=np.float32) - 0.25, 3)
    assert (found.similarity < 0).all()
    assert (found.ids != np.arange(4)[:, None]).all()


def test_copies_are_neighbours_but_nothing_is_its_own() -> None:
    embedding = np.repeat(some_embedding(5, 20), 2, axis=0)
    found = nearest_neighbours(embedding, 3)
    np.testing.assert_array_equal(found.ids[:, 0], np.arange(40) ^ 1)
    assert (found.ids != np.arange(40)[:, None]).all()


def test_images_outside_the_reference() -> None:
    embedding = some_embedding(6)
    found = NeighbourSearch(embedding, 1).nearest(embedding[:5], np.full(5, -1))
    np.testing.assert_array_equal(found.ids[:, 0], np.arange(5))


def test_disagreement_is_that_of_a_weighted_classifier() -> None:
    embedding, k = some_embedding(7), 5
    labels = (np.arange(80) % 3).astype(np.int32)
    found = votes(nearest_neighbours(embedding, k), labels, labels)
    directions = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    for i in range(80):
        others = np.delete(np.arange(80), i)
        model = KNeighborsClassifier(k, weights=lambda d: 1 / (1 + d / d.max(axis=1)[:, None]))
        model.fit(directions[others], labels[others])
        share = model.predict_proba(directions[[i]])[0, labels[i]]
        assert found.disagreement[i] == pytest.approx(1 - share, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000))
def test_order_of_images_and_names_of_classes_do_not_matter(seed: int) -> None:
    embedding, rng = some_embedding(seed), np.random.default_rng(seed)
    labels, order = rng.integers(-1, 4, 80).astype(np.int32), rng.permutation(80)
    names = np.array([3, 1, 0, 2, -1], np.int32)
    plain = votes(nearest_neighbours(embedding), labels, labels)
    renamed = names[labels[order]]
    moved = votes(nearest_neighbours(embedding[order]), renamed, renamed)
    np.testing.assert_allclose(moved.disagreement, plain.disagreement[order], atol=1e-5)
    np.testing.assert_array_equal(moved.majority, names[plain.majority[order]])
    np.testing.assert_array_equal(moved.carrying, plain.carrying[order])


def test_ties_go_to_the_nearer_and_labels_may_be_missing() -> None:
    ids = np.array([[0, 1, 2, 3]], np.int32)
    near = Neighbours(ids, np.array([[0.9, 0.8, 0.7, 0.6]], np.float32))
    found = votes(near, np.array([1], np.int32), np.array([2, 1, 1, 2], np.int32))
    assert (found.majority[0], found.carrying[0], found.labelled[0]) == (2, 2, 4)
    found = votes(near, np.array([1], np.int32), np.array([-1, 1, -1, -1], np.int32))
    assert (found.disagreement[0], found.majority[0], found.labelled[0]) == (0, 1, 1)
    found = votes(near, np.array([1], np.int32), np.full(4, -1, np.int32))
    assert np.isnan(found.disagreement[0])
    assert found.majority[0] == -1


def test_of_one_class_nobody_disagrees() -> None:
    labels = np.zeros(80, np.int32)
    assert not votes(nearest_neighbours(some_embedding(8)), labels, labels).disagreement.any()


def test_wrong_input_is_refused() -> None:
    embedding = some_embedding(9)
    found = nearest_neighbours(embedding)
    with pytest.raises(ValueError, match="at least 2"):
        nearest_neighbours(embedding[:1])
    with pytest.raises(ValueError, match="disagree"):
        votes(found, np.zeros(3, np.int32), np.zeros(80, np.int32))
    with pytest.raises(ValueError, match="at a time"):
        NeighbourSearch(embedding).nearest(some_embedding(0, 600), np.full(600, -1))
    embedding[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        nearest_neighbours(embedding)
