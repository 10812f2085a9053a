"""Encoded images in the row groups of Parquet files. Imports pyarrow, so it is imported late."""

from __future__ import annotations

import io
import os
import tempfile
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.data.names import displayed
from models.data.readers.images.encoded_source import EncodedImages
from models.data.readers.scratch import cache_folder, check_room, writing
from models.data.readers.source import OpenFile
from models.errors import DatasetError
from models.types import Progress

# Arrow's own allocator takes a gigabyte of address space at once, half of what a reader may have.
pa.set_memory_pool(pa.system_memory_pool())

_LOADED_BYTES = 512 << 20  # of row groups that are kept in memory
_LARGE_GROUP_BYTES = 256 << 20  # larger row groups are unpacked into a scratch file
_BATCH_BYTES = 8 << 20
_OPEN_FILES = 32
_CHECKED_GROUPS = 16  # row groups whose images are looked at, where there are many
_STREAM_BYTES = 1 << 20  # with a buffer a column is streamed; without, it is read whole


@dataclass(frozen=True)
class Shard:
    """What the footer of one file says."""

    path: str
    schema: pa.Schema
    group_rows: tuple[int, ...]
    group_bytes: tuple[dict[str, int], ...]  # unpacked, by column

    @property
    def n(self) -> int:
        return sum(self.group_rows)

    @property
    def shown(self) -> str:
        return displayed(os.path.basename(self.path))


def open_shard(path: str) -> Shard:
    """Read the footer of a file. Raises DatasetError."""
    with ExitStack() as stack, _readable(path):
        file = _open(path, stack)
        groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
        columns = [[group.column(i) for i in range(group.num_columns)] for group in groups]
        return Shard(
            path,
            file.schema_arrow,
            tuple(group.num_rows for group in groups),
            tuple({c.path_in_schema: c.total_uncompressed_size for c in cs} for cs in columns),
        )


def column(shard: Shard, name: str, batch_rows: int) -> Iterator[pa.Array]:
    """One column of a file, some rows at a time; a field of a struct is "image.path"."""
    with ExitStack() as stack, _readable(shard.path):
        file = _open(shard.path, stack)
        for batch in file.iter_batches(batch_rows, columns=[name], use_threads=False):
            yield _innermost(batch)


