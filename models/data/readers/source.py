"""What every format delivers: a Source of images by id, or named arrays to make one from."""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.names import displayed
from models.data.readers.thumbnails import reduced
from models.errors import DatasetError
from models.types import DatasetInfo, LabelVector, LogRows, Pixels, Progress, SampleIds


@dataclass(frozen=True)
class EarlierReview:
    """What was decided before a Winnow export was written, in sample ids of that file."""

    log: LogRows
    notes: dict[int, str]  # by seq
    corrected: LabelVector
    reviewers: list[str]


class Source(ABC):
    """An open dataset. Errors in one sample are DatasetErrors; the others stay readable."""

    info: DatasetInfo
    given: LabelVector  # (n,)
    unreadable: Mapping[int, str] = MappingProxyType({})  # by sample id why, as far as is known

    @abstractmethod
    def read(self, sample_id: int) -> Pixels:
        """One image (h, w, c), c = 1 or 3. Raises DatasetError if it has no pixels."""

    @abstractmethod
    def path(self, sample_id: int) -> str:
        """Where a sample lies, for display."""

    def stack(self, sample_ids: SampleIds) -> NDArray[Any] | None:
        """The first images asked for as one (m, h, w, c) array, where that is cheap.

        m may be less than asked to bound memory; None means "ask one by one".
        """
        return None

    def thumbnail(self, sample_id: int, size_px: int) -> Pixels:
        """A uint8 image whose sides are at most `size_px`."""
        return reduced(self.read(sample_id), size_px, self.info.value_range)

    def original(self, sample_id: int) -> bytes | None:
        """The file of one image, bit for bit, where the source holds encoded files."""
        return None

    def n_encoded(self, sample_id: int) -> float:
        """How many bytes the file of an image has; NaN where it has none."""
        original = self.original(sample_id)
        return math.nan if original is None else len(original)

    def earlier_review(self) -> EarlierReview | None:
        return None

    @abstractmethod
    def close(self) -> None:
        """Close files; further calls are not allowed."""


Opening = Iterator[Progress | Source]  # the last thing it yields is the Source


class StoredArray(ABC):
    """A named array in a file whose rows can be read without reading the rest."""

    name: str
    file: str = ""  # that it lies in, for display
    listed_in: str = ""  # the path of the text file beside it that it was read from
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    grain: int = 1  # rows that are decoded together

    @abstractmethod
    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Rows start..stop, in native byte order. Raises DatasetError."""

    def preparing(self) -> Iterator[Progress]:
        """Make `rows` ready to be called; long work (unpacking) says how far it is."""
        return iter(())

    @property
    def first_rows(self) -> int:
        """How many rows from the start can be read after `preparing`; more may raise NotYet."""
        return self.shape[0]

    @property
    def row_bytes(self) -> int:
        return int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize


@dataclass
class Unusable:
    """An array that is there but must not or cannot be read, and why in words."""

    name: str
    shape: tuple[int, ...]
    why: str
    remedy: str = ""


Arrays = Iterator[Progress | StoredArray | Unusable]  # what an array file holds


class FlatArray(StoredArray):
    """An uncompressed array in C order at an offset of an open file."""

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        file: OpenFile,
        offset: int,
    ) -> None:
        self.name, self.shape, self.dtype = name, shape, dtype
        self._file, self._offset = file, offset

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        block = np.empty((stop - start, *self.shape[1:]), self.dtype)
        if block.size:
            as_bytes = block.reshape(-1).view(np.uint8)
            self._file.read_into(as_bytes.data, self._offset + start * self.row_bytes)
        return block.astype(self.dtype.newbyteorder("="), copy=False)


class MemoryArray(StoredArray):
    """An array that had to be read as a whole."""

    def __init__(self, name: str, values: NDArray[Any]) -> None:
        self.name, self.shape, self.dtype = name, values.shape, values.dtype
        self._values = values

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        block = self._values[start:stop]
        return block.astype(self.dtype.newbyteorder("="), copy=False)


class OpenFile:
    """A file opened read-only and read by offset; never mapped, so it may shrink unharmed."""

    def __init__(self, path: str, fd: int | None = None) -> None:
        self.shown = displayed(path)
        try:
            self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if fd is None else fd
        except OSError as error:
            raise cannot_open(path, error) from error

    @property
    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def read_into(self, buffer: memoryview, offset: int) -> None:
        filled = 0
        while filled < len(buffer):
            try:
                n_read = os.preadv(self.fd, [buffer[filled:]], offset + filled)
            except OSError as error:
                raise cannot_open(self.shown, error) from error
            if n_read == 0:
                raise DatasetError(
                    "is shorter than it says it is",
                    self.shown,
                    "It was cut off or replaced; get it again, or open it once more.",
                )
            filled += n_read

    def read(self, n_bytes: int, offset: int) -> bytes:
        buffer = bytearray(n_bytes)
        self.read_into(memoryview(buffer), offset)
        return bytes(buffer)

    def close(self) -> None:
        os.close(self.fd)


def begins_with(path: str, signature: bytes) -> bool:
    """Whether a path is a file with this signature."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(signature)) == signature
    except OSError as error:
        raise cannot_open(path, error) from error


def cannot_open(path: str, error: OSError) -> DatasetError:
    """The sentence for a file the system does not let us read."""
    return DatasetError(
        f"cannot be read ({error.strerror or error})",
        displayed(path),
        "Check that it is there and that you may read it.",
    )
