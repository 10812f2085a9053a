"""Makes an image fit a tile: fewer pixels, 8 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.shades import black_and_white
from models.types import Pixels


def to_screen(pixels: NDArray[Any], value_range: tuple[float, float]) -> NDArray[np.uint8]:
    """Turn pixels of any number type and shape into 8 bits (see `black_and_white`)."""
    low, high = black_and_white(pixels.dtype, value_range)
    if pixels.dtype == np.uint8 and (low, high) == (0, 255):
        as_they_are: NDArray[np.uint8] = pixels
        return as_they_are
    scale = 255 / (high - low) if high > low else 0.0
    stretched = (pixels.astype(np.float32) - low) * scale
    # NaN has no brightness; black is what most viewers show for it.
    visible: NDArray[np.float32] = np.nan_to_num(np.clip(stretched, 0, 255).round(), nan=0)
    return visible.astype(np.uint8)


def reduced(pixels: Pixels, size_px: int, value_range: tuple[float, float]) -> Pixels:
    """An 8-bit (h, w, c) image whose sides are at most `size_px`, reduced with Lanczos."""
    height, width = pixels.shape[:2]
    if max(height, width) <= size_px:
        return to_screen(pixels, value_range)
    from PIL import Image  # late: an array dataset of small images never needs it

    scale = size_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = to_screen(pixels, value_range)
    image = Image.fromarray(shown[..., 0] if shown.shape[2] == 1 else shown)
    resized = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small: Pixels = np.asarray(resized).reshape(size[1], size[0], pixels.shape[2])
    return small
