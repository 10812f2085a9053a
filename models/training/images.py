"""The images of a run in one array: read once through the reader child, hashed, made one size."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.fingerprint import content_hash
from models.errors import TrainingError
from models.processes.reading import ReaderClient, Unreadable
from models.training.config import LARGEST_SIDE_PX
from models.training.resizing import resized
from models.types import DatasetInfo, Event, Mask, Pixels, Progress

Shape = tuple[int, int, int]

_SMALLEST_SIDE_PX = 8
_IN_MEMORY_BYTES = 1 << 30  # a larger array lies in a file, and the system pages it
_AT_A_TIME = 512
_SAMPLED = 64  # images that decide the size where sizes are mixed


@dataclass(frozen=True)
class TrainingImages:
    """Every image of a dataset in one shape, and what is known of it besides."""

    pixels: NDArray[Any]  # (n, h, w, c) uint8, or float16 scaled to [0, 1]
    readable: Mask  # (n,)
    hashes: NDArray[np.uint8]  # (n, 16) of the original pixels; zeros where unreadable

    @property
    def shape(self) -> Shape:
        height, width, channels = self.pixels.shape[1:]
        return height, width, channels


def read_images(
    reader: ReaderClient, info: DatasetInfo, folder: Path, shape: Shape | None = None
) -> Generator[Event, None, TrainingImages]:
    """Read a whole dataset; yields Progress.

    `folder` takes the array where it is too large for memory; `shape` overrides the size that
    `training_shape` would choose.
    """
    if shape is None:
        spread = np.unique(np.linspace(0, info.n - 1, _SAMPLED).astype(np.int64))
        shape = training_shape(info, [] if info.image_shape else reader.read(spread))
    as_bytes = info.dtype == "uint8"
    low, high = (0.0, 255.0) if as_bytes else info.value_range
    pixels = _room_for((info.n, *shape), np.dtype("u1" if as_bytes else "f2"), folder)
    readable = np.zeros(info.n, bool)
    hashes = np.zeros((info.n, 16), np.uint8)
    for start in range(0, info.n, _AT_A_TIME):
        ids = np.arange(start, min(start + _AT_A_TIME, info.n))
        for sample_id, image in zip(ids, reader.read(ids), strict=True):
            if isinstance(image, Unreadable):
                continue
            readable[sample_id] = True
            hashes[sample_id] = np.frombuffer(content_hash(image), np.uint8)
            if not as_bytes:
                image = (image.astype(np.float32) - low) / max(high - low, 1e-12)
            pixels[sample_id] = _fitted(image, shape, as_bytes)
        yield Progress(int(ids[-1]) + 1, info.n, "reading")
    return TrainingImages(pixels, readable, hashes)


def training_shape(info: DatasetInfo, sample: Sequence[Pixels | Unreadable]) -> Shape:
    """The shape to train at: that of the images, or a smaller one; square where sizes differ."""
    if info.image_shape:
        height, width, channels = info.image_shape
        scale = min(1.0, LARGEST_SIDE_PX / max(height, width))
        sides = (max(_SMALLEST_SIDE_PX, round(side * scale)) for side in (height, width))
        return *sides, channels  # type: ignore[return-value]  # mypy cannot count a generator
    shapes = [image.shape for image in sample if not isinstance(image, Unreadable)]
    if not shapes:
        return LARGEST_SIDE_PX, LARGEST_SIDE_PX, 3
    typical = round(float(np.median([max(shape[:2]) for shape in shapes])))
    side = max(_SMALLEST_SIDE_PX, min(LARGEST_SIDE_PX, typical))
    return side, side, max(shape[2] for shape in shapes)


def _fitted(image: Pixels, shape: Shape, as_bytes: bool) -> NDArray[Any]:
    height, width, channels = shape
    if image.shape[:2] != (height, width):
        image = resized(image, height, width)
        if as_bytes:
            image = image.round()
    if image.shape[2] > channels:
        image = image.mean(axis=2, keepdims=True)
    if not as_bytes:
        image = np.clip(image, -1.0, 2.0)  # the range was measured on a sample of the images
    return image


def _room_for(shape: tuple[int, ...], dtype: np.dtype[Any], folder: Path) -> NDArray[Any]:
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    if n_bytes <= _IN_MEMORY_BYTES:
        return np.zeros(shape, dtype)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, n_bytes)  # a full disk is an error here, not later
            return np.memmap(file, dtype, "r+", shape=shape)
    except OSError as error:
        raise TrainingError(
            f"needs {n_bytes / 1e9:.1f} GB for the images it trains on ({error.strerror})",
            str(folder),
            "Make room on this disk.",
        ) from error
