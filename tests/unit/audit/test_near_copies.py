"""Copies planted among pictures that only look alike, told from these."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.trained import digits
from models.audit.copy_evidence import TURNS
from models.audit.near_copies import CERTAIN, Copies, near_copies
from models.types import Event

pytestmark = pytest.mark.slow

Picture = NDArray[np.uint8]  # (h, w, c)


def found(images: NDArray[np.uint8]) -> Copies:
    events = near_copies(images, np.arange(len(images)))
    return drained(events)


def drained(events: Generator[Event, None, Copies]) -> Copies:
    while True:
        try:
            next(events)
        except StopIteration as end:
            copies: Copies = end.value
            return copies


def certain(copies: Copies) -> set[tuple[int, int]]:
    sure = copies.certainty >= CERTAIN
    return set(zip(copies.a[sure].tolist(), copies.b[sure].tolist(), strict=True))


def textures(n: int, height: int = 24, width: int = 24, channels: int = 3) -> NDArray[np.uint8]:
    """Pictures with shapes at every scale, all different."""
    rng = np.random.default_rng(0)
    made = np.zeros((n, height, width, channels))
    for cells in (2, 4, 8):
        coarse = rng.normal(0, 1 / cells, (n, cells, cells, channels))
        rows, columns = (np.arange(side) * cells // side for side in (height, width))
        made += coarse[:, rows][:, :, columns]
    return (128 + 120 * made).clip(0, 255).astype(np.uint8)


def through_jpeg(image: Picture) -> Picture:
    file = io.BytesIO()
    Image.fromarray(image.squeeze()).save(file, "JPEG", quality=50)
    return np.asarray(Image.open(file)).reshape(image.shape)


def smaller_and_back(image: Picture) -> Picture:
    height, width = image.shape[:2]
    small = Image.fromarray(image.squeeze()).resize((width * 3 // 4, height * 3 // 4))
    return np.asarray(small.resize((width, height))).reshape(image.shape)


def noisy(image: Picture) -> Picture:
    noise = np.random.default_rng(1).uniform(0, 60, image.shape)
    return (image + noise).clip(0, 255).astype(np.uint8)


def moved(image: Picture) -> Picture:
    return np.pad(image, ((2, 0), (0, 1), (0, 0)), mode="edge")[:-2, 1:]


def much_smaller_and_back(image: Picture) -> Picture:
    height, width = image.shape[:2]
    small = Image.fromarray(image.squeeze()).resize((width * 6 // 10, height * 6 // 10))
    return np.asarray(small.resize((width, height))).reshape(image.shape)


def cut_and_stretched(image: Picture) -> Picture:
    height, width = image.shape[:2]
    cut = Image.fromarray(image.squeeze()).crop((1, 0, width - 2, height - 1))
    return np.asarray(cut.resize((width, height))).reshape(image.shape)


ALTERED: dict[str, Callable[[Picture], Picture]] = {
    "shifted": moved,
    "mirrored": lambda image: image[:, ::-1],
    "turned": lambda image: np.rot90(image),
    "darker": lambda image: (image * 0.6 + 20).astype(np.uint8),
    "noisy": noisy,
    "compressed": through_jpeg,
    "rescaled": smaller_and_back,
    "much rescaled": much_smaller_and_back,
    "cut and stretched": cut_and_stretched,
    "inverted": lambda image: 255 - image,
}


@pytest.mark.parametrize("how", ALTERED)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_copy_is_found_and_nothing_else(how: str, channels: int) -> None:
    images = textures(120, channels=channels)
    images[100:] = [ALTERED[how](image) for image in images[:20]]
    planted, told = {(i, 100 + i) for i in range(20)}, certain(found(images))
    assert len(planted - told) <= 1
    assert len(told - planted) <= 1


def test_how_a_copy_was_turned_is_said() -> None:
    images = textures(60)
    images[45:50] = 255 - images[10:15]
    images[50:55], images[55:] = images[:5, :, ::-1], np.rot90(images[5:10], 1, (1, 2))
    copies = found(images)
    sure = copies.certainty >= CERTAIN
    named = dict(
        zip(copies.a[sure].tolist(), (TURNS[turn] for turn in copies.turn[sure]), strict=True)
    )
    assert {named[i] for i in range(5)} == {"mirrored"}
    assert {named[i] for i in range(5, 10)} == {"turned by 90°"}
    assert {named[i] for i in range(10, 15)} == {"inverted"}


def test_different_digits_are_no_copies() -> None:
    images, _ = digits()
    assert len(certain(found(images[:1_000, :, :, None]))) <= 5


def test_copies_in_oblong_images_are_found() -> None:
    images = textures(60, height=16, width=40)
    images[50:55], images[55:] = images[:5, :, ::-1], images[5:10, ::-1]
    assert certain(found(images)) == {(i, 50 + i) for i in range(10)}


def test_images_without_contrast_show_nothing_to_compare() -> None:
    images = textures(60)
    images[40:] = np.random.default_rng(0).integers(7, 9, images[40:].shape)
    assert not certain(found(images))
    assert not len(found(images[40:]).a)


def test_faint_images_are_compared() -> None:
    images = (textures(60) // 20 + 100).astype(np.uint8)
    images[50:] = images[:10, :, ::-1]
    assert certain(found(images)) >= {(i, 50 + i) for i in range(8)}


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_few_images_are_no_trouble(n: int) -> None:
    copies = found(textures(n))
    assert len(copies.a) == len(copies.b) == len(copies.certainty)
    assert not certain(copies)


def test_many_near_copies_of_one_image_are_not_compared_all_with_all() -> None:
    images = textures(300)
    rng = np.random.default_rng(0)
    images[100:] = (images[0] + rng.integers(-3, 4, images[100:].shape)).clip(0, 255)
    copies = found(images)
    assert len(copies.a) <= 8 * len(images)


def test_the_same_images_give_the_same_pairs_in_float16() -> None:
    images = textures(80)
    images[70:] = images[:10, :, ::-1]
    as_floats = (images / 255).astype(np.float16)
    assert certain(drained(near_copies(as_floats, np.arange(80)))) == certain(found(images))
