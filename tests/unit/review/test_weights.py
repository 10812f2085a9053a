"""Class weights: every class counts for the same, and images for 1 on average."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.weights import balanced_weights


def test_a_rare_class_counts_for_more_and_an_empty_one_for_nothing_special() -> None:
    weights = balanced_weights(np.array([99, 1, 0]))
    np.testing.assert_allclose(weights, [100 / 198, 50, 1], rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30).filter(any))
def test_every_class_counts_for_the_same_and_images_for_one_on_average(counts: list[int]) -> None:
    sizes = np.array(counts)
    each = (balanced_weights(sizes) * sizes)[sizes > 0]
    np.testing.assert_allclose(each, each[0], rtol=1e-4)
    assert each.sum() == pytest.approx(sizes.sum(), rel=1e-4)


def test_without_images_nothing_breaks() -> None:
    assert balanced_weights(np.zeros(3, np.int64)).tolist() == [1, 1, 1]
