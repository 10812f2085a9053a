"""Small datasets with a project, on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from models.opening import Review, request_for
from tests.helpers.local import open_here

CLASSES = ("cat", "=cmd", "größe")


def npz_source(path: Path, n: int = 24, dtype: str = "uint8") -> Path:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 255, (n, 6, 5, 3)).astype(np.uint8)
    if dtype != "uint8":
        images = (images / np.float32(255)).astype(dtype)
    np.savez(path, images=images, labels=np.arange(n) % 3)
    return path


def folder_source(path: Path, n_each: int = 4) -> Path:
    """Images of mixed sizes in one folder a class."""
    rng = np.random.default_rng(2)
    for name in CLASSES:
        (path / name).mkdir(parents=True)
        for number in range(n_each):
            pixels = rng.integers(0, 255, (5 + number, 7, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(path / name / f"{number}.png")
    return path


def reviewed(path: Path) -> Review:
    return open_here(request_for([path]))
