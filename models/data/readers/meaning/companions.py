"""Which files of arrays belong together: the other file of a pair, the files of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from models.data.names import displayed
from models.data.readers.images.image_file import SUFFIXES as IMAGE_SUFFIXES
from models.data.readers.meaning.array_names import IMAGES, LABELS, Meaning, meaning
from models.data.readers.source import cannot_open

T = TypeVar("T")
KindOf = Callable[[str], str]  # the array format of a path, "" if none
ImagesIn = Callable[[str], int]  # how many images an array file may hold

_MOST_FILES = 200  # all are kept open; a folder of more is no dataset of arrays
_MOST_PREVIEWS = 10
_PREVIEWED = ("npz", "npy", "hdf5", "idx")
_TABLES = ("pixel_csv",)  # beside arrays a table is a note on them, not another dataset


def partner_of(path: str, kind_of: KindOf) -> str:
    """The labels that lie beside a file of images, or the images beside labels; "" if none.

    The names differ in that word alone: "x.npy" and "y.npy", "train-images-idx3-ubyte.gz" and
    "train-labels-idx1-ubyte.gz".
    """
    folder, name = os.path.split(path)
    mine = _meaning_of_file(name)
    wanted = {IMAGES: LABELS, LABELS: IMAGES}.get(mine.role)
    if wanted is None:
        return ""
    found = []
    for other in _without_packed_twins(_files(folder)):
        theirs = _meaning_of_file(other)
        if theirs.role == wanted and theirs.piece == mine.piece:
            found.append(os.path.join(folder, other))
    found = [other for other in found if kind_of(other)]
    return found[0] if len(found) == 1 else ""


def images_first(found: Mapping[str, T]) -> dict[str, T]:
    """The two files of a pair in the order of their kind, whichever of them was opened."""
    by_role = sorted(found, key=lambda path: _meaning_of_file(os.path.basename(path)).role)
    return {path: found[path] for path in by_role}


def array_files_in(folder: str, kind_of: KindOf, images_in: ImagesIn) -> list[str]:
    """The array files of a folder that holds nothing else to open; none of any other folder.

    A few pictures beside arrays of more images are previews of them. Beside a model, or what it
    says of each picture, they are the dataset.
    """
    names: list[str] = []
    picture_bytes: list[int] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.endswith(".winnow"):
                    continue
                is_image = os.path.splitext(entry.name)[1].lower() in IMAGE_SUFFIXES
                if is_image and len(picture_bytes) < _MOST_PREVIEWS and entry.is_file():
                    picture_bytes.append(entry.stat().st_size)
                    continue
                if is_image or entry.is_dir() or len(names) == _MOST_FILES:
                    return []
                if entry.is_file(follow_symlinks=False):
                    names.append(entry.name)
        paths = [os.path.join(folder, name) for name in _without_packed_twins(sorted(names))]
        kinds = {path: kind for path in paths if (kind := kind_of(path))}
        if picture_bytes:
            arrays = [path for path, kind in kinds.items() if kind in _PREVIEWED]
            n_bytes = sum(os.path.getsize(path) for path in arrays)
            larger = n_bytes > sum(picture_bytes)
            more = larger and any(images_in(path) > len(picture_bytes) for path in arrays)
            return arrays if more else []
    except OSError as error:
        raise cannot_open(folder, error) from error
    arrays = [path for path, kind in kinds.items() if kind not in _TABLES]
    return arrays or list(kinds)


def others_in(folder: str, taken: Collection[str]) -> list[str]:
    """The files of a folder besides those taken and their packed twins, for display."""
    there = _without_packed_twins(_files(folder))
    taken_names = {os.path.basename(path) for path in taken}
    return [displayed(name) for name in there if name not in taken_names]


def prefixes(paths: Sequence[str]) -> list[str]:
    """What to call each of several files: its stem, or more of its path where stems clash."""
    relative = relative_names(paths)
    for names in ([_stem(os.path.basename(path)) for path in paths], list(map(_stem, relative))):
        if len(set(names)) == len(names):
            return names
    return relative


def relative_names(paths: Sequence[str]) -> list[str]:
    """The paths below the folder they have in common, for display."""
    common = os.path.commonpath([os.path.dirname(path) for path in paths])
    return [displayed(os.path.relpath(path, common)) for path in paths]


def _files(folder: str) -> list[str]:
    """The files in a folder, without what is hidden: macOS puts a “._x.npy” beside an x.npy."""
    try:
        with os.scandir(folder or ".") as entries:
            files = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
            return sorted(name for name in files if not name.startswith("."))
    except OSError as error:
        raise cannot_open(folder, error) from error


def _without_packed_twins(names: Sequence[str]) -> list[str]:
    """File names without "a.gz" where "a" lies beside it."""
    there = set(names)
    return [name for name in names if not (name.endswith(".gz") and name[:-3] in there)]


def _meaning_of_file(name: str) -> Meaning:
    return meaning(_stem(name.removesuffix(".gz")))


def _stem(path: str) -> str:
    return displayed(os.path.splitext(path)[0])
