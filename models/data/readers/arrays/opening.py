"""Files of named arrays, one or several at once. A format of them is one file here, with

    recognises(path) -> bool       by name or first bytes; cheap, no heavy import
    arrays(path, kept, opening)    every array in it; an empty name stands for the file's own;
                                   what must stay open goes into `kept`, the rest into `opening`

Files that belong together are found by companions.py; what their arrays mean by detect.py
(images and splits), array_shapes.py (axes), label_choice.py and labels.py.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

from models.data.readers import wording
from models.data.readers.arrays.array_source import open_arrays
from models.data.readers.meaning import companions
from models.data.readers.meaning.array_names import NAMES, meaning
from models.data.readers.meaning.array_shapes import holds_flat_images, holds_images
from models.data.readers.meaning.named_arrays import NamedArrays
from models.data.readers.source import Opening, StoredArray, Unusable
from models.errors import DatasetError
from models.types import OpenRequest, Progress

ARRAY_FILES = (  # modules, asked in this order
    *("npz", "npy", "hdf5", "idx"),
    *("torch_file", "pickled", "cifar_binary", "pixel_csv"),
)
ASKS = ("pixel_csv",)  # those whose `arrays` also needs a person's answers: the OpenRequest


def claims(paths: Sequence[str]) -> bool:
    return all(_files_in(path) if os.path.isdir(path) else kind_of(path) for path in paths)


def kind_of(path: str) -> str:
    """Which of ARRAY_FILES a path is, "" if none."""
    if os.path.isdir(path):
        return ""
    return next((kind for kind in ARRAY_FILES if _format(kind).recognises(path)), "")


def opening(request: OpenRequest) -> Opening:
    with ExitStack() as kept, ExitStack() as while_opening:
        found: dict[str, list[StoredArray | Unusable]] = {}
        for path in files_of(request.paths):
            found[path] = yield from _arrays(path, request, kept, while_opening)
        partner = _partner(found)
        if partner:
            found[partner] = yield from _arrays(partner, request, kept, while_opening)
            found = companions.images_first(found)
            request = replace(request, paths=tuple(found))
        arrays = NamedArrays.of_files(found, request)
        kind = kind_of(next(iter(found)))
        yield from open_arrays(kind, arrays, kept, list(_warnings(request.paths, found)))


def files_of(paths: Sequence[str]) -> list[str]:
    """The array files among paths, those of folders included."""
    files: list[str] = []
    for path in paths:
        files += _files_in(path) if os.path.isdir(path) else [path]
    return files


def _files_in(folder: str) -> list[str]:
    return companions.array_files_in(folder, kind_of, _images_in)


def _images_in(path: str) -> int:
    """How many images there may be in the largest array of a file."""
    most = 0
    with suppress(DatasetError), ExitStack() as kept, ExitStack() as while_opening:
        for array in _format(kind_of(path)).arrays(path, kept, while_opening):
            if isinstance(array, StoredArray) and array.shape and array.dtype.kind in "buif":
                may_be = holds_images(array.shape) or holds_flat_images(array.shape)
                most = max(most, array.shape[0]) if may_be else most
    return most


def _warnings(
    paths: Sequence[str], found: Mapping[str, Sequence[StoredArray | Unusable]]
) -> Iterator[str]:
    read = (a for arrays in found.values() for a in arrays if isinstance(a, StoredArray))
    files = {*found, *(array.listed_in for array in read)}
    for path in paths:
        left_out = companions.others_in(path, files) if os.path.isdir(path) else []
        if left_out:
            yield f"Left out because not arrays: {wording.some_of(left_out)}."


def _partner(found: Mapping[str, Sequence[StoredArray | Unusable]]) -> str:
    """The file that makes a pair with the only one there is, "" if that is whole by itself."""
    (path, arrays), *others = found.items()
    if others or sum(meaning(array.name).role != NAMES for array in arrays) > 1:
        return ""
    return companions.partner_of(path, kind_of)


def _arrays(
    path: str, request: OpenRequest, kept: ExitStack, while_opening: ExitStack
) -> Generator[Progress, None, list[StoredArray | Unusable]]:
    """Everything in one file."""
    kind = kind_of(path)
    answers = (request,) if kind in ASKS else ()
    found = []
    for step in _format(kind).arrays(path, kept, while_opening, *answers):
        if isinstance(step, Progress):
            yield step
        else:
            found.append(step)
    return found


def _format(kind: str) -> Any:
    return import_module(f"{__package__}.{kind}")
