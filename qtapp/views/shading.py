"""Turns pixels of any number type into an image for the screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from models.types import Pixels

_IN_A_TABLE = (np.uint8, np.uint16)  # quicker than arithmetic


def shaded(pixels: Pixels, low: float, high: float, channel: int | None = None) -> QImage:
    """The image with `low` as black and `high` as white, in memory of its own.

    Parameters
    ----------
    pixels : any real dtype (h, w, 1 or 3)
    channel : int, optional
        Show this channel alone, as grey; of an image that has one, that one.
    """
    if channel is not None and pixels.shape[2] > 1:
        pixels = pixels[:, :, channel : channel + 1]
    if pixels.dtype == np.uint8 and (low, high) == (0.0, 255.0):
        shown = pixels
    elif pixels.dtype in _IN_A_TABLE:
        table = np.arange(np.iinfo(pixels.dtype).max + 1)
        shown = _scaled(table, low, high).take(pixels)
    else:
        shown = _scaled(pixels, low, high)
    height, width, channels = shown.shape
    grey = channels == 1
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    packed = np.ascontiguousarray(shown)
    borrowed = QImage(packed.data, width, height, width * channels, kind)
    return borrowed.convertToFormat(QImage.Format.Format_RGB32)


def _scaled(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    scale = 255 / (high - low if high > low else 1.0)
    scaled = np.multiply(values, scale, dtype=np.float32)
    scaled -= low * scale
    np.fmin(np.fmax(scaled, 0, out=scaled), 255, out=scaled)  # what is no number becomes black
    shades: NDArray[np.uint8] = scaled.astype(np.uint8)
    return shades
