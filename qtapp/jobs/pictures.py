"""Makes a whole image ready for the screen: smaller versions, and how its values are spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import Pixels

_SMALLEST_PX = 128  # longest side of the smallest version
_SAMPLED = 60_000  # pixels are enough for a percentile
_MIDDLE = (1.0, 99.0)


@dataclass(frozen=True)
class Picture:
    """An image in its source's own dtype, made on a thread so that drawing it never waits."""

    levels: tuple[Pixels, ...]  # (h, w, c); each half as large as the one before, rounded up
    whole: tuple[float, float]  # lowest and highest finite value
    middle: tuple[float, float]  # 1st and 99th percentile

    @classmethod
    def of(cls, pixels: Pixels) -> Picture:
        levels = [pixels]
        while max(levels[-1].shape[:2]) > _SMALLEST_PX:
            levels.append(_halved(levels[-1]))
        for level in levels:
            level.flags.writeable = False
        return cls(tuple(levels), _ends(pixels), _percentiles(pixels))

    @property
    def pixels(self) -> Pixels:
        return self.levels[0]

    @property
    def n_bytes(self) -> int:
        return sum(level.nbytes for level in self.levels)


def _halved(pixels: Pixels) -> Pixels:
    """The mean of each two by two pixels; at an odd edge of what is there."""
    dtype = pixels.dtype
    odd = pixels.shape[0] % 2, pixels.shape[1] % 2
    if any(odd):
        pixels = np.pad(pixels, ((0, odd[0]), (0, odd[1]), (0, 0)), "edge")
    quarters = pixels[::2, ::2], pixels[1::2, ::2], pixels[::2, 1::2], pixels[1::2, 1::2]
    mean: NDArray[Any]
    if dtype == np.uint8:  # the most frequent one: twice as fast without floats
        mean = np.full(quarters[0].shape, 2, np.uint16)
        for quarter in quarters:
            mean += quarter
        mean >>= 2
    else:
        mean = np.zeros(quarters[0].shape, np.float64 if dtype.itemsize > 2 else np.float32)
        for quarter in quarters:
            mean += quarter
        mean /= 4
        mean = mean if dtype.kind == "f" else mean.round()
    halved: Pixels = mean.astype(dtype)
    return halved


def _ends(pixels: Pixels) -> tuple[float, float]:
    low, high = float(pixels.min()), float(pixels.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = _finite(pixels)
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _percentiles(pixels: Pixels) -> tuple[float, float]:
    step = max(1, math.ceil(math.sqrt(pixels.shape[0] * pixels.shape[1] / _SAMPLED)))
    finite = _finite(pixels[::step, ::step])
    if not finite.size:
        return 0.0, 1.0
    low, high = np.percentile(finite, _MIDDLE).tolist()
    return low, high


def _finite(pixels: Pixels) -> NDArray[Any]:
    values: NDArray[Any] = pixels[np.isfinite(pixels)] if pixels.dtype.kind == "f" else pixels
    return values
