"""Text of variable length in HDF5 files, read without HDF5: damage makes it hang there for ever.

A dataset of it holds references into heaps elsewhere in the file. The form of both is described
in the HDF5 File Format Specification, sections III.E (global heap) and IV.B (variable length).
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.source import OpenFile, StoredArray
from models.errors import DatasetError

REFERENCE = np.dtype([("n_bytes", "<u4"), ("heap", "<u8"), ("index", "<u4")])
_HEAP = struct.Struct("<4sB3xQ")  # signature, version, size with this header
_OBJECT = struct.Struct("<HH4xQ")  # index, count of references, size; then its bytes
_ALIGNMENT = 8
_MAX_HEAP_BYTES = 64 << 20
_HEAPS_KEPT = 16
_MAX_TEXT_BYTES = 256 << 20


class TextArray(StoredArray):
    """The texts that an array of references points to; undecodable bytes are escaped."""

    def __init__(self, references: StoredArray, file: OpenFile, base: int) -> None:
        self.name, self.shape, self.dtype = references.name, references.shape, np.dtype("U")
        self.grain = references.grain
        self.preparing = references.preparing  # type: ignore[method-assign]
        self._references, self._file, self._base = references, file, base
        self._heaps: OrderedDict[int, dict[int, bytes]] = OrderedDict()

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        references = self._references.rows(start, stop)
        texts = self._texts(references.reshape(-1))
        # NumPy gives every text the room of the longest.
        if 4 * len(texts) * max(map(len, texts), default=0) > _MAX_TEXT_BYTES:
            raise DatasetError(
                f"array “{self.name}” holds texts too long to be labels", self._file.shown
            )
        return np.array(texts, np.str_).reshape(references.shape)

    def _texts(self, references: NDArray[Any]) -> list[str]:
        columns = (references[name].tolist() for name in REFERENCE.names or ())
        texts, heap, objects = [], None, {}
        for n_bytes, address, index in zip(*columns, strict=True):
            if not n_bytes:
                texts.append("")
                continue
            if address != heap:  # neighbours mostly lie in the same
                heap, objects = address, self._heap(address)
            found = objects.get(index)
            if found is None or len(found) < n_bytes:
                raise self._damaged()
            text = found if len(found) == n_bytes else found[:n_bytes]
            texts.append(text.split(b"\0")[0].decode("utf-8", "backslashreplace"))
        return texts

    def _heap(self, address: int) -> dict[int, bytes]:
        """The objects of one heap by their index."""
        if address in self._heaps:
            self._heaps.move_to_end(address)
            return self._heaps[address]
        heap = self._heaps[address] = self._read_heap(self._base + address)
        if len(self._heaps) > _HEAPS_KEPT:
            self._heaps.popitem(last=False)
        return heap

    def _read_heap(self, at: int) -> dict[int, bytes]:
        self._check_inside(at, _HEAP.size)
        signature, version, size = _HEAP.unpack(self._file.read(_HEAP.size, at))
        if signature != b"GCOL" or version != 1 or not _HEAP.size <= size <= _MAX_HEAP_BYTES:
            raise self._damaged()
        self._check_inside(at, size)
        heap = self._file.read(size, at)
        objects, place = {}, _HEAP.size
        while place + _OBJECT.size <= size:
            index, _, n_bytes = _OBJECT.unpack_from(heap, place)
            if index == 0:  # what is left is free
                break
            place += _OBJECT.size
            objects[index] = heap[place : place + n_bytes]
            place += -(-n_bytes // _ALIGNMENT) * _ALIGNMENT
        return objects

    def _check_inside(self, at: int, n_bytes: int) -> None:
        if at + n_bytes > self._file.size:
            raise self._damaged()

    def _damaged(self) -> DatasetError:
        return DatasetError(
            f"array “{self.name}” has texts that are not where it says",
            self._file.shown,
            "Copy or download the file again.",
        )
