"""IDX files, the form MNIST is shipped in: one array each, plain or packed with gzip."""

from __future__ import annotations

import math
import os
import re
import struct
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.data.readers.arrays import gzipped
from models.data.readers.arrays.packed import PackedArray
from models.data.readers.meaning.names_file import names_beside
from models.data.readers.source import (
    Arrays,
    FlatArray,
    MemoryArray,
    OpenFile,
    StoredArray,
)
from models.errors import DatasetError

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_DIMENSIONS = 4
_MAX_HEADER = 4 + 4 * _MAX_DIMENSIONS
_NAMED = re.compile(r"[-_.]idx[1-4]([-_.]|$)", re.IGNORECASE)
_WHOLE_BYTES = 16 << 20  # packed labels up to this size are unpacked at once
_REMEDY = "Copy or download it again."


def recognises(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    if _NAMED.search(os.path.basename(path)):
        return True
    file = OpenFile(path)
    try:
        header = _parse(_start(file))
        if header is None:
            return False
        # A CIFAR record may begin with the same bytes.
        may_be_cifar = path.lower().endswith(".bin") and not gzipped.is_packed(file)
        return not may_be_cifar or header.file_bytes == file.size
    except DatasetError:
        return False
    finally:
        file.close()


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    file = OpenFile(path)
    kept.callback(file.close)
    header = _parse(_start(file))
    if header is None:
        raise DatasetError(
            "does not begin like an IDX file, or is damaged at its beginning", file.shown, _REMEDY
        )
    array = _packed(file, header, kept) if gzipped.is_packed(file) else _plain(file, header)
    yield array
    names = None if isinstance(array, PackedArray) else names_beside(path, array)
    if names is not None:
        yield names


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def n_bytes(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def file_bytes(self) -> int:
        """How long the file has to be, unpacked."""
        return self.n_bytes + math.prod(self.shape) * self.dtype.itemsize


def _parse(start: bytes) -> _Header | None:
    """The header at the start of a file, None if there is none."""
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _DTYPES:
        return None
    rank = start[3]
    if not 1 <= rank <= _MAX_DIMENSIONS or len(start) < 4 + 4 * rank:
        return None
    return _Header(struct.unpack_from(f">{rank}I", start, 4), np.dtype(_DTYPES[start[2]]))


def _plain(file: OpenFile, header: _Header) -> FlatArray:
    if file.size != header.file_bytes:
        raise _counts_differ(file, header, f"{file.size:,} bytes are there")
    return FlatArray("", header.shape, header.dtype, file, header.n_bytes)


def _packed(file: OpenFile, header: _Header, kept: ExitStack) -> StoredArray:
    if header.file_bytes > gzipped.BEST_RATIO * file.size:
        raise _counts_differ(file, header, f"{file.size:,} packed bytes cannot hold that")
    if len(header.shape) == 1 and header.file_bytes <= _WHOLE_BYTES:
        values = np.frombuffer(_unpacked(file, header), header.dtype, offset=header.n_bytes)
        return MemoryArray("", values)
    return PackedArray(
        "",
        header.shape,
        header.dtype,
        lambda: gzipped.content_of(file),
        header.n_bytes,
        header.file_bytes,
        file,
        kept,
    )


def _unpacked(file: OpenFile, header: _Header) -> bytes:
    try:
        with gzipped.content_of(file) as stream:
            content = stream.read(header.file_bytes + 1)
    except gzipped.ERRORS as error:
        raise gzipped.damaged(file, error) from error
    if len(content) != header.file_bytes:
        found = "more are" if len(content) > header.file_bytes else f"{len(content):,} are"
        raise _counts_differ(file, header, f"{found} in there")
    return content


def _start(file: OpenFile) -> bytes:
    """The first bytes of what is in the file."""
    if not gzipped.is_packed(file):
        return file.read(min(_MAX_HEADER, file.size), 0)
    try:
        with gzipped.content_of(file) as stream:
            return stream.read(_MAX_HEADER)
    except gzipped.ERRORS as error:
        raise gzipped.damaged(file, error) from error


def _counts_differ(file: OpenFile, header: _Header, found: str) -> DatasetError:
    shape = " x ".join(f"{side:,}" for side in header.shape)
    return DatasetError(
        f"promises {shape} values of {header.dtype.name}, {header.file_bytes:,} bytes in all, "
        f"but {found}",
        file.shown,
        _REMEDY,
    )
