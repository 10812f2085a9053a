"""The datasets that lie side by side in one folder or archive."""

from __future__ import annotations

import os
from collections.abc import Generator

from models.data.fingerprint import NEVER_READ
from models.data.names import displayed
from models.data.readers.archives.member_writer import Unpacked, is_archive
from models.data.readers.archives.unpacking import stem_of, unpack
from models.data.readers.meaning.array_names import SPLIT_WORDS
from models.data.readers.scratch import writing
from models.data.readers.source import cannot_open
from models.errors import DatasetError
from models.types import Progress

_PROJECT = ".winnow"  # results, not sources


def datasets_in(path: str, place: str) -> Generator[Progress, None, list[str]]:
    """What in a folder or archive may be a dataset of its own: each file and folder in it.

    A folder whose parts are called train, val and test is one dataset. An archive is unpacked
    into `place`, a folder that is there.

    Raises
    ------
    DatasetError
        If it is neither a folder nor an archive, cannot be unpacked, or holds nothing.
    """
    shown = displayed(path)
    if not os.path.isdir(path):
        if not is_archive(path):
            raise DatasetError(
                "is neither a folder nor an archive", shown, "Leave out --each to look at it alone."
            )
        inner = os.path.join(place, stem_of(path))
        if os.path.lexists(inner):
            raise DatasetError(
                "is there already", displayed(inner), "Choose another folder, or audit that one."
            )
        with writing(inner):
            os.makedirs(inner, mode=0o700)
        yield from unpack(path, inner, Unpacked())
        path = inner
    try:
        found = _parts(path)
        while len(found) == 1 and os.path.isdir(found[0]) and not _is_split(found[0]):
            path, found = found[0], _parts(found[0])
    except OSError as error:
        raise cannot_open(path, error) from error
    if not found:
        raise DatasetError("holds no files", shown, "Choose another folder.")
    return [path] if all(map(_is_split, found)) else found


def _parts(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    return [
        os.path.join(folder, name)
        for name in names
        if name[0] != "." and not name.lower().endswith((_PROJECT, *NEVER_READ))
    ]


def _is_split(path: str) -> bool:
    return os.path.basename(path).partition(".")[0].lower() in SPLIT_WORDS
