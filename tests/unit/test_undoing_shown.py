"""Which images of a split are shown before something is undone in it, and what they look like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.undoing_shown import N_SHOWN, before_and_after, some_of
from tests.helpers.spaces import dataset_info

INFO = replace(dataset_info(), n=5_003, splits={"train": 5_000, "val": 3})


def test_some_of_a_split_are_drawn_and_always_the_same() -> None:
    drawn = some_of(INFO, "train")
    assert len(np.unique(drawn)) == N_SHOWN
    assert (drawn < 5_000).all()
    assert (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(drawn, some_of(INFO, "train"))


def test_of_a_small_split_all_are_shown() -> None:
    assert some_of(INFO, "val").tolist() == [5_000, 5_001, 5_002]


def test_an_image_is_shown_as_it_is_and_undone() -> None:
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    info = replace(INFO, dtype="uint8", value_range=(0.0, 255.0))
    before, after = before_and_after(image, {"name": "invert"}, info)
    np.testing.assert_array_equal(before, image)
    np.testing.assert_array_equal(after, 255 - image)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_8_bits_would_have_lost_is_there_once_it_is_undone(dtype: str) -> None:
    true = np.linspace(0, 255, 64).reshape(8, 8, 1)
    info = replace(INFO, dtype=dtype, value_range=(0.0, 255.0))
    undo = {"name": "multiply", "factor": 255.0}
    before, after = before_and_after((true / 255).astype(dtype), undo, info)
    assert before.max() == 1
    assert np.abs(after.astype(float) - true).max() <= 1
