"""A dataset made of encoded images (PNG, JPEG, ...), wherever their bytes lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import IO, Any

import numpy as np

from models.data.fingerprint import fingerprint
from models.data.readers import wording
from models.data.readers.images.image_file import (
    INCOMPARABLE,
    Header,
    decode,
    decode_precise,
    read_header,
)
from models.data.readers.source import Opening, Source, cannot_open
from models.errors import DatasetError
from models.types import (
    UNLABELLED,
    DatasetInfo,
    LabelVector,
    OpenRequest,
    Pixels,
    Progress,
    SplitAssignment,
)

_CHECK_ALL = 5_000  # datasets up to this size have every header checked when opened
_CHECK_SOME = 1_000
_VALUE_RANGE = (0.0, 255.0)  # of images decoded to 8 bits
_MEASURED_IMAGES = 200  # at most, to learn the value range of others
_MEASURED_PIXELS = 16 << 20


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the picture as shown; it may reach out of it."""

    left: int
    top: int
    right: int
    bottom: int

    def within(self, height: int, width: int, shown: str) -> Box:
        """The part inside a picture of this size. Raises DatasetError if there is none."""
        left, top = max(0, self.left), max(0, self.top)
        inner = Box(left, top, min(self.right, width), min(self.bottom, height))
        if inner.right <= left or inner.bottom <= top:
            raise DatasetError(
                f"has a box that lies outside its {width}x{height} pixels",
                shown,
                "Correct the box, or exclude the sample.",
            )
        return inner

    def cut_from(self, pixels: Pixels, shown: str) -> Pixels:
        """The pixels in the box, (h, w, c)."""
        height, width = pixels.shape[:2]
        inner = self.within(height, width, shown)
        part: Pixels = pixels[inner.top : inner.bottom, inner.left : inner.right]
        return part


