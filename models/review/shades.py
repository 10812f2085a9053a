"""Which values of a dataset's pixels are shown as black and as white."""

from __future__ import annotations

from typing import Any

import numpy as np

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
