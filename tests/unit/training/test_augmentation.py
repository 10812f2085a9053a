"""Shifts and mirroring."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.augmentation import mirroring_keeps_labels, moves, shift_px


def test_shifts_grow_with_the_image() -> None:
    assert [shift_px(side) for side in (8, 28, 32, 64)] == [1, 1, 2, 3]


def test_no_image_moves_further_than_it_may() -> None:
    drawn = moves(500, (28, 64, 1), np.random.default_rng(0))
    assert drawn.shape == (500, 2)
    np.testing.assert_array_equal(np.unique(drawn[:, 0]), [-1, 0, 1])
    np.testing.assert_array_equal(np.unique(drawn[:, 1]), range(-3, 4))


def test_moves_repeat_for_a_seed() -> None:
    a, b = (moves(9, (8, 10, 3), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("symmetric", [True, False])
def test_images_are_mirrored_only_if_they_keep_looking_like_their_class(symmetric: bool) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400).astype(np.int32)
    images = rng.integers(0, 60, (400, 8, 8, 1)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        if symmetric:
            image[:4] += np.uint8(120 * label)
        elif label:
            image[:, :4] += np.uint8(120)
        else:
            image[:, 4:] += np.uint8(120)
    assert mirroring_keeps_labels(images, labels, np.arange(400), 0) is symmetric


def test_too_few_images_to_tell_are_not_mirrored() -> None:
    images = np.zeros((40, 8, 8, 1), np.uint8)
    assert not mirroring_keeps_labels(images, np.zeros(40, np.int32), np.arange(40), 0)
