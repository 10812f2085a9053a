"""Files of named arrays, one or several at once. A format of them is one file here, with

    recognises(path) -> bool       by name or first bytes; cheap, no heavy import
    arrays(path, kept, opening)    every array in it; an empty name stands for the file's own;
                                   what must stay open goes into `kept`, the rest into `opening`

What the arrays mean is found out by detect.py and labels.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from models.data.names import displayed
from models.data.readers.array_source import open_arrays
from models.data.readers.source import Opening, StoredArray, Unusable
from models.types import OpenRequest, Progress

ARRAY_FILES = ("npz", "npy", "hdf5")  # modules, asked in this order


def claims(paths: Sequence[str]) -> bool:
    return all(kind_of(path) for path in paths)


def kind_of(path: str) -> str:
    """Which of ARRAY_FILES a path is, "" if none."""
    if os.path.isdir(path):
        return ""
    return next((kind for kind in ARRAY_FILES if _format(kind).recognises(path)), "")


def opening(request: OpenRequest) -> Opening:
    found: list[StoredArray] = []
    unusable: list[Unusable] = []
    with ExitStack() as kept, ExitStack() as while_opening:
        for path in request.paths:
            for step in _arrays(path, len(request.paths) > 1, kept, while_opening):
                if isinstance(step, StoredArray):
                    found.append(step)
                elif isinstance(step, Unusable):
                    unusable.append(step)
                else:
                    yield step
        kind = kind_of(request.paths[0])
        yield from open_arrays(kind, request, found, unusable, kept)


def _arrays(
    path: str, of_several: bool, kept: ExitStack, while_opening: ExitStack
) -> Iterator[Progress | StoredArray | Unusable]:
    """The arrays of one file; among several files their names tell the file too."""
    stem = displayed(os.path.splitext(os.path.basename(path))[0])
    for step in _format(kind_of(path)).arrays(path, kept, while_opening):
        if not isinstance(step, Progress) and (of_several or not step.name):
            step.name = f"{stem}/{step.name}".rstrip("/")
        yield step


def _format(kind: str) -> Any:
    return import_module(f"{__package__}.{kind}")
