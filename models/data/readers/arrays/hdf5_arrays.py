"""Arrays in HDF5 files, read without HDF5: its own reading code trusts what a file says.

h5py 3.16 carries HDF5 2.0.0, which crashes on chunks that are shorter than declared or returns
process memory as pixels (https://github.com/HDFGroup/hdf5/issues/6184, fixed in 2.2.0). Here
h5py only tells where the bytes lie; reading and unpacking them is bounded by our own code.
"""

from __future__ import annotations

import os
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from itertools import product
from typing import Any

os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # a file must not make HDF5 load a library
import h5py
import numpy as np
from numpy.typing import NDArray

from models.data.readers.arrays import hdf5_filters
from models.data.readers.arrays.hdf5_texts import REFERENCE, TextArray
from models.data.readers.source import FlatArray, OpenFile, StoredArray, Unusable
from models.errors import DatasetError
from models.types import Progress

_MAX_CHUNK_BYTES = 512 << 20
_MAX_CHUNKS = 50_000_000
_CACHE_BYTES = 64 << 20
_MAX_RATIO = 1_100  # gzip cannot pack tighter than 1,032 to 1
_OVERHEAD_BYTES = 1 << 16  # that a filter may add to a chunk it cannot pack
_REPACK = "Write it again without that, for example with h5repack."


def array_of(
    name: str, dataset: h5py.Dataset, file: OpenFile, record: np.dtype[Any] | None = None
) -> StoredArray | Unusable:
    """The rows of a dataset, or why they cannot be read. `record`: a compound type to accept."""
    why = _why_not(dataset, file, record)
    if why:
        return Unusable(name, dataset.shape or (), why, _REPACK)
    layout = dataset.id.get_create_plist().get_layout()
    if layout == h5py.h5d.COMPACT:
        return CompactArray(name, dataset)
    dtype = _stored_dtype(dataset)
    stored: StoredArray
    if layout == h5py.h5d.CHUNKED:
        stored = ChunkedArray(name, dataset, dtype, file)
    else:
        stored = FlatArray(name, dataset.shape, dtype, file, dataset.id.get_offset() or 0)
    if dtype == REFERENCE:
        return TextArray(stored, file, dataset.file.userblock_size)
    return stored


class CompactArray(StoredArray):
    """A few bytes that lie in the header of their dataset."""

    def __init__(self, name: str, dataset: h5py.Dataset) -> None:
        self.name, self.shape, self.dtype = name, dataset.shape, dataset.dtype
        self._values: NDArray[Any] = dataset[()]

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        block = self._values[start:stop]
        return block.astype(self.dtype.newbyteorder("="), copy=False)


