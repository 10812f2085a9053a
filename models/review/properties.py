"""What can be measured of an image without knowing what it shows: brightness, sharpness, size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.types import Event, Scores

PROPERTIES = (
    "brightness",  # mean of the luma, 0 black, 1 white
    "contrast",  # its standard deviation, 0 to 0.5
    "sharpness",  # how much neighbouring pixels differ for its contrast, 0 smooth, 1 noise
    "saturation",  # 0 grey, 1 pure colours; of colour images alone
    "warmth",  # mean red less mean blue, -1 to 1; of colour images alone
    "border",  # brightness of the outermost pixels
    "border_contrast",  # their standard deviation; 0 where all have one value
    "width",  # pixels of the image as it is stored
    "height",
    "aspect",  # width over height
    "bytes_per_pixel",  # of the encoded file, where there is one
)
MEASURED_PX = 256  # larger images are reduced first: they are compared as they are seen

_SEEN = PROPERTIES[:7]  # in the pixels
_LUMA = np.array([0.299, 0.587, 0.114], np.float32) / 255  # ITU-R BT.601
_GREY = np.array([1 / 255], np.float32)
_RING_SHARE = 32  # the border is this part of the shorter side, at least one pixel
_FLAT = 1e-10  # below this variance there is nothing to be sharp

Table = NDArray[np.float32]  # (len(PROPERTIES), n) NaN where unknown


@dataclass(frozen=True)
class Properties:
    """The properties of n images, as far as they are measured."""

    table: Table
    n_measured: int

    @cached_property
    def columns(self) -> Mapping[str, Scores]:
        """Those that are known of some image: a name -> (n,)."""
        return {PROPERTIES[at]: self.table[at] for at in np.flatnonzero(self._ends[0] < np.inf)}

    @cached_property
    def varying(self) -> Mapping[str, Scores]:
        """Those that are not the same of all images."""
        lows, highs = self._ends
        return {PROPERTIES[at]: self.table[at] for at in np.flatnonzero(lows < highs)}

    @cached_property
    def _ends(self) -> tuple[Scores, Scores]:
        """The smallest and the largest value of each; the wrong way round where none is known."""
        known = np.isfinite(self.table)
        return (
            self.table.min(axis=1, where=known, initial=np.inf),
            self.table.max(axis=1, where=known, initial=-np.inf),
        )

    @property
    def is_complete(self) -> bool:
        return self.n_measured == len(self.table[0])


@dataclass(frozen=True)
class Measured(Event):
    """What is known of the images so far; complete at last."""

    properties: Properties


def measured(
    images: NDArray[np.uint8], stored_size: tuple[int, int], n_bytes: float = np.nan
) -> Table:
    """Measure images of one size.

    Parameters
    ----------
    images : uint8 (m, h, w, 1 or 3)
        As they are seen on a screen, no side above MEASURED_PX.
    stored_size : (int, int)
        Height and width of the images in their source.
    n_bytes : float
        Size of the encoded file of one image, where there is one.

    Returns
    -------
    float32 (len(PROPERTIES), m)
        NaN where an image has no such property: no sharpness without contrast, no saturation
        in a grey dataset.
    """
    m = len(images)
    height, width = stored_size
    table = np.full((len(PROPERTIES), m), np.nan, np.float32)
    if images.size:
        table[: len(_SEEN)] = _seen(images)
    n_pixels = max(height * width, 1)
    table[len(_SEEN) :] = np.array(
        [width, height, width / max(height, 1), n_bytes / n_pixels], np.float32
    )[:, np.newaxis]
    return table


def unmeasured(n: int) -> Table:
    """Where nothing is known yet. (len(PROPERTIES), n)"""
    return np.full((len(PROPERTIES), n), np.nan, np.float32)


def _seen(images: NDArray[np.uint8]) -> Table:
    m, height, width, channels = images.shape
    planes = np.ascontiguousarray(np.moveaxis(images, 3, 0))  # numpy is slow along a short axis
    luma = (_LUMA if channels == 3 else _GREY)[0] * planes[0]  # (m, h, w)
    for plane, weight in zip(planes[1:], _LUMA[1:], strict=False):
        luma += weight * plane
    flat = luma.reshape(m, -1)
    variance = flat.var(axis=1)
    # As float64: float32 would find a trace of contrast in a border of one value.
    ring = luma[:, _ring(height, width)].astype(np.float64)
    unknown = np.full(m, np.nan, np.float32)
    return np.stack(
        [
            flat.mean(axis=1),
            np.sqrt(variance),
            _sharpness(luma, variance),
            *(_colours(planes.reshape(3, m, -1)) if channels == 3 else (unknown, unknown)),
            ring.mean(axis=1),
            ring.std(axis=1),
        ],
        dtype=np.float32,
    )


def _sharpness(luma: NDArray[np.float32], variance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean squared difference of neighbours over twice the variance: 1 less their correlation.

    References
    ----------
    von Neumann (1941), "Distribution of the ratio of the mean square successive difference to
    the variance".
    """
    steps = [np.diff(luma, axis=axis).reshape(len(luma), -1) for axis in (1, 2)]
    n_steps = sum(step.shape[1] for step in steps)
    energy = sum(np.einsum("ij,ij->i", step, step) for step in steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = energy / (2 * n_steps * variance)
    found: NDArray[np.float32] = np.where(variance > _FLAT, ratio, np.nan).astype(np.float32)
    return found


def _colours(planes: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Saturation, which bright pixels count most for, and warmth, of (3, m, pixels)."""
    red, green, blue = planes
    brightest = np.maximum(np.maximum(red, green), blue)
    chroma = brightest - np.minimum(np.minimum(red, green), blue)
    value = _means(brightest)
    with np.errstate(divide="ignore", invalid="ignore"):
        saturation = np.where(value > 0, _means(chroma) / value, np.float32(np.nan))
    return saturation, (_means(red) - _means(blue)) / np.float32(255)


def _means(plane: NDArray[np.uint8]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = plane.mean(axis=1, dtype=np.float32)
    return found


def _ring(height: int, width: int) -> NDArray[np.bool_]:
    """Which pixels are the border. (h, w)"""
    reach = max(1, min(height, width) // _RING_SHARE)
    ring = np.ones((height, width), np.bool_)
    ring[reach : height - reach, reach : width - reach] = False
    return ring
