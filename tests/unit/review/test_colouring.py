"""What each image of the map is coloured by."""

from __future__ import annotations

import numpy as np

from models.review.colouring import LEVELS, anchors, by_group, by_value, uncoloured
from models.review.positions import Positions


def test_groups_are_counted_and_the_unlabelled_have_none() -> None:
    found = by_group(np.array([0, 2, 2, -1, 1]), 3)
    assert found.codes.tolist() == [1, 3, 3, 0, 2]
    assert found.counts.tolist() == [1, 1, 2]
    assert not found.is_scale


def test_what_is_hidden_tells_nothing() -> None:
    hidden = np.array([True, False])
    assert by_group(np.array([0, 0]), 1, hidden).codes.tolist() == [0, 1]
    assert by_value(np.array([0.1, 0.9], np.float32), hidden).codes[0] == 0


def test_a_scale_goes_from_its_low_to_its_high_end() -> None:
    values = np.append(np.linspace(0, 1, 1_000, dtype=np.float32), np.nan)
    found = by_value(values)
    assert found.is_scale
    assert found.codes[0] == 1
    assert found.codes[999] == LEVELS
    assert found.codes[1_000] == 0
    assert (np.diff(found.codes[:1_000].astype(int)) >= 0).all()
    assert 0 <= found.low < found.high <= 1


def test_numbers_that_are_all_missing_or_all_equal_are_no_error() -> None:
    assert not by_value(np.full(3, np.nan, np.float32)).codes.any()
    assert by_value(np.full(3, 0.5, np.float32)).codes.tolist() == [1, 1, 1]
    assert not uncoloured(3).codes.any()


def test_a_group_is_named_where_most_of_it_lies() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.normal(-5, 0.1, (50, 2)), rng.normal(5, 0.1, (30, 2))
    stray = np.array([[5.0, -5.0]])
    positions = Positions(np.concatenate([left, right, stray]).astype(np.float32))
    groups = np.array([1] * 50 + [0] * 30 + [1])
    found = anchors(positions, by_group(groups, 3))
    assert list(found) == [1, 0]  # the largest first, and none for a class without images
    assert np.allclose(found[1], (-5, -5), atol=0.5)
    assert np.allclose(found[0], (5, 5), atol=0.5)
