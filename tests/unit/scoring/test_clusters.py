"""K-means over directions: groups that are there are found, the same ones each time."""

import numpy as np
import pytest

from models.scoring.clusters import Clusters, largest_first


def three_bunches(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    truth = np.repeat(np.arange(3), [n // 2, n // 3, n // 6])
    centres = rng.normal(size=(3, 12)) * 4
    return (centres[truth] + rng.normal(size=(len(truth), 12))).astype(np.float32), truth


def test_bunches_that_are_there_are_found():
    vectors, truth = three_bunches()
    numbers = largest_first(Clusters.of(vectors, 3).nearest(vectors), 3)
    assert numbers.tolist() == (truth + 1).tolist()  # the truth is the largest first too


def test_a_seed_gives_the_same_clusters():
    vectors, _ = three_bunches()
    first, again = (Clusters.of(vectors, 7, seed=5) for _ in range(2))
    assert np.array_equal(first.centres, again.centres)


def test_nearest_is_the_nearest_centre():
    vectors, _ = three_bunches()
    found = Clusters.of(vectors, 5)
    along = (vectors - found.mean) @ found.axes
    directions = along / np.linalg.norm(along, axis=1, keepdims=True)
    distances = np.linalg.norm(directions[:, None] - found.centres, axis=2)
    assert np.array_equal(found.nearest(vectors), distances.argmin(axis=1))


def test_vectors_that_are_all_alike_are_one_cluster():
    alike = np.ones((6, 4), np.float32)
    assert len(set(Clusters.of(alike, 3).nearest(alike).tolist())) == 1


@pytest.mark.parametrize(("n", "k"), [(0, 3), (4, 0)])
def test_nothing_to_put_together(n, k):
    with pytest.raises(ValueError, match="at least one"):
        Clusters.of(np.ones((n, 4), np.float32), k)


def test_images_that_the_net_did_not_see_are_in_none():
    assert largest_first(np.array([1, -1, 1, 0], np.int32), 2).tolist() == [1, 0, 1, 2]
