"""Makes an image fit a tile: fewer pixels, 8 bits."""

from __future__ import annotations

import numpy as np

from models.review.shades import to_screen
from models.types import Pixels


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
