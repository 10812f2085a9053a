"""A split that was processed in another way than the others, or holds foreign images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter
from sklearn.datasets import load_digits

from benchmarks.damage.pixels import as_bytes, as_jpeg, each_image
from benchmarks.damage.triplet import Damaged, Images, Triplet, so_many


def brightness(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    by = (15, 30, 60)[strength]
    return processed(of, lambda x: as_bytes(x.astype(float) + by), "brightness")


def contrast(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    share = (0.85, 0.7, 0.4)[strength]
    return processed(
        of,
        lambda x: as_bytes(
            (x - x.mean((1, 2), keepdims=True)) * share + x.mean((1, 2), keepdims=True)
        ),
        *("contrast", "scaling", "brightness"),
    )


def scaling(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    share = (0.85, 0.5, 0.25)[strength]
    kinds = ("scaling", "brightness", "contrast")
    return processed(of, lambda x: as_bytes(x * share), *kinds)


def blur(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    radius = (0.5, 1.0, 2.0)[strength]
    blurred = ImageFilter.GaussianBlur(radius)
    changed = each_image(lambda image: image.filter(blurred))
    return processed(of, changed, "blur", "resampled", parameter=f"{radius}")


def noise(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    sd = (8, 16, 32)[strength]
    return processed(of, lambda x: as_bytes(x + rng.normal(0, sd, x.shape)), "noise")


def grey(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    def to_grey(x: Images) -> Images:
        return as_bytes(np.repeat(x.mean(axis=3, keepdims=True), x.shape[3], axis=3))

    return processed(of, to_grey, "grey")


def channel_order(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    return processed(of, lambda x: x[..., ::-1].copy(), "channel_order")


def inverted(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    return processed(of, lambda x: (255 - x).astype(np.uint8), "inverted")


def flipped(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    upside_down = strength == 2

    def flip(x: Images) -> Images:
        return (x[:, ::-1] if upside_down else x[:, :, ::-1]).copy()

    return processed(of, flip, "flipped", *(("rotated",) if upside_down else ()))


def rotated(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    quarters = (3, 1, 2)[strength]
    return processed(
        of,
        lambda x: np.rot90(x, quarters, (1, 2)).copy(),
        *("rotated", "flipped"),
        parameter=f"{90 * quarters}",
    )


def resampled(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    share = (0.75, 0.5, 0.35)[strength]

    def small_and_back(image: Image.Image) -> Image.Image:
        width, height = (max(1, round(side * share)) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BILINEAR)
        return small.resize(image.size, Image.Resampling.BILINEAR)

    return processed(of, each_image(small_and_back), "resampled", "blur")


def jpeg(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    return processed(of, each_image(as_jpeg((50, 25, 10)[strength])), "jpeg")


def border(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    wide = (1, 2, 3)[strength]

    def framed(x: Images) -> Images:
        made = x.copy()
        made[:, :wide], made[:, -wide:] = 200, 200
        made[:, :, :wide], made[:, :, -wide:] = 200, 200
        return made

    return processed(of, framed, "border")


def foreign_images(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Digits among the images of the test split, as large as these and with as many channels."""
    n = len(of.labels["test"])
    places = rng.permutation(n)[: so_many(n, strength)]
    images = of.images["test"].copy()
    height, width, channels = images.shape[1:]
    digits = load_digits().images
    for place, digit in zip(places, rng.permutation(len(digits)), strict=False):
        small = Image.fromarray((digits[digit] * 255 / 16).astype(np.uint8))
        large = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
        images[place] = np.repeat(large[..., np.newaxis], channels, axis=2)
    damaged = of.with_images("test", images)
    return Damaged(damaged, frozenset({"foreign_images"}), frozenset({"test"}))


def processed(
    of: Triplet, change: Callable[[Images], Images], *kinds: str, parameter: str = ""
) -> Damaged:
    """The test split processed in another way than the others."""
    damaged = of.with_images("test", change(of.images["test"]))
    return Damaged(damaged, frozenset(kinds), frozenset({"test"}), parameter=parameter)
