"""Images taken a batch at a time, as they are, moved and mirrored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.training.batches import Batches

CPU = torch.device("cpu")


def pixels_of(n: int, seed: int, shape: tuple[int, int, int] = (6, 9, 3)) -> NDArray[Any]:
    return np.random.default_rng(seed).integers(0, 255, (n, *shape)).astype(np.uint8)


def as_images(tensor: torch.Tensor) -> NDArray[Any]:
    """(b, c, h, w) in [0, 1] as (b, h, w, c) bytes."""
    return np.rint(tensor.permute(0, 2, 3, 1).numpy() * 255).astype(np.uint8)


def test_images_come_in_the_order_asked_for() -> None:
    pixels, ids = pixels_of(20, 0), np.array([7, 3, 3, 19])
    taken = Batches(pixels, CPU).take(ids)
    assert taken.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_array_equal(as_images(taken), pixels[ids])


@pytest.mark.slow
@given(seed=st.integers(0, 999), channels=st.sampled_from([1, 3]), change=st.integers(0, 3))
def test_changes_are_those_of_padding_and_cutting(seed: int, channels: int, change: int) -> None:
    rng = np.random.default_rng(seed)
    pixels, ids = pixels_of(12, seed, (5, 7, channels)), rng.integers(0, 12, 8)
    moves = rng.integers(-2, 3, (8, 2)) if change & 1 else None
    mirrored = rng.random(8) < 0.5 if change & 2 else None
    expected = []
    for place, sample_id in enumerate(ids):
        image = pixels[sample_id]
        if mirrored is not None and mirrored[place]:
            image = image[:, ::-1]
        down, right = (0, 0) if moves is None else moves[place]
        padded = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge")
        expected.append(padded[2 + down : 7 + down, 2 + right : 9 + right])
    taken = Batches(pixels, CPU).take(ids, moves, mirrored)
    np.testing.assert_array_equal(as_images(taken), expected)


def test_half_floats_stay_as_they_are() -> None:
    pixels = np.full((2, 8, 8, 1), 1.5, np.float16)
    taken = Batches(pixels, CPU).take(np.array([1]))
    assert taken.dtype == torch.float32
    assert (taken == 1.5).all()
