"""What can be done to a stack of images."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.damage.triplet import Images


def as_bytes(values: NDArray[Any]) -> Images:
    made: Images = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return made


def each_image(change: Callable[[Image.Image], Image.Image]) -> Callable[[Images], Images]:
    def changed(images: Images) -> Images:
        made = [
            np.asarray(change(Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)))
            for image in images
        ]
        return np.stack(made).reshape(images.shape)

    return changed


def as_jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    def through(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return through
