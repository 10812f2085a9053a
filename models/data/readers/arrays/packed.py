"""Arrays in compressed streams: unpacked into the cache, and readable while that goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.arrays.unpacked import UnpackedFile
from models.data.readers.source import OpenFile, StoredArray
from models.errors import NotYet
from models.types import Progress

_WHOLE_BYTES = 16 << 20  # up to here it is faster to wait than to come back
_WHOLE_FLOAT_BYTES = 256 << 20  # floats up to here are all checked for NaN when opened
_FIRST_BYTES = 16 << 20  # of larger arrays: what can be looked at when preparing() ends


class PackedArray(StoredArray):
    """An array in a compressed stream, which can only be read from its beginning.

    `open_packed` opens the stream anew; it is called from another thread, and never while an
    earlier one is open. Of the `n_bytes` it gives, the array's begin at `header_bytes`.
    """

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        open_packed: Callable[[], IO[bytes]],
        header_bytes: int,
        n_bytes: int,
        file: OpenFile,
        kept: ExitStack,
    ) -> None:
        self.name, self.shape, self.dtype = name, shape, dtype
        self._open_packed, self._header_bytes, self._n_bytes = open_packed, header_bytes, n_bytes
        self._member, self._file, self._kept = name, file, kept
        self._unpacked: UnpackedFile | None = None

    @property
    def first_rows(self) -> int:
        # Without a say of time, so that what is measured on them is the same every time.
        at_once = _WHOLE_FLOAT_BYTES if self.dtype.kind == "f" else _WHOLE_BYTES
        if self._n_bytes <= at_once or len(self.shape) < 3:  # labels are of no use in part
            return self.shape[0]
        return min(self.shape[0], -(-_FIRST_BYTES // self.row_bytes))

    def preparing(self) -> Iterator[Progress]:
        """Begin to unpack; ends when the first rows are there, the rest follows."""
        if self._unpacked is None:
            self._unpacked = UnpackedFile(
                self._file, self._member, self._n_bytes, self._open_packed
            )
            self._kept.callback(self._unpacked.close)
        wanted = self._header_bytes + self.first_rows * self.row_bytes
        if self.first_rows == self.shape[0]:
            wanted = self._n_bytes
        while (there := self._unpacked.n_there()) < wanted:
            failure = self._unpacked.failure
            if failure and (wanted == self._n_bytes or there < self._end_of(1)):
                raise failure
            if failure:
                return
            yield Progress(there, self._n_bytes, f"unpacking {self.name}")
            self._unpacked.wait()

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        assert self._unpacked is not None, "preparing() comes first"
        there, end = self._unpacked.n_there(), self._end_of(stop)
        if there < end:
            if self._unpacked.failure:
                raise self._unpacked.failure
            raise NotYet(there, self._n_bytes, self._file.shown)
        block = np.empty((stop - start, *self.shape[1:]), self.dtype)
        if block.size:
            as_bytes = block.reshape(-1).view(np.uint8)
            self._unpacked.read_into(as_bytes.data, self._end_of(start))
        return block.astype(self.dtype.newbyteorder("="), copy=False)

    def _end_of(self, n_rows: int) -> int:
        return self._header_bytes + n_rows * self.row_bytes
