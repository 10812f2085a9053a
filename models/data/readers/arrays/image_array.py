"""Images stored in an array: their axes put in order, their values measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.source import StoredArray
from models.errors import DatasetError
from models.types import Progress

MAX_PIXELS = 50_000_000  # of one image
_SURVEY_IMAGES = 1_000
_SURVEY_BYTES = 64 << 20  # raw bytes that may be decoded to measure the value range
_NAN_SCAN_BYTES = 256 << 20  # float images up to this size are all checked when opened
_BLOCK_BYTES = 8 << 20


class ImageRows(ABC):
    """Images by position, as (m, h, w, c)."""

    shape: tuple[int, int, int] | None  # of an image; None if they differ
    channels: int
    dtype: np.dtype[Any]
    image_bytes: int  # about, if they differ
    grain: int = 1  # images that are decoded together anyway

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Images start..stop; one at a time if their shapes differ. Raises DatasetError."""

    @property
    def first_rows(self) -> int:
        """How many images from the start can be read at once; the others may raise NotYet."""
        return len(self)


class ImageArray(ImageRows):
    """The images of one array, whatever order of axes the array keeps them in."""

    def __init__(self, array: StoredArray, layout: str, where: str) -> None:
        self._array, self._layout = array, layout
        self.grain = array.grain
        sides = dict(zip(layout, array.shape, strict=True))
        stored_channels = sides.get("c", 1)
        if sides["h"] * sides["w"] > MAX_PIXELS:
            raise DatasetError(
                f"array “{array.name}” has images of {sides['w']}x{sides['h']} pixels",
                where,
                f"Winnow reads images of up to {MAX_PIXELS // 10**6} million pixels.",
            )
        if not array.shape[0]:
            raise DatasetError(f"array “{array.name}” holds no images", where)
        if stored_channels == 4 and array.dtype != np.uint8:
            raise DatasetError(
                f"array “{array.name}” has 4 channels of {array.dtype}",
                where,
                "Transparency is understood in 8-bit images only; save 1 or 3 channels.",
            )
        self._has_alpha = stored_channels == 4
        self.channels = 3 if self._has_alpha else stored_channels
        self.shape = (sides["h"], sides["w"], self.channels)
        native = array.dtype.newbyteorder("=")
        self.dtype = np.dtype(np.uint8) if native == np.bool_ else native
        self.image_bytes = int(np.prod(self.shape)) * self.dtype.itemsize

    def __len__(self) -> int:
        return self._array.shape[0]

    @property
    def first_rows(self) -> int:
        return self._array.first_rows

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        block = self._array.rows(start, stop)
        if self._layout == "nhw":
            block = block[..., np.newaxis]
        elif self._layout == "nchw":
            block = block.transpose(0, 2, 3, 1)
        if self._has_alpha:
            return over_white(block)
        return np.ascontiguousarray(block, self.dtype)


def over_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay images with transparency over white. uint8 (..., 4) -> (..., 3)"""
    alpha = rgba[..., 3:].astype(np.uint16)
    mixed = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return mixed.astype(np.uint8)


@dataclass(frozen=True)
class Survey:
    """What a look at some images, or all of them, found."""

    low: float
    high: float
    unreadable: int
    warnings: tuple[str, ...]


def survey(images: Sequence[ImageRows]) -> Generator[Progress, None, Survey]:
    """Measure the value range on at most 1,000 evenly spaced images, and count those with NaN.

    Float images are all looked at, unless that would take long; then the warning says so.

    Raises
    ------
    DatasetError
        If not one of the images can be read.
    """
    total_bytes = sum(len(image) * image.image_bytes for image in images)
    floats = images[0].dtype.kind == "f"
    scan = floats and total_bytes <= _NAN_SCAN_BYTES
    blocks = [
        (image, start, stop)
        for image in images
        for start, stop in (_every_block(image) if scan else _some_blocks(image, len(images)))
    ]
    lows, highs, n_bad, n_seen, failure = [], [], 0, 0, None
    for done, (image, start, stop) in enumerate(blocks):
        yield Progress(done, len(blocks), "looking at the images")
        try:
            pixels = image.rows(start, stop)
        except DatasetError as error:
            failure, n_bad = error, n_bad + stop - start
            continue
        finally:
            n_seen += stop - start
        if floats:
            good = np.isfinite(pixels).all(axis=(1, 2, 3))
            n_bad += int((~good).sum())
            pixels = pixels[good]
        if len(pixels):
            lows.append(float(pixels.min()))
            highs.append(float(pixels.max()))
    if failure and not lows:
        raise failure
    return Survey(
        min(lows, default=0.0),
        max(highs, default=0.0),
        n_bad,
        (
            *_warnings(n_bad, n_seen, sum(map(len, images)), floats, failure),
            *_first_part_alone(images),
        ),
    )


def _warnings(
    n_bad: int, n_seen: int, n: int, floats: bool, failure: DatasetError | None
) -> Iterator[str]:
    looked_at = f"{n:,}" if n_seen == n else f"{n_seen:,} looked at of {n:,}"
    if failure:
        yield f"{n_bad:,} of {looked_at} images cannot be read: {failure}"
    elif n_bad:
        yield f"{n_bad:,} of {looked_at} images hold NaN or infinite pixels; they cannot be shown."
    if floats and n_seen < n:
        yield f"Only {n_seen:,} of {n:,} images were checked for NaN pixels so far."


def _first_part_alone(images: Sequence[ImageRows]) -> Iterator[str]:
    n, n_first = sum(map(len, images)), sum(image.first_rows for image in images)
    if n_first < n and images[0].dtype != np.uint8:
        yield (
            f"The range of values was measured on the first {n_first:,} of {n:,} images, "
            "those unpacked at once."
        )


def _every_block(image: ImageRows) -> list[tuple[int, int]]:
    step = max(image.grain, _BLOCK_BYTES // max(1, image.image_bytes), 1) if image.shape else 1
    return [(start, min(start + step, len(image))) for start in range(0, len(image), step)]


def _some_blocks(image: ImageRows, n_arrays: int) -> list[tuple[int, int]]:
    """Evenly spaced runs of images, each of what has to be decoded together anyway."""
    n = image.first_rows
    grain = min(image.grain, len(image))
    step = min(grain, _SURVEY_IMAGES)
    affordable = _SURVEY_BYTES // max(1, grain * image.image_bytes)
    n_grains = -(-n // grain)
    n_blocks = min(n_grains, max(1, min(_SURVEY_IMAGES // step, affordable) // n_arrays))
    starts = np.unique(np.linspace(0, n_grains - 1, n_blocks).astype(np.int64)) * grain
    return [(int(start), min(int(start) + step, n)) for start in starts]
