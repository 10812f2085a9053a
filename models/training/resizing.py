"""Plain resizing of images for training: separable, without aliasing, numpy alone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import Pixels


def resized(image: Pixels, height: int, width: int) -> NDArray[np.float32]:
    """Resize an image (h, w, c) by linear interpolation, averaging where it shrinks.

    Returns float32 (height, width, c) in the units of `image`.
    """
    rows, columns = _weights(image.shape[0], height), _weights(image.shape[1], width)
    narrowed = np.einsum("hwc,xw->hxc", image.astype(np.float32), columns, optimize=True)
    result: NDArray[Any] = np.einsum("hxc,yh->yxc", narrowed, rows, optimize=True)
    return np.ascontiguousarray(result, np.float32)


@lru_cache(maxsize=256)
def _weights(n_in: int, n_out: int) -> NDArray[np.float32]:
    """(n_out, n_in) share of each input pixel in each output pixel; rows sum to 1."""
    scale = n_in / n_out
    reach = max(scale, 1.0)
    centres = (np.arange(n_out) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(n_in)[None, :] - np.clip(centres, 0, n_in - 1)[:, None])
    triangle = np.maximum(0.0, 1 - distance / reach)
    weights: NDArray[np.float32] = (triangle / triangle.sum(axis=1, keepdims=True)).astype("f4")
    return weights
