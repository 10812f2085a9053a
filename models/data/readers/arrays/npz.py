"""NumPy .npz files: stored members are read in place, compressed ones unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import ExitStack
from typing import Any

import numpy as np

from models.data.readers.arrays import npy
from models.data.readers.arrays.packed import PackedArray
from models.data.readers.source import (
    Arrays,
    MemoryArray,
    OpenFile,
    StoredArray,
    Unusable,
)
from models.errors import DatasetError

_WHOLE_BYTES = 64 << 20  # of arrays that are of no use before they are all there
_LOCAL_HEADER = struct.Struct("<4s22xHH")
ZIP_ERRORS = (  # what zipfile raises on damaged files
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
    except ZIP_ERRORS as error:
        raise _damaged(file.shown, error) from error


def _array(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: OpenFile, resources: ExitStack
) -> StoredArray | Unusable:
    name = member.filename.removesuffix(".npy")
    if member.flag_bits & 1:
        return Unusable(name, (), "is encrypted", "Save the file without a password.")
    with archive.open(member) as packed:
        start = packed.read(npy.HEADER_BYTES)
    if member.compress_type == zipfile.ZIP_STORED:
        return npy.array_at(name, file, data_offset(file, member), start, member.file_size)
    shape, dtype, fortran, header_bytes = npy.parse_header(start, file.shown)
    declared = header_bytes + int(np.prod(shape, dtype=object)) * dtype.itemsize
    unusable = npy.why_unusable(name, shape, dtype, fortran)
    if not unusable and declared != member.file_size:
        raise DatasetError(
            f"its array “{name}” declares {declared:,} bytes but {member.file_size:,} are there",
            file.shown,
            _REMEDY,
        )
    if not unusable and fortran and len(shape) > 1:
        return _fortran(name, shape, dtype, header_bytes, archive, member)
    return unusable or PackedArray(
        name,
        shape,
        dtype,
        lambda: archive.open(member),
        header_bytes,
        member.file_size,
        file,
        resources,
    )


def _fortran(
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    header_bytes: int,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
) -> StoredArray | Unusable:
    """A packed array in Fortran order: no row of it is there before all of it is unpacked."""
    if member.file_size > _WHOLE_BYTES:
        return Unusable(
            name,
            shape,
            "is stored packed and in Fortran order, so that no image can be read by itself",
            "Save numpy.ascontiguousarray(array) instead.",
        )
    values = np.frombuffer(archive.read(member), dtype, offset=header_bytes)
    return MemoryArray(name, values.reshape(shape, order="F"))


def data_offset(file: OpenFile, member: zipfile.ZipInfo) -> int:
    """Where a stored member's bytes begin: its local header has its own lengths."""
    header = file.read(_LOCAL_HEADER.size, member.header_offset)
    signature, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("a member is not where the directory says")
    return member.header_offset + _LOCAL_HEADER.size + int(name_bytes) + int(extra_bytes)


def _damaged(where: str, error: Exception) -> DatasetError:
    return DatasetError("is a damaged or incomplete .npz file", where, _REMEDY, str(error))
