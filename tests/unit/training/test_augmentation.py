"""Shifts and mirroring."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.augmentation import mirrored, mirroring_keeps_labels, shift_px, shifted


def test_shifts_grow_with_the_image() -> None:
    assert [shift_px(side) for side in (8, 28, 32, 64)] == [1, 1, 2, 3]


def test_a_shifted_image_is_the_same_image_moved() -> None:
    image = np.zeros((1, 12, 12, 1), np.uint8)
    image[0, 6, 6] = 255
    for seed in range(20):
        moved = shifted(image, np.random.default_rng(seed))
        assert moved.shape == image.shape
        (y,), (x,) = np.nonzero(moved[0, :, :, 0])
        assert abs(y - 6) <= 1
        assert abs(x - 6) <= 1


def test_shifts_repeat_for_a_seed() -> None:
    batch = np.random.default_rng(0).integers(0, 255, (9, 8, 10, 3)).astype(np.uint8)
    a, b = (shifted(batch, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_only_the_chosen_images_are_mirrored() -> None:
    batch = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4, 1)
    both = mirrored(batch.copy(), np.array([True, False]))
    np.testing.assert_array_equal(both[0], batch[0, :, ::-1])
    np.testing.assert_array_equal(both[1], batch[1])


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
