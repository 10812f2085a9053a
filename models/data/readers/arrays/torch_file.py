"""Tensors that torch.save wrote, without torch.

Importing torch takes 2.8 s, and its loader has run code from files twice despite being told not
to (CVE-2025-32434, CVE-2026-24747). The file is a zip archive: a pickle, which safe_pickle.py
reads, names members that hold plain numbers, so that a tensor is read image by image in place.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.data.readers.arrays.npz import ZIP_ERRORS, data_offset
from models.data.readers.arrays.numpy_pickle import WORDS, PickledArray, as_shape
from models.data.readers.arrays.pickled import named_arrays
from models.data.readers.arrays.safe_pickle import Span, Word, read_pickle
from models.data.readers.source import Arrays, OpenFile, StoredArray, Unusable, begins_with
from models.errors import DatasetError

_SUFFIXES = (".pt", ".pth")
_ZIP = b"PK\x03\x04"
_MAX_MEMBERS = 100_000
_NUMPY_OF = {  # class of a storage: type of its numbers
    "ByteStorage": "u1",
    "CharStorage": "i1",
    "ShortStorage": "i2",
    "IntStorage": "i4",
    "LongStorage": "i8",
    "HalfStorage": "f2",
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
    "BoolStorage": "b1",
}
_NUMPY_NAMED = {"uint16": "u2", "uint32": "u4", "uint64": "u8"}  # these have no such class
_NOT_OF_NUMPY = (
    *("BFloat16Storage", "ComplexFloatStorage", "ComplexDoubleStorage", "UntypedStorage"),
    *("QUInt8Storage", "QInt8Storage", "QInt32Storage", "float8_e4m3fn", "float8_e5m2"),
)
_MAX_REPEATED = 16  # times each number of a storage may be used, on average
_REMEDY = "Save the tensors as arrays: numpy.savez(path, images=images.numpy(), ...)."


def recognises(path: str) -> bool:
    return path.lower().endswith(_SUFFIXES)


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    file = OpenFile(path)
    kept.callback(file.close)
    if not begins_with(path, _ZIP):
        raise DatasetError(
            "is no zip archive, as torch.save writes them since version 1.6",
            file.shown,
            "Load it with torch and save it again, or save its tensors with numpy.savez.",
        )
    try:
        stream = opening.enter_context(io.FileIO(file.fd, closefd=False))
        members = _members(opening.enter_context(zipfile.ZipFile(stream)), file)
        folder = _folder(members, file)
        where = {name: _span(member, file) for name, member in members.items()}
    except ZIP_ERRORS as error:
        raise DatasetError(
            "is a damaged or incomplete torch file",
            file.shown,
            "Copy or download it again.",
            details=str(error),
        ) from error
    content = where[f"{folder}/data.pkl"]
    storages = _Storages(where, folder, _byte_order(where.get(f"{folder}/byteorder"), file))
    found = yield from read_pickle(
        file, content.offset, content.offset + len(content), _WORDS, storages.referred_to
    )
    for array in named_arrays(found, file):
        _check_no_model(array, file)
        yield array


@dataclass(frozen=True)
class _Storage:
    """A member of the archive that holds nothing but numbers."""

    span: Span
    byte_order: str
    code: str  # of the numpy type without its byte order; empty if there is none
    said: str


class _Storages:
    """Members by the reference that stands for them in the pickle."""

    def __init__(self, where: dict[str, Span], folder: str, byte_order: str) -> None:
        self._where, self._folder, self._byte_order = where, folder, byte_order

    def referred_to(self, reference: Any) -> _Storage:
        kind, word, key, _device, _size = reference
        if kind != "storage" or not isinstance(word, Word) or not isinstance(key, str):
            raise ValueError("refers to no storage")
        span = self._where[f"{self._folder}/data/{key}"]
        return _Storage(span, self._byte_order, _NUMPY_OF.get(word.name, ""), word.name)


def _members(archive: zipfile.ZipFile, file: OpenFile) -> dict[str, zipfile.ZipInfo]:
    members = {member.filename: member for member in archive.infolist()}
    if len(members) > _MAX_MEMBERS:
        raise DatasetError("holds too many members to look through", file.shown, _REMEDY)
    return members


def _folder(members: dict[str, zipfile.ZipInfo], file: OpenFile) -> str:
    """The folder of the archive that everything lies in."""
    folders = [name.removesuffix("/data.pkl") for name in members if name.endswith("/data.pkl")]
    if len(folders) != 1 or folders[0].count("/"):
        raise DatasetError("is no file that torch.save wrote", file.shown, _REMEDY)
    if any(name.startswith(f"{folders[0]}/code/") for name in members):
        raise DatasetError("is a program (TorchScript), which Winnow does not run", file.shown)
    return folders[0]


def _span(member: zipfile.ZipInfo, file: OpenFile) -> Span:
    """Where a member lies; torch compresses nothing."""
    if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
        raise zipfile.BadZipFile("a member is compressed or encrypted")
    offset = data_offset(file, member)
    if offset + member.file_size > file.size:
        raise zipfile.BadZipFile("a member is cut short")
    return Span(offset, member.file_size)


def _byte_order(said: Span | None, file: OpenFile) -> str:
    """Files older than torch 2.1 do not say it; machines that differ are rare."""
    if said is None:
        return "<"
    if len(said) > len(b"little"):
        raise DatasetError("has an unknown byte order", file.shown, _REMEDY)
    return ">" if file.read(len(said), said.offset) == b"big" else "<"


def _check_no_model(array: StoredArray | Unusable, file: OpenFile) -> None:
    """The weights of a convolution have the shape of images, but are none."""
    if re.split(r"[./]", array.name)[-1] == "weight" and len(array.shape) > 1:
        raise DatasetError(
            f"holds the weights of a model (“{array.name}” is one of them), not images",
            file.shown,
            "Open the images it was trained on.",
        )


def _tensor(storage: _Storage, offset: int, shape: Any, strides: Any, *_: Any) -> PickledArray:
    """A view of a storage: where it begins, its shape, and its steps, counted in numbers."""
    array = PickledArray()
    array.shape, array.strides = as_shape(shape), as_shape(strides)
    if not storage.code:
        array.why = f"holds {storage.said} numbers, for which NumPy has no type"
        return array
    array.dtype = np.dtype(f"{storage.byte_order}{storage.code}")
    item = array.dtype.itemsize
    steps = zip(array.shape, array.strides, strict=True)
    n_stored = 1 + sum((side - 1) * step for side, step in steps) if array.n_bytes else 0
    if offset < 0 or (offset + n_stored) * item > len(storage.span):
        raise ValueError("a tensor reaches beyond its storage")
    if array.n_bytes > _MAX_REPEATED * n_stored * item:
        array.why = "repeats few numbers many times"
    array.values = Span(storage.span.offset + offset * item, n_stored * item)
    return array


def _tensor_of_type(
    storage: _Storage, offset: int, shape: Any, strides: Any, _gradient: Any, _hooks: Any, of: Word
) -> PickledArray:
    """The same where the storage does not say what its numbers are."""
    typed = replace(storage, code=_NUMPY_NAMED.get(of.name, ""), said=of.name)
    return _tensor(typed, offset, shape, strides)


def _parameter(tensor: PickledArray, *_: Any) -> PickledArray:
    return tensor


def _of_shape(sides: Any) -> Any:
    return sides


def _words() -> dict[tuple[str, str], Word]:
    made: dict[tuple[str, str], Callable[..., Any]] = {
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch._utils", "_rebuild_tensor_v3"): _tensor_of_type,
        ("torch._utils", "_rebuild_parameter"): _parameter,
        ("torch", "Size"): _of_shape,
    }
    return {
        **WORDS,
        **{name: Word(".".join(name), make) for name, make in made.items()},
        **{("torch", name): Word(name) for name in (*_NUMPY_OF, *_NUMPY_NAMED, *_NOT_OF_NUMPY)},
        ("torch.storage", "UntypedStorage"): Word("UntypedStorage"),
    }


_WORDS = _words()
