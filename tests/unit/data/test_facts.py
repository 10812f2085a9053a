"""Facts of images are the same one by one, in stacks, and in whatever shards they are taken."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.facts import Facts, image_facts, joined
from tests.helpers.sources import images

IDS = np.arange(24)
COLUMNS = ("sample_ids", "sizes", "lows", "highs", "means", "n_bytes", "blank")


def assert_same(a: Facts, b: Facts) -> None:
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert a.unreadable == b.unreadable


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float64", "int32"])
def test_values_are_those_of_the_pixels(dtype: str) -> None:
    stack = images(24, (5, 7, 3)).astype(dtype)
    stack[3] = 9
    found = image_facts(IDS, stack)
    np.testing.assert_array_equal(found.lows, stack.min(axis=(1, 2, 3)).astype(np.float32))
    np.testing.assert_array_equal(found.highs, stack.max(axis=(1, 2, 3)).astype(np.float32))
    np.testing.assert_allclose(found.means, stack.astype(float).mean(axis=(1, 2, 3)), rtol=1e-6)
    assert np.flatnonzero(found.blank).tolist() == [3]
    assert found.sizes[0].tolist() == [5, 7]
    assert found.n_bytes[0] == stack[0].nbytes


def test_values_that_differ_less_than_float32_can_tell_are_not_blank() -> None:
    stack = np.full((1, 2, 2, 1), 2**30, np.int64)
    stack[0, 0, 0, 0] += 1
    assert not image_facts(np.array([0]), stack).blank[0]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 24), max_size=4))
def test_any_shards_joined_give_the_whole(cuts: list[int]) -> None:
    stack = images(24, (4, 4, 1))
    mixed = [*stack[:10], "is damaged.", *stack[11:]]
    edges = [0, *sorted(cuts), 24]
    parts = [image_facts(IDS[start:stop], mixed[start:stop]) for start, stop in pairwise(edges)]
    whole = image_facts(IDS, mixed)
    assert_same(joined(parts), whole)
    assert whole.unreadable == {10: "is damaged."}
    assert np.isnan(whole.means[10])
    assert not whole.blank[10]


def test_they_cross_a_pipe_as_they_are() -> None:
    found = image_facts(IDS[:2], [images(1, (3, 4, 1))[0], "is damaged."])
    assert_same(Facts.from_message(found.to_message()), found)