class ChunkedArray(StoredArray):
    """A dataset in chunks, compressed or not, each checked against what was declared."""

    def __init__(
        self, name: str, dataset: h5py.Dataset, dtype: np.dtype[Any], file: OpenFile
    ) -> None:
        self.name, self.shape, self.dtype = name, dataset.shape, dtype
        self._dataset, self._file = dataset, file
        self._chunks: tuple[int, ...] = dataset.chunks
        self.grain = self._chunks[0]
        self._grid = tuple(-(-n // c) for n, c in zip(self.shape, self._chunks, strict=True))
        self._chunk_bytes = int(np.prod(self._chunks)) * self.dtype.itemsize
        plist = dataset.id.get_create_plist()
        self._filters = [plist.get_filter(i)[:3:2] for i in range(plist.get_nfilters())]
        self._index: NDArray[np.int64] | None = None  # (chunks, 3) offset, size, filter mask
        self._decoded: OrderedDict[int, NDArray[Any]] = OrderedDict()

    def preparing(self) -> Iterator[Progress]:
        """Note where every chunk lies: asking HDF5 for one takes it half a millisecond."""
        yield Progress(0, 1, f"finding the pieces of {self.name}")
        origins, facts = array("q"), array("q")

        def note(chunk: Any) -> None:
            origins.extend(chunk.chunk_offset)
            facts.extend((chunk.byte_offset, chunk.size, chunk.filter_mask))

        self._dataset.id.chunk_iter(note)
        at = np.array(origins, np.int64).reshape(-1, len(self._grid)) // self._chunks
        self._index = np.zeros((int(np.prod(self._grid)), 3), np.int64)
        self._index[np.ravel_multi_index(tuple(at.T), self._grid)] = np.reshape(facts, (-1, 3))

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        block = np.empty((stop - start, *self.shape[1:]), self.dtype.newbyteorder("="))
        first, last = start // self.grain, (stop - 1) // self.grain
        for at in product(range(first, last + 1), *map(range, self._grid[1:])):
            chunk = self._chunk(int(np.ravel_multi_index(at, self._grid)))
            origin = [a * c for a, c in zip(at, self._chunks, strict=True)]
            low, high = max(start, origin[0]), min(stop, origin[0] + self.grain)
            target = [slice(low - start, high - start)]
            source = [slice(low - origin[0], high - origin[0])]
            for o, c, n in zip(origin[1:], self._chunks[1:], self.shape[1:], strict=True):
                target.append(slice(o, min(o + c, n)))
                source.append(slice(0, min(c, n - o)))
            block[tuple(target)] = chunk[tuple(source)]
        return block

    def _chunk(self, place: int) -> NDArray[Any]:
        if place in self._decoded:
            self._decoded.move_to_end(place)
            return self._decoded[place]
        chunk = self._read_chunk(place)
        if self.grain > 1:
            self._decoded[place] = chunk
            while len(self._decoded) * self._chunk_bytes > _CACHE_BYTES and len(self._decoded) > 1:
                self._decoded.popitem(last=False)
        return chunk

    def _read_chunk(self, place: int) -> NDArray[Any]:
        assert self._index is not None, "preparing() comes first"
        offset, size, mask = map(int, self._index[place])
        if not size:
            raise self._damaged("has a piece that was never written")
        if size > self._chunk_bytes + self._chunk_bytes // 8 + _OVERHEAD_BYTES:
            raise self._damaged("has a piece of impossible size")
        filters = [f for i, f in enumerate(self._filters) if not mask >> i & 1]
        try:
            raw = hdf5_filters.undo(self._file.read(size, offset), filters, self._chunk_bytes)
        except ValueError as error:
            raise self._damaged(f"has a damaged piece ({error})") from error
        return np.frombuffer(raw, self.dtype).reshape(self._chunks)

    def _damaged(self, what: str) -> DatasetError:
        return DatasetError(
            f"array “{self.name}” {what}", self._file.shown, "Copy or download the file again."
        )


def _why_not(dataset: h5py.Dataset, file: OpenFile, record: np.dtype[Any] | None) -> str:
    """Why a dataset must not or cannot be read; empty if it can."""
    if dataset.external:
        return "keeps its values in another file, which may be any file of yours"
    if dataset.is_virtual:
        return "is virtual: its values lie in other files, and missing ones would read as zeros"
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if dataset.dtype.kind not in "biufSU" and not is_text and dataset.dtype != record:
        return f"holds {_kind_in_words(dataset)}, neither numbers nor text"
    plist = dataset.id.get_create_plist()
    if dataset.dtype.kind == "O":
        if (
            plist.get_layout() == h5py.h5d.COMPACT
            or dataset.file.id.get_create_plist().get_sizes() != (8, 8)
        ):
            return "holds text in a form that Winnow does not read"
    elif h5py.h5t.py_create(dataset.dtype, logical=True) != dataset.id.get_type():
        return "holds numbers of an unusual size"
    item_bytes = _stored_dtype(dataset).itemsize
    declared = int(np.prod(dataset.shape, dtype=object)) * item_bytes
    stored = dataset.id.get_storage_size()
    if stored * _MAX_RATIO < declared:
        return f"declares {declared:,} bytes where {stored:,} are stored"
    if plist.get_layout() == h5py.h5d.CONTIGUOUS:
        offset = dataset.id.get_offset()
        if declared and (offset is None or offset + declared > file.size):
            return "is cut short"
    if plist.get_layout() == h5py.h5d.CHUNKED:
        return _why_no_chunks(dataset, plist)
    return ""


def _stored_dtype(dataset: h5py.Dataset) -> np.dtype[Any]:
    """How the values lie in the file; h5py shows texts of variable length as objects."""
    return REFERENCE if dataset.dtype.kind == "O" else dataset.dtype


def _why_no_chunks(dataset: h5py.Dataset, plist: Any) -> str:
    codes = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
    unknown = [code for code in codes if code not in hdf5_filters.KNOWN]
    if unknown:
        return f"is packed with a filter Winnow does not read (number {unknown[0]})"
    if int(np.prod(dataset.chunks)) * _stored_dtype(dataset).itemsize > _MAX_CHUNK_BYTES:
        return f"is stored in pieces of more than {_MAX_CHUNK_BYTES >> 20} MB"
    grid = (-(-n // c) for n, c in zip(dataset.shape, dataset.chunks, strict=True))
    if int(np.prod(list(grid), dtype=object)) > _MAX_CHUNKS:
        return "is stored in too many pieces"
    return ""


def _kind_in_words(dataset: h5py.Dataset) -> str:
    return {"V": "records", "O": "objects or lists of varying length", "c": "complex numbers"}.get(
        dataset.dtype.kind, str(dataset.dtype)
    )
