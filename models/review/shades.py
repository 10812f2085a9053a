"""Which values of a dataset's pixels are shown as black and as white, and which between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DARKEST_MAXIMUM = 63  # 8-bit pixels that never get brighter than this are stretched
_OVERSHOOT = 0.02  # of a scale


def black_and_white(dtype: np.dtype[Any], value_range: tuple[float, float]) -> tuple[float, float]:
    """What stands for black and white, the same in every image of a dataset.

    Parameters
    ----------
    dtype : any real dtype
    value_range : (float, float)
        Smallest and largest value of the dataset. Floats on a usual scale (see `float_scale`)
        are shown as they are and 8-bit pixels too, unless all are nearly black (digits of
        0..16); anything else is stretched from black to white over this range.
    """
    low, high = value_range
    if dtype == np.uint8:
        return 0.0, 255.0 if high > _DARKEST_MAXIMUM else high
    if dtype.kind == "f":
        return float_scale(low, high) or (low, high)
    return low, high


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
