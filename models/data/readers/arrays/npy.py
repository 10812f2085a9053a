"""NumPy .npy files: one array each, named by its file."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import warnings
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from models.data.readers.source import (
    Arrays,
    FlatArray,
    OpenFile,
    Unusable,
    begins_with,
)
from models.errors import DatasetError

HEADER_BYTES = 64 << 10  # far more than any header of a plain array
_MOST_PIECES = 20_000  # that a row in Fortran order may lie in; 3,000 take about 2 ms
_MAGIC = b"\x93NUMPY"
_HEADER_ERRORS = (
    ValueError,
    SyntaxError,
    tokenize.TokenError,
    EOFError,
    struct.error,
    KeyError,
    TypeError,
    MemoryError,
    RecursionError,
)


def recognises(path: str) -> bool:
    return path.lower().endswith(".npy") or begins_with(path, _MAGIC)


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    file = OpenFile(path)
    kept.callback(file.close)
    start = file.read(min(HEADER_BYTES, file.size), 0)
    yield array_at("", file, 0, start, file.size)


def array_at(
    name: str, file: OpenFile, offset: int, start: bytes, n_bytes: int
) -> FlatArray | Unusable:
    """The array whose .npy file of `n_bytes` lies at an offset of another file.

    Raises DatasetError if its header is broken or promises more than is there.
    """
    shape, dtype, fortran, header_bytes = parse_header(start, file.shown)
    unusable = why_unusable(name, shape, dtype, fortran)
    if unusable:
        return unusable
    declared = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if header_bytes + declared > n_bytes:
        raise DatasetError(
            f"is cut short: its array of shape {shape} needs {declared:,} bytes, "
            f"{max(0, n_bytes - header_bytes):,} are there",
            file.shown,
            "Copy or download it again.",
        )
    kind = ColumnMajorArray if fortran else FlatArray
    return kind(name, shape, dtype, file, offset + header_bytes)


class ColumnMajorArray(FlatArray):
    """An array in Fortran order: each pixel of all images, then the next pixel of all images."""

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        n_values = math.prod(self.shape[1:])
        block = np.empty((n_values, stop - start), self.dtype)
        for i, values in enumerate(block.view(np.uint8)):
            offset = self._offset + (i * self.shape[0] + start) * self.dtype.itemsize
            self._file.read_into(values.data, offset)
        # The last axis is the slowest, so the axes come in reverse.
        turned = block.reshape(*self.shape[:0:-1], stop - start).T
        return np.ascontiguousarray(turned, self.dtype.newbyteorder("="))


def parse_header(start: bytes, where: str) -> tuple[tuple[int, ...], np.dtype[Any], bool, int]:
    """Shape, dtype, whether Fortran order, and length of a .npy header."""
    stream = io.BytesIO(start)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers written by Python 2 are fine
            version = npy_format.read_magic(stream)
            read = {
                (1, 0): npy_format.read_array_header_1_0,
                (2, 0): npy_format.read_array_header_2_0,
            }[version]
            shape, fortran, dtype = read(stream)
    except _HEADER_ERRORS as error:
        raise DatasetError(
            "is not a valid .npy array, or is damaged at its beginning",
            where,
            "Save it again with numpy.save.",
            details=str(error),
        ) from error
    if any(side < 0 for side in shape):
        raise DatasetError(f"declares an array of impossible shape {shape}", where)
    return tuple(int(side) for side in shape), dtype, fortran, stream.tell()


def why_unusable(
    name: str, shape: tuple[int, ...], dtype: np.dtype[Any], fortran: bool
) -> Unusable | None:
    """Whether an array can't be read row by row as plain numbers or text, and why."""
    if dtype.hasobject:
        return Unusable(
            name,
            shape,
            "holds Python objects, which could run a program when read",
            "Save plain numbers or text instead, for labels from pandas: labels.astype(str).",
        )
    if dtype.kind not in "buifUS":
        return Unusable(name, shape, f"holds {dtype}, neither numbers nor text")
    if fortran and math.prod(shape[1:]) > _MOST_PIECES:
        return Unusable(
            name,
            shape,
            f"is stored in Fortran order, so that an image lies in {math.prod(shape[1:]):,} pieces",
            "Save numpy.ascontiguousarray(array) instead.",
        )
    return None
