"""A dataset made of encoded images (PNG, JPEG, ...), wherever their bytes lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

import numpy as np

from models.data.fingerprint import fingerprint
from models.data.readers import wording
from models.data.readers.image_file import Header, decode, read_header
from models.data.readers.source import Opening, Source
from models.errors import DatasetError
from models.types import UNLABELLED, DatasetInfo, LabelVector, OpenRequest, Pixels, Progress

_CHECK_ALL = 5_000  # datasets up to this size have every header checked when opened
_CHECK_SOME = 1_000
_VALUE_RANGE = (0.0, 255.0)  # decoded files are 8-bit


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

    def close(self) -> None:  # noqa: B027 - most hold nothing open
        """Close what is open; further calls are not allowed."""


@dataclass(frozen=True)
class Understood:
    """What a dataset of encoded images says of them besides their pixels.

    Images lie split by split, in the order of `splits`; `said` tells where the classes are
    from: "named by folders".
    """

    name: str
    splits: dict[str, int]
    class_names: tuple[str, ...]
    codes: LabelVector
    said: str
    warnings: tuple[str, ...] = ()


def open_encoded(
    kind: str, request: OpenRequest, images: EncodedImages, understood: Understood
) -> Opening:
    """Check headers, all of them or of evenly spaced images, and make a Source."""
    checked = yield from _check(images)
    yield EncodedSource(_info(kind, request, checked, understood), images, understood, checked)


class EncodedSource(Source):
    """Samples are decoded one by one, as a viewer would show them."""

    def __init__(
        self, info: DatasetInfo, images: EncodedImages, understood: Understood, checked: _Checked
    ) -> None:
        self.info, self.given = info, understood.codes
        self._images, self._grey = images, checked.grey

    def read(self, sample_id: int) -> Pixels:
        return self._decoded(sample_id)

    def thumbnail(self, sample_id: int, size_px: int) -> Pixels:
        return self._decoded(sample_id, size_px)

    def path(self, sample_id: int) -> str:
        return self._images.path(sample_id)

    def original(self, sample_id: int) -> bytes | None:
        with self._images.open(sample_id) as file:
            return file.read()

    def close(self) -> None:
        self._images.close()

    def _decoded(self, sample_id: int, at_most_px: int = 0) -> Pixels:
        return decode(
            partial(self._images.open, sample_id), self.path(sample_id), self._grey, at_most_px
        )


@dataclass(frozen=True)
class _Checked:
    """What the headers of all images, or of some, say."""

    n: int
    shapes: frozenset[tuple[int, int]]
    grey: bool
    failures: tuple[str, ...]


def _check(images: EncodedImages) -> Generator[Progress, None, _Checked]:
    """Read the header of every image, or of evenly spaced ones where there are many."""
    n_checked = len(images) if len(images) <= _CHECK_ALL else _CHECK_SOME
    headers: list[Header] = []
    failures = []
    for done, i in enumerate(np.linspace(0, len(images) - 1, n_checked).astype(np.int64).tolist()):
        if done % 50 == 0:
            yield Progress(done, n_checked, "checking images")
        path = images.path(i)
        try:
            headers.append(read_header(partial(images.open, i), path))
        except DatasetError as error:
            failures.append(f"{path} {error.what}")
    shapes = frozenset((header.height, header.width) for header in headers)
    grey = bool(headers) and all(header.grey for header in headers)
    return _Checked(n_checked, shapes, grey, tuple(failures))


def _info(
    kind: str, request: OpenRequest, checked: _Checked, understood: Understood
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
        dtype="uint8",
        value_range=_VALUE_RANGE,
        labelled=labelled,
        unlabelled=n - labelled,
        unreadable=len(checked.failures),
        sentence=f"{words}, {classes} {understood.said}." if labelled else f"{words}, no labels.",
        warnings=(*_warnings(checked, n), *understood.warnings),
        fingerprint=fingerprint(request.paths),
        request=request.to_message(),
    )


def _warnings(checked: _Checked, n: int) -> Iterator[str]:
    if checked.failures:
        yield f"Cannot be read: {wording.some_of(checked.failures)}."
    if checked.n < n:
        yield f"{checked.n:,} of {n:,} files were checked; others may turn out unreadable."
