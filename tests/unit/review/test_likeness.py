"""Which images look like one, and which of those speak for its label or against it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_distances

from models.review.decisions import Status
from models.review.likeness import NEAREST, OF_EACH, Neighbourhood, distances, neighbourhood
from models.types import UNLABELLED


def around(
    distance: list[float], labels: list[int], rival: int, excluded: tuple[int, ...] = ()
) -> Neighbourhood:
    """The neighbourhood of image 0, whose distances to all are given."""
    n = len(labels)
    status = np.zeros(n, np.uint8)
    status[list(excluded)] = Status.EXCLUDED
    return neighbourhood(
        *(0, np.arange(n), np.array(distance, np.float32), np.array(labels, np.int32)),
        *(status, rival),
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 3000), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_distances_are_those_of_scikit_learn(n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    embedding = rng.standard_normal((n, d)).astype(np.float32)
    image = int(rng.integers(n))
    expected = cosine_distances(embedding[image : image + 1], embedding)[0]
    np.testing.assert_allclose(distances(embedding, image), expected, atol=1e-5)
    assert distances(embedding, image)[image] == 0


def test_an_image_without_an_embedding_is_at_no_distance() -> None:
    embedding = np.array([[1, 0], [np.nan, np.nan], [0, 2], [0, 0]], np.float32)
    assert distances(embedding, 0) == pytest.approx([0, np.nan, 1, 1], nan_ok=True)
    assert np.isnan(distances(embedding, 1)).all()


def test_the_nearest_with_the_label_and_with_the_suggested_one() -> None:
    found = around([0, 0.4, 0.1, 0.3, 0.2, 0.5], [0, 0, 1, 1, 2, 0], rival=1)
    assert found.nearest.sample_ids.tolist() == [2, 4, 3, 1, 5]
    assert found.same.sample_ids.tolist() == [1, 5]
    assert found.rivals.sample_ids.tolist() == [2, 3]
    assert found.rivals.distance == pytest.approx([0.1, 0.3])
    assert found.sample_ids.tolist() == [1, 2, 3, 4, 5]
    assert not found.is_complete


def test_where_the_model_agrees_every_other_label_is_a_rival() -> None:
    for rival in (0, UNLABELLED):
        found = around([0, 0.4, 0.1, 0.3, 0.2], [0, 0, 1, UNLABELLED, 2], rival=rival)
        assert found.rivals.sample_ids.tolist() == [2, 4]
        assert found.rival == UNLABELLED


def test_an_excluded_or_unlabelled_image_speaks_for_nothing() -> None:
    found = around([0, 0.1, 0.2, 0.3], [0, 0, UNLABELLED, 0], rival=1, excluded=(1,))
    assert found.same.sample_ids.tolist() == [3]
    assert found.nearest.sample_ids.tolist() == [1, 2, 3]
    unlabelled = around([0, 0.1, 0.2], [UNLABELLED, UNLABELLED, 1], rival=1)
    assert not len(unlabelled.same.sample_ids)
    assert unlabelled.rivals.sample_ids.tolist() == [2]


def test_missing_neighbours_are_left_out() -> None:
    labels, status = np.zeros(4, np.int32), np.zeros(4, np.uint8)
    ids, distance = np.array([2, 3, -1]), np.array([0.1, np.nan, np.nan], np.float32)
    found = neighbourhood(0, ids, distance, labels, status, 1)
    assert found.nearest.sample_ids.tolist() == [2]


def test_enough_of_each_and_of_equally_near_ones_the_first() -> None:
    labels = [0] + [0, 1] * 10
    found = around([0.0] + [0.5] * 20, labels, rival=1)
    assert found.is_complete
    assert found.nearest.sample_ids.tolist() == list(range(1, NEAREST + 1))
    assert found.rivals.sample_ids.tolist() == [2 * i for i in range(1, OF_EACH + 1)]
