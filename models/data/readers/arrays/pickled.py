"""Pickles of arrays in dictionaries and lists, nested in any way; see safe_pickle.py."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.arrays.numpy_pickle import WORDS, PickledArray, c_strides
from models.data.readers.arrays.safe_pickle import REMEDY, read_pickle
from models.data.readers.source import Arrays, MemoryArray, OpenFile, StoredArray, Unusable
from models.errors import DatasetError

_SUFFIXES = (".pkl", ".pickle", ".p", ".pck", ".pcl")
_PROTOCOL_2_TO_5 = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
_FIRST_STEPS = b"}](\x8cXUcNGJKM\x95)"  # of the pickles that data is written as
_SHORTEST = b"\x80\x02}."
_MAX_ARRAYS = 10_000
_MAX_VISITED = 200_000
_MAX_DEPTH = 32
_MAX_TEXT_BYTES = 256 << 20
_COLUMN_FROM = 17  # entries from which a list is read as one array rather than as several


def recognises(path: str) -> bool:
    """By suffix; CIFAR's data_batch_1 and batches.meta by their first and last bytes."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _SUFFIXES:
        return True
    return suffix in ("", ".meta") and os.path.isfile(path) and _is_pickle(path)


def _is_pickle(path: str) -> bool:
    file = OpenFile(path)
    try:
        if file.size < len(_SHORTEST):
            return False
        start, end = file.read(3, 0), file.read(1, file.size - 1)
        return start[:2] in _PROTOCOL_2_TO_5 and start[2] in _FIRST_STEPS and end == b"."
    finally:
        file.close()


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    file = OpenFile(path)
    kept.callback(file.close)
    content = yield from read_pickle(file, 0, file.size, WORDS)
    _shape_cifar(content)
    yield from named_arrays(content, file)


def _shape_cifar(content: Any) -> None:
    """Give CIFAR's batches their shape: each row of theirs is three planes of 32x32."""
    if not isinstance(content, dict) or "batch_label" not in map(_as_text, content):
        return
    data = content.get("data", content.get(b"data"))
    if isinstance(data, PickledArray) and data.shape[1:] == (3 * 32 * 32,) and data.in_order:
        data.shape = (data.shape[0], 3, 32, 32)
        data.strides = c_strides(data.shape)


def named_arrays(content: Any, file: OpenFile) -> Iterator[StoredArray | Unusable]:
    """Every array in nested dictionaries and lists, named by its path: "labeled_data/data"."""
    waiting: list[tuple[str, Any, int]] = [("", content, 0)]
    seen: dict[int, Any] = {}  # a list may hold itself
    n_found = n_visited = 0
    while waiting:
        name, value, depth = waiting.pop()
        n_visited += 1
        found = _array(name, value, file)
        if found is not None:
            n_found += 1
            yield found
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen[id(value)] = value  # kept, or another may get its id
            inside = [
                (f"{name}/{_as_text(key)}".lstrip("/"), inner, depth + 1)
                for key, inner in _entries(value)
            ]
            waiting += reversed(inside)
        if n_found > _MAX_ARRAYS or n_visited > _MAX_VISITED or depth > _MAX_DEPTH:
            raise DatasetError(
                "holds too many dictionaries and lists to look through", file.shown, REMEDY
            )


def _entries(value: Any) -> Sequence[tuple[Any, Any]]:
    """What a container holds; records of the same form come as columns."""
    if isinstance(value, dict):
        return list(value.items())
    first = value[0] if value else None
    if len(value) >= _COLUMN_FROM and isinstance(first, dict | tuple):
        if isinstance(first, dict) and all(_has_keys(record, first) for record in value):
            return [(key, [record[key] for record in value]) for key in first]
        if isinstance(first, tuple) and all(_has_length(record, len(first)) for record in value):
            return list(enumerate(map(list, zip(*value, strict=True))))
    return list(enumerate(value))


def _has_keys(record: Any, first: dict[Any, Any]) -> bool:
    return isinstance(record, dict) and record.keys() == first.keys()


def _has_length(record: Any, n: int) -> bool:
    return isinstance(record, tuple) and len(record) == n


def _array(name: str, value: Any, file: OpenFile) -> StoredArray | Unusable | None:
    """What a value is as an array, None if it is none."""
    if isinstance(value, PickledArray):
        return value.stored(name, file) if value.shape or value.why else None
    if not isinstance(value, list | tuple) or not value:
        return None
    if all(isinstance(entry, str | bytes) for entry in value):
        return _of_texts(name, value)
    if all(isinstance(entry, int | float | None) for entry in value):
        return _of_numbers(name, value)
    if len(value) < _COLUMN_FROM:
        return None
    if all(isinstance(entry, PickledArray) for entry in value):
        return _of_arrays(name, value, file)
    if all(_is_row(entry, value[0]) for entry in value):
        return _of_numbers(name, value)
    return None


def _is_row(entry: Any, first: Any) -> bool:
    """Whether an entry is a list of numbers, as many as in the first."""
    return (
        isinstance(entry, list)
        and len(entry) == len(first)
        and all(isinstance(number, int | float) for number in entry)
    )


def _of_texts(name: str, texts: Sequence[str | bytes]) -> StoredArray | Unusable:
    shown = [_as_text(text) for text in texts]
    if 4 * len(shown) * max(map(len, shown)) > _MAX_TEXT_BYTES:
        return Unusable(name, (len(shown),), "holds texts too long to be labels")
    return MemoryArray(name, np.array(shown))


def _of_numbers(name: str, numbers: Sequence[Any]) -> StoredArray | Unusable:
    """One number an entry, None for a missing one, or a list of equally many."""
    values = np.array([np.nan if number is None else number for number in numbers])
    if values.dtype.kind not in "biuf":
        return Unusable(name, values.shape, "holds whole numbers of more than 64 bits")
    return MemoryArray(name, values)


def _of_arrays(
    name: str, parts: Sequence[PickledArray], file: OpenFile
) -> StoredArray | Unusable | None:
    first = parts[0]
    for part in parts:
        if part.why:
            return Unusable(name, (len(parts),), part.why, REMEDY)
        if part.shape != first.shape:
            return Unusable(
                name,
                (len(parts),),
                f"holds arrays of different shapes, {first.shape} and {part.shape} among them",
                "Save each image as a file, one folder a class, and open the folder.",
            )
        if part.dtype != first.dtype:
            return Unusable(name, (len(parts),), "holds arrays of different number types", REMEDY)
    return ListedArrays(name, parts, file)


class ListedArrays(StoredArray):
    """A list of equal arrays as one, each read where it lies."""

    def __init__(self, name: str, parts: Sequence[PickledArray], file: OpenFile) -> None:
        self.name, self._parts, self._file = name, parts, file
        self.shape, self.dtype = (len(parts), *parts[0].shape), parts[0].dtype

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        block = np.empty((stop - start, *self.shape[1:]), self.dtype.newbyteorder("="))
        for row, part in enumerate(self._parts[start:stop]):
            block[row] = part.whole(self._file)
        return block


def _as_text(value: Any) -> str:
    """A key or a label as text; undecodable bytes are escaped."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value).encode("utf-8", "backslashreplace").decode()
