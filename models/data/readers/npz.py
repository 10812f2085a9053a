"""NumPy .npz files: stored members are read in place, compressed ones from a scratch file."""

from __future__ import annotations

import io
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from models.data.readers import npy
from models.data.readers.source import (
    Arrays,
    FlatArray,
    OpenFile,
    StoredArray,
    Unusable,
)
from models.errors import DatasetError
from models.types import Progress

_BLOCK_BYTES = 4 << 20
_SPARE_DISK_BYTES = 256 << 20  # left free beside what is unpacked
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ZIP_ERRORS = (  # what zipfile raises on damaged files
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_REMEDY = "Copy or download it again."


def recognises(path: str) -> bool:
    return path.lower().endswith(".npz")


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    file = OpenFile(path)
    kept.callback(file.close)
    try:
        stream = kept.enter_context(io.FileIO(file.fd, closefd=False))
        archive = zipfile.ZipFile(stream)
        kept.callback(archive.close)
        for member in archive.infolist():
            if member.filename.endswith(".npy"):
                yield _array(archive, member, file, kept)
    except _ZIP_ERRORS as error:
        raise _damaged(file.shown, error) from error


class PackedArray(StoredArray):
    """A compressed member, unpacked into a scratch file that has no name when first needed."""

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        open_member: Callable[[], IO[bytes]],
        n_bytes: int,
        where: str,
        resources: ExitStack,
    ) -> None:
        self.name, self.shape, self.dtype = name, shape, dtype
        self._open_member, self._n_bytes = open_member, n_bytes
        self._where, self._resources = where, resources
        self._unpacked: FlatArray | None = None

    def preparing(self) -> Iterator[Progress]:
        scratch_dir = platformdirs.user_cache_dir("winnow")
        os.makedirs(scratch_dir, exist_ok=True)
        _check_room(scratch_dir, self._n_bytes, self._where)
        # Without a name the system deletes it whenever and however this process ends.
        scratch = tempfile.TemporaryFile(dir=scratch_dir, buffering=0)  # noqa: SIM115
        self._resources.callback(scratch.close)
        try:
            with self._open_member() as packed:
                while block := packed.read(_BLOCK_BYTES):
                    _write(scratch, block, scratch_dir)
                    yield Progress(scratch.tell(), self._n_bytes, f"unpacking {self.name}")
        except _ZIP_ERRORS as error:
            raise _damaged(self._where, error) from error
        file = OpenFile(self._where, scratch.fileno())
        size = file.size
        found = npy.array_at(self.name, file, 0, file.read(min(size, npy.HEADER_BYTES), 0), size)
        assert isinstance(found, FlatArray)
        self._unpacked = found

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        assert self._unpacked is not None
        return self._unpacked.rows(start, stop)


def _array(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: OpenFile, resources: ExitStack
) -> StoredArray | Unusable:
    name = member.filename.removesuffix(".npy")
    if member.flag_bits & 1:
        return Unusable(name, (), "is encrypted", "Save the file without a password.")
    with archive.open(member) as packed:
        start = packed.read(npy.HEADER_BYTES)
    if member.compress_type == zipfile.ZIP_STORED:
        return npy.array_at(name, file, _data_offset(file, member), start, member.file_size)
    shape, dtype, fortran, header_bytes = npy.parse_header(start, file.shown)
    declared = header_bytes + int(np.prod(shape, dtype=object)) * dtype.itemsize
    unusable = npy.why_unusable(name, shape, dtype, fortran)
    if not unusable and declared != member.file_size:
        raise DatasetError(
            f"its array “{name}” declares {declared:,} bytes but {member.file_size:,} are there",
            file.shown,
            _REMEDY,
        )
    return unusable or PackedArray(
        name, shape, dtype, lambda: archive.open(member), member.file_size, file.shown, resources
    )


def _data_offset(file: OpenFile, member: zipfile.ZipInfo) -> int:
    """Where a stored member's bytes begin: its local header has its own lengths."""
    header = file.read(_LOCAL_HEADER.size, member.header_offset)
    signature, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("a member is not where the directory says")
    return member.header_offset + _LOCAL_HEADER.size + int(name_bytes) + int(extra_bytes)


def _check_room(folder: str, n_bytes: int, where: str) -> None:
    free = shutil.disk_usage(folder).free
    if n_bytes + _SPARE_DISK_BYTES > free:
        raise DatasetError(
            f"needs {n_bytes / 1e9:.1f} GB to unpack, {free / 1e9:.1f} GB are free in {folder}",
            where,
            "Free some space, or save it with numpy.savez, which does not compress.",
        )


def _write(scratch: IO[bytes], block: bytes, folder: str) -> None:
    try:
        while block:
            block = block[scratch.write(block) :]
    except OSError as error:
        raise DatasetError(
            f"could not be unpacked ({error.strerror})", folder, "Free some space on that disk."
        ) from error


def _damaged(where: str, error: Exception) -> DatasetError:
    return DatasetError("is a damaged or incomplete .npz file", where, _REMEDY, str(error))
