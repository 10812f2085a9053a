"""Averages of what a net says of each image."""

from __future__ import annotations

import numpy as np

from models.training.averages import AveragedSoftmax


def test_one_more_is_counted_in_as_if_it_had_been_added() -> None:
    rng = np.random.default_rng(0)
    first, second, more = rng.dirichlet(np.ones(3), (3, 8)).astype(np.float32)
    average, with_more = AveragedSoftmax(8, 3), AveragedSoftmax(8, 3)
    seen = np.array([0, 2, 3, 7])
    for one in (average, with_more):
        one.add(seen, first[seen], 1.0)
        one.add(seen[:2], second[seen[:2]], 4.0)
    with_more.add(seen, more[seen], 3.0)
    np.testing.assert_allclose(average.mean_with(more, 3.0), with_more.mean(), rtol=1e-5)


def test_images_that_were_never_seen_stay_unknown() -> None:
    average = AveragedSoftmax(2, 2)
    average.add(np.array([0]), np.full((1, 2), 0.5, np.float32), 1.0)
    found = average.mean_with(np.full((2, 2), 0.5, np.float32), 3.0)
    assert np.isnan(found[1]).all()
    assert not np.isnan(found[0]).any()
