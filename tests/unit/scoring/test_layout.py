"""The 2-D layout: what looks alike lies together, and the search behind it finds neighbours."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from models.scoring.cell_search import CellSearch
from models.scoring.layout import Components, lay_out, placed_beside


def clusters(n_each: int, n_clusters: int = 3, d: int = 8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    middles = 6 * rng.normal(0, 1, (n_clusters, d))
    of = np.repeat(np.arange(n_clusters), n_each)
    return (middles[of] + rng.normal(0, 1, (len(of), d))).astype(np.float32), of


def agreement(layout: np.ndarray, of: np.ndarray) -> float:
    near = NearestNeighbors(n_neighbors=6).fit(layout).kneighbors(layout, return_distance=False)
    return float((of[near[:, 1:]] == of[:, None]).mean())


def test_few_cells_are_searched_in_full() -> None:
    vectors, _ = clusters(40)
    exact = NearestNeighbors(n_neighbors=4).fit(vectors).kneighbors(return_distance=False)
    found = np.empty((len(vectors), 4), np.int64)
    for some in CellSearch(vectors).neighbours_of_all(4):
        found[some.rows] = some.ids
    assert (found == exact).all()


def test_of_many_cells_nearly_all_neighbours_are_found() -> None:
    vectors = np.random.default_rng(1).normal(0, 1, (6_000, 6)).astype(np.float32)
    asked = np.random.default_rng(2).normal(0, 1, (200, 6)).astype(np.float32)
    exact = NearestNeighbors(n_neighbors=5).fit(vectors).kneighbors(asked, return_distance=False)
    found = np.empty((200, 5), np.int64)
    for some in CellSearch(vectors).nearest(asked, 5):
        found[some.rows] = some.ids
    assert np.mean([len(set(a) & set(b)) / 5 for a, b in zip(found, exact, strict=True)]) > 0.95


def test_more_neighbours_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="neighbours"):
        list(CellSearch(np.zeros((3, 2), np.float32)).neighbours_of_all(3))


def test_images_that_look_alike_lie_together() -> None:
    vectors, of = clusters(40)
    steps = list(lay_out(Components.of(vectors).directions(vectors)))
    assert steps[-1].done == pytest.approx(1.0)
    assert all(before.done <= after.done for before, after in pairwise(steps))
    last = steps[-1].layout
    assert last is not None
    assert agreement(last, of) > 0.95


def test_the_same_images_make_the_same_map() -> None:
    vectors, _ = clusters(15)
    first, second = (list(lay_out(vectors))[-1].layout for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9])
def test_a_handful_of_images_has_a_map(n: int) -> None:
    layout = list(lay_out(clusters(n, 1)[0]))[-1].layout
    assert layout is not None
    assert layout.shape == (n, 2)
    assert np.isfinite(layout).all()


def test_images_that_are_all_alike_have_a_map() -> None:
    layout = list(lay_out(np.zeros((30, 4), np.float32)))[-1].layout
    assert layout is not None
    assert np.isfinite(layout).all()


def test_an_image_that_was_not_laid_out_is_placed_among_its_neighbours() -> None:
    vectors, of = clusters(30)
    layout = (10 * of[:, None] + np.zeros((1, 2))).astype(np.float32)
    places = placed_beside(CellSearch(vectors), layout, vectors[::7])
    assert (places[:, 0] == 10 * of[::7]).all()
