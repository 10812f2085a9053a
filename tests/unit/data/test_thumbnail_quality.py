"""Thumbnails are as good as Pillow's Lanczos from all pixels, however they were made quicker."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from models.data.readers.images.image_file import decode
from models.data.readers.thumbnails import reduced


def photo(height: int, width: int) -> Image.Image:
    """Soft shapes, sharp edges and fine texture."""
    rng = np.random.default_rng(0)
    soft = Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8)).resize((width, height))
    pixels = np.asarray(soft).astype(int) + rng.integers(-12, 13, (height, width, 3))
    pixels[height // 3 : height // 2, width // 5 : width // 3] = (250, 30, 30)
    pixels[::17, width // 2 :] = 0
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    error = np.square(one.astype(float) - other).mean()
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


@pytest.mark.parametrize("size_px", [80, 96, 144, 300])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "array"])
def test_a_thumbnail_of_any_size_is_as_good_as_lanczos(kind: str, size_px: int) -> None:
    image = photo(600, 800)
    if kind == "array":
        made = reduced(np.asarray(image), size_px, (0.0, 255.0))
    else:
        stored = io.BytesIO()
        image.save(stored, kind, quality=92)
        made = decode(lambda: io.BytesIO(stored.getvalue()), "photo", False, size_px)
        image = Image.open(stored).convert("RGB")
    wanted = image.resize((size_px, size_px * 3 // 4), Image.Resampling.LANCZOS)
    assert made.shape == np.asarray(wanted).shape
    assert decibels(made, np.asarray(wanted)) > 40