class ParquetImages(EncodedImages):
    """Images by row. To read one, its whole row group is read; those used last are kept."""

    def __init__(self, shards: Sequence[Shard], name: str, paths: Sequence[str] | None) -> None:
        self._column, self._paths = name, paths
        self._groups = [(shard, i) for shard in shards for i in range(len(shard.group_rows))]
        self._starts = np.cumsum([0, *(shard.group_rows[i] for shard, i in self._groups)])
        firsts = np.cumsum([0, *(shard.n for shard in shards)]).tolist()
        self._first_of = {shard.path: first for shard, first in zip(shards, firsts, strict=False)}
        self._loaded: OrderedDict[int, _Loaded] = OrderedDict()
        self._unpacked: dict[int, _Unpacked] = {}
        self._open: OrderedDict[str, tuple[pq.ParquetFile, ExitStack]] = OrderedDict()
        self._scratch = ExitStack()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def open(self, position: int) -> IO[bytes]:
        group = self._group_of(position)
        encoded = self._content(group).value(position - int(self._starts[group]))
        if encoded is None:
            raise DatasetError(
                "has no image in the file",
                self.path(position),
                "Save the dataset with its images embedded.",
            )
        return io.BytesIO(encoded)

    def path(self, position: int) -> str:
        if self._paths is not None:
            return self._paths[position]
        shard, _ = self._groups[self._group_of(position)]
        return f"{shard.shown}[{position - self._first_of[shard.path]}]"

    def spread(self, count: int) -> Sequence[int]:
        """Positions in few row groups: one image of a group costs as much as all of them."""
        groups = [g for g in range(len(self._groups)) if self._starts[g] < self._starts[g + 1]]
        if count >= len(self) or len(groups) <= _CHECKED_GROUPS:
            return super().spread(count)
        chosen = np.linspace(0, len(groups) - 1, _CHECKED_GROUPS).astype(np.int64).tolist()
        found = [
            np.linspace(self._starts[g], self._starts[g + 1] - 1, count // _CHECKED_GROUPS)
            for g in (groups[place] for place in chosen)
        ]
        positions: list[int] = np.unique(np.concatenate(found).astype(np.int64)).tolist()
        return positions

    def preparing(self) -> Generator[Progress, None, None]:
        """Unpack row groups that are too large for memory into a scratch file without a name."""
        large = [g for g in range(len(self._groups)) if self._bytes_of(g) > _LARGE_GROUP_BYTES]
        if not large:
            return
        total, done = sum(self._bytes_of(g) for g in large), 0
        where, folder = self._groups[large[0]][0].shown, cache_folder()
        check_room(folder, total, where)
        scratch = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        self._scratch.callback(scratch.close)
        file = OpenFile(where, scratch.fileno())
        for group in large:
            values = _Unpacked(file)
            for batch in self._batches(group):
                with writing(folder):
                    done += values.append(batch, scratch)
                yield Progress(min(done, total), total, "unpacking images")
            self._check_rows(group, values.n)
            self._unpacked[group] = values

    def close(self) -> None:
        self._loaded.clear()
        self._scratch.close()
        while self._open:
            self._open.popitem()[1][1].close()

    def _group_of(self, position: int) -> int:
        return int(np.searchsorted(self._starts, position, side="right")) - 1

    def _content(self, group: int) -> _Loaded | _Unpacked:
        if group in self._unpacked:
            return self._unpacked[group]
        if group not in self._loaded:
            room = _LOADED_BYTES - self._bytes_of(group)
            while self._loaded and sum(kept.n_bytes for kept in self._loaded.values()) > room:
                self._loaded.popitem(last=False)
            loaded = _Loaded(list(self._batches(group)))
            self._check_rows(group, loaded.n)
            self._loaded[group] = loaded
        self._loaded.move_to_end(group)
        return self._loaded[group]

    def _batches(self, group: int) -> Iterator[pa.Array]:
        shard, index = self._groups[group]
        mean_bytes = self._bytes_of(group) // max(1, shard.group_rows[index])
        n_rows = max(1, _BATCH_BYTES // max(1, mean_bytes))
        with _readable(shard.path):
            for batch in self._file(shard.path).iter_batches(
                n_rows, row_groups=[index], columns=[self._column], use_threads=False
            ):
                yield _innermost(batch)

    def _check_rows(self, group: int, n: int) -> None:
        shard, index = self._groups[group]
        if n != shard.group_rows[index]:
            raise DatasetError(
                f"promises {shard.group_rows[index]:,} rows in a group, {n:,} are there",
                displayed(shard.path),
                "Copy or download it again.",
            )

    def _bytes_of(self, group: int) -> int:
        shard, index = self._groups[group]
        return shard.group_bytes[index].get(self._column, 0)

    def _file(self, path: str) -> pq.ParquetFile:
        if path not in self._open:
            while len(self._open) >= _OPEN_FILES:
                self._open.popitem(last=False)[1][1].close()
            with ExitStack() as stack:
                file = _open(path, stack)
                self._open[path] = file, stack.pop_all()
        self._open.move_to_end(path)
        return self._open[path][0]


class _Loaded:
    """The images of a row group in memory."""

    def __init__(self, batches: Sequence[pa.Array]) -> None:
        self._batches = batches
        self._starts = np.cumsum([0, *map(len, batches)])
        self.n = int(self._starts[-1])
        self.n_bytes = sum(batch.nbytes for batch in batches)

    def value(self, row: int) -> bytes | None:
        batch = int(np.searchsorted(self._starts, row, side="right")) - 1
        value: bytes | None = self._batches[batch][row - int(self._starts[batch])].as_py()
        return value


class _Unpacked:
    """The images of a row group in a scratch file."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._begins: list[NDArray[np.int64]] = []
        self._lengths: list[NDArray[np.int64]] = []  # -1 where there is none
        self._starts = [0]

    @property
    def n(self) -> int:
        return self._starts[-1]

    def append(self, batch: pa.Array, scratch: IO[bytes]) -> int:
        """Write the values of a batch one after another; how many bytes they have."""
        _, offsets, values = batch.buffers()
        width = np.int64 if pa.types.is_large_binary(batch.type) else np.int32
        ends = np.frombuffer(offsets, width)[batch.offset :][: len(batch) + 1].astype(np.int64)
        lengths = np.diff(ends)
        lengths[batch.is_null().to_numpy(zero_copy_only=False)] = -1
        self._begins.append(scratch.tell() + ends[:-1] - ends[0])
        self._lengths.append(lengths)
        self._starts.append(self._starts[-1] + len(batch))
        block = memoryview(values)[ends[0] : ends[-1]] if values else memoryview(b"")
        n_bytes = len(block)
        while block:
            block = block[scratch.write(block) :]
        return n_bytes

    def value(self, row: int) -> bytes | None:
        batch = int(np.searchsorted(self._starts, row, side="right")) - 1
        place = row - self._starts[batch]
        length = int(self._lengths[batch][place])
        return None if length < 0 else self._file.read(length, int(self._begins[batch][place]))


def _open(path: str, stack: ExitStack) -> pq.ParquetFile:
    with _readable(path):
        source = stack.enter_context(open(path, "rb", buffering=0))  # noqa: SIM115
        file = pq.ParquetFile(source, buffer_size=_STREAM_BYTES, pre_buffer=False)
        stack.callback(file.close, force=True)
        return file


def _innermost(batch: pa.RecordBatch) -> pa.Array:
    """The one column of a batch; of a struct the one field that was read."""
    array = batch.column(0)
    while pa.types.is_struct(array.type):
        array = array.flatten()[0]
    return array


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """Whatever Arrow raises on a damaged file is a DatasetError."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, MemoryError):
            raise
        raise DatasetError(
            "is a damaged or incomplete Parquet file, or one Winnow cannot read",
            displayed(path),
            "Copy or download it again.",
            details=str(error),
        ) from error
