"""Packs the log rows of a large step into one blob: each column as small as it goes."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.decisions import LOG_DTYPE
from models.types import LogRows

_CRC_BYTES = 4
_AS_INTEGERS = {
    name: np.dtype("<u4" if name == "suspicion" else "<i8") for name in LOG_DTYPE.names or ()
}


def pack(rows: LogRows) -> bytes:
    """Rows of LOG_DTYPE, at least one, as bytes that know when they are damaged.

    Most columns of a step grow evenly or not at all (seq, step, action, ...): of those the
    first value and the difference are kept. The others are cut to the width their values need.
    """
    described, columns = [], []
    for name, kind in _AS_INTEGERS.items():
        column = rows[name].view(kind) if kind.kind == "u" else rows[name].astype(kind)
        differences = np.diff(column)
        if not len(differences) or (differences == differences[0]).all():
            difference = int(differences[0]) if len(differences) else 0
            described.append([name, int(column[0]), difference])
        else:
            narrow = column.astype(_narrowest(column))
            described.append([name, narrow.dtype.str])
            columns.append(narrow.tobytes())
    header = json.dumps({"n": len(rows), "columns": described}).encode() + b"\n"
    content = b"".join([header, *columns])
    return zlib.crc32(content).to_bytes(_CRC_BYTES, "little") + content


def is_whole(blob: bytes) -> bool:
    """Whether packed rows are as they were written."""
    content = memoryview(blob)[_CRC_BYTES:]
    return zlib.crc32(content) == int.from_bytes(blob[:_CRC_BYTES], "little")


def unpack(blob: bytes, rows: LogRows) -> int:
    """Write the rows that were packed to the beginning of `rows`; how many they are.

    Raises ValueError if they are damaged, or there is no room for them.
    """
    if not is_whole(blob):
        raise ValueError("its sum is wrong")
    at = blob.index(b"\n", _CRC_BYTES) + 1
    header = json.loads(blob[_CRC_BYTES:at])
    n: int = header["n"]
    if n > len(rows):
        raise ValueError(f"{len(rows)} rows are expected, it holds {n}")
    rows = rows[:n]
    for name, *how in header["columns"]:
        column = rows[name].view("<u4") if name == "suspicion" else rows[name]
        if len(how) == 2:
            first, difference = how
            column[:] = first if not difference else _evenly(first, difference, n)
        else:
            narrow = np.dtype(how[0])
            column[:] = np.frombuffer(blob, narrow, n, at)
            at += n * narrow.itemsize
    return n


def _evenly(first: int, difference: int, n: int) -> NDArray[np.int64]:
    column = np.arange(n)
    if difference != 1:
        column *= difference
    column += first
    return column


def _narrowest(column: NDArray[Any]) -> np.dtype[Any]:
    low, high = int(column.min()), int(column.max())
    kinds = (np.dtype(f"<{'i' if low < 0 else 'u'}{width}") for width in (1, 2, 4, 8))
    return next(k for k in kinds if np.iinfo(k).min <= low and high <= np.iinfo(k).max)
