"""Smaller versions of an image, and how its values are spread."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtapp.jobs.pictures import Picture


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    channels=st.sampled_from([1, 3]),
    dtype=st.sampled_from(["uint8", "uint16", "int32", "float32", "float64"]),
)
def test_each_version_is_the_mean_of_four_pixels_of_the_one_before(
    height: int, width: int, channels: int, dtype: str
) -> None:
    values = np.random.default_rng(0).random((height, width, channels)) * 200
    pixels = values.astype(dtype)
    levels = Picture.of(pixels.copy()).levels
    np.testing.assert_array_equal(levels[0], pixels)
    assert max(levels[-1].shape[:2]) <= 128
    for larger, smaller in itertools.pairwise(levels):
        rows, columns = larger.shape[0] // 2, larger.shape[1] // 2
        assert smaller.shape == (-(-larger.shape[0] // 2), -(-larger.shape[1] // 2), channels)
        assert smaller.dtype == pixels.dtype
        whole = larger[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, channels)
        four = whole.mean(axis=(1, 3), dtype=np.float64)
        np.testing.assert_allclose(smaller[:rows, :columns], four, atol=0.5, rtol=1e-6)


def test_the_ends_of_the_values_are_exact_and_the_middle_leaves_out_a_hundredth() -> None:
    values = np.arange(10_000, dtype=np.uint16).reshape(100, 100, 1)
    picture = Picture.of(values)
    assert picture.whole == (0, 9999)
    assert picture.middle == pytest.approx((100, 9899), abs=1)


def test_what_is_no_number_is_left_out() -> None:
    values = np.array([np.nan, 1.0, 3.0, np.inf], np.float32).reshape(2, 2, 1)
    assert Picture.of(values).whole == (1, 3)
    nothing = Picture.of(np.full((2, 2, 1), np.nan, np.float32))
    assert nothing.whole == nothing.middle == (0, 1)
