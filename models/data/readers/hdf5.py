"""HDF5 files: Winnow's own, and any with one image array and one label array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import h5py

from models.data.names import displayed
from models.data.readers import winnow
from models.data.readers.array_source import open_arrays
from models.data.readers.hdf5_arrays import array_of
from models.data.readers.source import (
    OpenFile,
    Opening,
    StoredArray,
    Unusable,
    begins_with,
)
from models.errors import DatasetError
from models.types import OpenRequest

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5")
_MAX_OBJECTS = 10_000
_MAX_DEPTH = 32


def claims(paths: Sequence[str]) -> bool:
    if len(paths) != 1:
        return False
    return paths[0].lower().endswith(_SUFFIXES) or begins_with(paths[0], _SIGNATURE)


def opening(request: OpenRequest) -> Opening:
    """HDF5 itself is closed again at the end, so that no lock stays on the user's file."""
    path = request.paths[0]
    with ExitStack() as resources:
        pixels = OpenFile(path)
        resources.callback(pixels.close)
        with _opened(path) as file:
            if winnow.is_winnow(file) and not request.images:
                yield from winnow.opening(request, file, pixels, resources)
                return
            arrays, unusable = _arrays(file, pixels)
            yield from open_arrays("hdf5", request, arrays, unusable, resources)


@contextmanager
def _opened(path: str) -> Iterator[h5py.File]:
    """A file opened read-only; what h5py says of a broken one is put in words."""
    try:
        with h5py.File(path, "r", locking="best-effort") as file:
            yield file
    except DatasetError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise DatasetError(
            "is not a valid HDF5 file, or is damaged or cut short",
            displayed(path),
            "Copy or download it again.",
            details=str(error),
        ) from error


def _arrays(file: h5py.File, pixels: OpenFile) -> tuple[list[StoredArray], list[Unusable]]:
    """Every dataset that can be reached without following a link."""
    arrays: list[StoredArray] = []
    unusable: list[Unusable] = []
    waiting: list[tuple[h5py.Group, int]] = [(file, 0)]
    seen = set()
    while waiting:
        group, depth = waiting.pop()
        for key in group:
            name = f"{group.name}/{key}".strip("/")
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                unusable.append(_linked(name, link))
                continue
            found = group[key]
            address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > _MAX_OBJECTS or depth > _MAX_DEPTH:
                raise DatasetError(
                    "holds too many groups to look through",
                    pixels.shown,
                    "Export the images and labels into a file of their own.",
                )
            if isinstance(found, h5py.Group):
                waiting.append((found, depth + 1))
            elif isinstance(found, h5py.Dataset) and found.shape:
                array = array_of(name, found, pixels)
                arrays.append(array) if isinstance(array, StoredArray) else unusable.append(array)
    return arrays, unusable


def _linked(name: str, link: object) -> Unusable:
    where = "another file" if isinstance(link, h5py.ExternalLink) else "another place in the file"
    return Unusable(
        name,
        (),
        f"is a link to {where}, which is not followed",
        "Copy what it points to in its place, for example with h5copy.",
    )
