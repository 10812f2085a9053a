"""Makes an image fit a tile: fewer pixels, 8 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import Pixels

_DARKEST_MAXIMUM = 63  # 8-bit pixels that never get brighter than this are stretched
_OVERSHOOT = 0.02  # of a scale


def to_screen(pixels: NDArray[Any], value_range: tuple[float, float]) -> NDArray[np.uint8]:
    """Turn pixels of any number type into 8 bits.

    Parameters
    ----------
    pixels : any real dtype, any shape
    value_range : (float, float)
        Smallest and largest value of the dataset. Floats on a usual scale (see `float_scale`)
        are shown as they are and 8-bit pixels too, unless all are nearly black (digits of
        0..16); anything else is stretched from black to white over this range.
    """
    low, high = value_range
    if pixels.dtype == np.uint8 and high > _DARKEST_MAXIMUM:
        as_they_are: NDArray[np.uint8] = pixels
        return as_they_are
    if pixels.dtype == np.uint8:
        low = 0.0
    elif pixels.dtype.kind == "f":
        low, high = float_scale(low, high) or (low, high)
    scale = 255 / (high - low) if high > low else 0.0
    stretched = (pixels.astype(np.float32) - low) * scale
    # NaN has no brightness; black is what most viewers show for it.
    visible: NDArray[np.float32] = np.nan_to_num(np.clip(stretched, 0, 255).round(), nan=0)
    return visible.astype(np.uint8)


def float_scale(low: float, high: float) -> tuple[float, float] | None:
    """The black and white of float images that reach from `low` to `high`.

    One of the usual scales 0..1, -1..1 and 0..255, give or take what resizing adds at sharp
    edges; None if they are on none of them, as standardised images are.
    """
    for black, white, at_least in (
        (0.0, 1.0, 0.0),
        (-1.0, 1.0, 0.0),
        (0.0, 255.0, _DARKEST_MAXIMUM),
    ):
        slack = _OVERSHOOT * (white - black)
        if black - slack <= low and at_least < high <= white + slack:
            return black, white
    return None


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