class EncodedImages(ABC):
    """Encoded images by position: files of a folder, rows of a Parquet column, a tar's members."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def open(self, position: int) -> IO[bytes]:
        """The bytes of one image, to be closed by the caller. Raises DatasetError or OSError."""

    @abstractmethod
    def path(self, position: int) -> str:
        """Where it lies, for display."""

    def beside(self) -> Iterable[str]:
        """The files of images that what was opened only names."""
        return ()

    def box(self, position: int) -> Box | None:
        """The part of the picture that is the sample; None is all of it."""
        return None

    def spread(self, count: int) -> Sequence[int]:
        """Where to look at `count` images of many: evenly spaced unless that is slow."""
        spaced: list[int] = np.linspace(0, len(self) - 1, count).astype(np.int64).tolist()
        return spaced

    def close(self) -> None:  # noqa: B027 - most hold nothing open
        """Close what is open; further calls are not allowed."""


@dataclass(frozen=True)
class Understood:
    """What a dataset of encoded images says of them besides their pixels.

    Images lie split by split, in the order of `splits`, unless there is an `assignment`; `said`
    tells where the classes are from: "named by folders".
    """

    name: str
    splits: dict[str, int]
    class_names: tuple[str, ...]
    codes: LabelVector
    said: str
    warnings: tuple[str, ...] = ()
    assignment: SplitAssignment | None = None


def open_encoded(
    kind: str, request: OpenRequest, images: EncodedImages, understood: Understood
) -> Opening:
    """Check headers, all of them or of evenly spaced images, and make a Source.

    It takes `images` over, and closes them if it fails.
    """
    with ExitStack() as on_failure, ThreadPoolExecutor(1) as aside:
        on_failure.callback(images.close)
        # Asking the size and date of each of 100,000 files takes as long as all else together.
        taking = aside.submit(fingerprint, request.paths, images.beside())
        checked = yield from _check(images)
        value_range = _VALUE_RANGE
        if checked.dtype != "uint8":
            value_range = yield from _measure(images, checked)
        info = _info(kind, request, images, checked, understood, value_range, taking.result())
        on_failure.pop_all()
    yield EncodedSource(info, images, understood, checked)


class EncodedSource(Source):
    """Samples are decoded one by one, as a viewer would show them.

    Where all images are of 16 bits or of floating point, both grey, they keep their precision.
    """

    def __init__(
        self, info: DatasetInfo, images: EncodedImages, understood: Understood, checked: _Checked
    ) -> None:
        self.info, self.given = info, understood.codes
        self.unreadable = checked.failures
        self._images, self._grey = images, checked.grey

    def read(self, sample_id: int) -> Pixels:
        pixels: Pixels
        open_file, shown = partial(self._images.open, sample_id), self.path(sample_id)
        if self.info.dtype == "uint8":
            pixels = decode(open_file, shown, self._grey)
        else:
            pixels = decode_precise(open_file, shown, self.info.dtype)
        box = self._images.box(sample_id)
        return pixels if box is None else box.cut_from(pixels, shown)

    def thumbnail(self, sample_id: int, size_px: int) -> Pixels:
        if self.info.dtype != "uint8" or self._images.box(sample_id) is not None:
            return super().thumbnail(sample_id, size_px)
        open_file = partial(self._images.open, sample_id)
        return decode(open_file, self.path(sample_id), self._grey, size_px)

    def path(self, sample_id: int) -> str:
        return self._images.path(sample_id)

    def original(self, sample_id: int) -> bytes | None:
        if self._images.box(sample_id) is not None:
            return None
        try:
            with self._images.open(sample_id) as file:
                return file.read()
        except OSError as error:
            raise cannot_open(self.path(sample_id), error) from error

    def close(self) -> None:
        self._images.close()


@dataclass(frozen=True)
class _Checked:
    """What the headers of all images, or of some, say."""

    n: int
    headers: dict[int, Header]  # by sample id
    failures: dict[int, str]  # by sample id: what is wrong with it

    @cached_property
    def shapes(self) -> frozenset[tuple[int, int]]:
        return frozenset((header.height, header.width) for header in self.headers.values())

    @cached_property
    def grey(self) -> bool:
        return bool(self.headers) and all(header.grey for header in self.headers.values())

    @cached_property
    def dtype(self) -> str:
        """What the dataset is read as: the precision of its images where all have the same."""
        dtypes = {header.dtype for header in self.headers.values()}
        return dtypes.pop() if len(dtypes) == 1 else "uint8"


def _check(images: EncodedImages) -> Generator[Progress, None, _Checked]:
    """Read the header of every image, or of evenly spaced ones where there are many."""
    some = len(images) > _CHECK_ALL
    positions = images.spread(_CHECK_SOME) if some else range(len(images))
    checked = _Checked(len(positions), {}, {})
    for done, i in enumerate(positions):
        if done % 50 == 0:
            yield Progress(done, len(positions), "checking images")
        try:
            checked.headers[i] = _header(images, i)
        except DatasetError as error:
            checked.failures[i] = error.what
    if checked.dtype == "uint8":
        for i, header in list(checked.headers.items()):
            if header.dtype == "float32":
                checked.failures[i] = INCOMPARABLE
    return checked


def _header(images: EncodedImages, position: int) -> Header:
    shown = images.path(position)
    header = read_header(partial(images.open, position), shown)
    box = images.box(position)
    if box is None:
        return header
    inner = box.within(header.height, header.width, shown)
    return replace(header, height=inner.bottom - inner.top, width=inner.right - inner.left)


def _measure(
    images: EncodedImages, checked: _Checked
) -> Generator[Progress, None, tuple[float, float]]:
    """The smallest and largest pixel value of evenly spaced images."""
    ids = list(checked.headers)
    largest = max(header.height * header.width for header in checked.headers.values())
    n = max(1, min(len(ids), _MEASURED_IMAGES, _MEASURED_PIXELS // largest))
    lows, highs = [], []
    for done, place in enumerate(np.linspace(0, len(ids) - 1, n).astype(np.int64).tolist()):
        yield Progress(done, n, "measuring brightness")
        i = ids[place]
        try:
            pixels = decode_precise(partial(images.open, i), images.path(i), checked.dtype)
        except DatasetError as error:
            checked.failures[i] = error.what
            continue
        lows.append(float(pixels.min()))
        highs.append(float(pixels.max()))
    return min(lows, default=0.0), max(highs, default=0.0)


def _info(
    kind: str,
    request: OpenRequest,
    images: EncodedImages,
    checked: _Checked,
    understood: Understood,
    value_range: tuple[float, float],
    taken: dict[str, Any],
) -> DatasetInfo:
    n = len(understood.codes)
    labelled = int((understood.codes != UNLABELLED).sum())
    channels = 1 if checked.grey else 3
    shape = None
    if checked.n == n and len(checked.shapes) == 1:
        height, width = next(iter(checked.shapes))
        shape = (height, width, channels)
    words = wording.images_in_words(n, shape, channels, exact=checked.n == n)
    words += wording.splits_in_words(understood.splits)
    classes = wording.classes_in_words(len(understood.class_names))
    return DatasetInfo(
        kind=kind,
        name=understood.name,
        n=n,
        splits=understood.splits,
        class_names=understood.class_names,
        image_shape=shape,
        dtype=checked.dtype,
        value_range=value_range,
        labelled=labelled,
        unlabelled=n - labelled,
        unreadable=len(checked.failures),
        sentence=f"{words}, {classes} {understood.said}." if labelled else f"{words}, no labels.",
        warnings=(*_warnings(checked, n, images), *understood.warnings),
        fingerprint=taken,
        request=request.to_message(),
        assignment=understood.assignment,
    )


def _warnings(checked: _Checked, n: int, images: EncodedImages) -> Iterator[str]:
    if checked.failures:
        failures = [f"{images.path(i)} {why}" for i, why in checked.failures.items()]
        yield f"Cannot be read: {wording.some_of(failures)}."
    scaled = sum(header.dtype == "uint16" for header in checked.headers.values())
    if scaled and checked.dtype == "uint8":
        counted = "1 image" if scaled == 1 else f"{scaled:,} images"
        yield f"{counted} of 16 bits among others of 8 bits: scaled to 8 bits."
    if checked.n < n:
        yield f"{checked.n:,} of {n:,} files were checked; others may turn out unreadable."
