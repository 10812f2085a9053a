"""HDF5 files of any kind, as named arrays; what Winnow wrote itself is read by winnow.py."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import h5py

from models.data.names import displayed
from models.data.readers.arrays.hdf5_arrays import array_of
from models.data.readers.source import (
    Arrays,
    OpenFile,
    Unusable,
    begins_with,
)
from models.errors import DatasetError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5")
_MAX_OBJECTS = 10_000
_MAX_DEPTH = 32


def recognises(path: str) -> bool:
    return path.lower().endswith(_SUFFIXES) or begins_with(path, SIGNATURE)


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    """Every dataset that can be reached without following a link.

    HDF5 itself is closed again once all is open, so that no lock stays on the user's file.
    """
    pixels = OpenFile(path)
    kept.callback(pixels.close)
    yield from _arrays(opening.enter_context(opened(path)), pixels)


@contextmanager
def opened(path: str) -> Iterator[h5py.File]:
    """A file opened read-only; what h5py says of a broken one is put in words."""
    try:
        with h5py.File(path, "r", locking="best-effort") as file:
            yield file
    except DatasetError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise DatasetError(
            "is not a valid HDF5 file, or is damaged or cut short",
            displayed(path),
            "Copy or download it again.",
            details=str(error),
        ) from error


def _arrays(file: h5py.File, pixels: OpenFile) -> Arrays:
    waiting: deque[tuple[h5py.Group, int]] = deque([(file, 0)])  # groups in order of their names
    seen = set()
    while waiting:
        group, depth = waiting.popleft()
        for key in group:
            name = f"{group.name}/{key}".strip("/")
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                yield _linked(name, link)
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
                yield array_of(name, found, pixels)


def _linked(name: str, link: object) -> Unusable:
    where = "another file" if isinstance(link, h5py.ExternalLink) else "another place in the file"
    return Unusable(
        name,
        (),
        f"is a link to {where}, which is not followed",
        "Copy what it points to in its place, for example with h5copy.",
    )
