"""Folders of image files: classes and splits from folders, or from tables that lie beside them.

folder_layout.py has the rules for folders. Where they name fewer than two classes, or a person
names a column, tables are looked for (file_labels.py). A file classes.txt in the root gives the
order of the classes, and the names of those whose names no folder can have. Several folders at
once are read as the folder that holds them would be, each of them a split.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import IO

import numpy as np

from models.data.names import displayed, folder_names
from models.data.readers import wording
from models.data.readers.images.encoded_source import EncodedImages, Understood, open_encoded
from models.data.readers.images.file_labels import FileLabels, file_labels
from models.data.readers.images.folder_layout import (
    OUTSIDE,
    Opened,
    Place,
    places_of,
    split_word,
)
from models.data.readers.images.folder_listing import Listing, list_folders, opened_of
from models.data.readers.images.name_labels import (
    FILENAMES,
    classes_to_ask_about,
    labels_in_names,
)
from models.data.readers.meaning.labels import Labels
from models.data.readers.source import Opening
from models.errors import DatasetError
from models.types import UNLABELLED, OpenRequest, Progress


def claims(paths: Sequence[str]) -> bool:
    projects = len(paths) > 1 and any(path.endswith(".winnow") for path in paths)
    return all(map(os.path.isdir, paths)) and not projects


def opening(request: OpenRequest, pieces: Collection[str] = ()) -> Opening:
    """Open folders. `pieces` are folders in them that are put together, relative to what holds all
    of them: their names mean nothing."""
    yield Progress(0, 1, "listing the folder")
    found = list_folders(request.paths)
    yield Progress(0, 1, "reading labels")
    files, understood = _understand(found, request, pieces)
    yield from open_encoded("folder", request, FolderFiles(found, files), understood)


class FolderFiles(EncodedImages):
    """Image files by relative path; no link is followed out of the folders that were opened."""

    def __init__(self, found: Listing, files: Sequence[str]) -> None:
        self._root, self._files = found.root, files
        self._inside = [os.path.realpath(os.path.join(found.root, top)) for top in found.tops]

    def __len__(self) -> int:
        return len(self._files)

    def open(self, position: int) -> IO[bytes]:
        return open_inside(os.path.join(self._root, self._files[position]), *self._inside)

    def path(self, position: int) -> str:
        return displayed(self._files[position])


def open_inside(path: str, *roots: str) -> IO[bytes]:
    """Open a file without following a link out of all of `roots`."""
    try:
        return _opened(path)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    target = os.path.realpath(path)
    if all(os.path.commonpath([root, target]) != root for root in roots):
        raise DatasetError(
            "is a link that leads out of the folder",
            displayed(path),
            "Copy the file it points to into the folder.",
        )
    return _opened(target)


def _opened(path: str) -> IO[bytes]:
    # A pipe in the place of a file must not make us wait for someone to write to it.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    file = os.fdopen(fd, "rb")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        file.close()
        raise DatasetError("is not a regular file", displayed(path), "Replace the file.")
    return file


def _understand(
    found: Listing, request: OpenRequest, pieces: Collection[str]
) -> tuple[list[str], Understood]:
    """The files in the order of their splits, and what folders and tables say of them."""
    lists = found.class_lists()
    listed = list(dict.fromkeys(name for lines in lists.values() for name in lines))
    folder_of = dict(zip(folder_names(listed), listed, strict=True))
    folders = [path.rpartition(os.sep)[0] for path in found.files]
    opened = opened_of(found, folder_of)
    places = places_of(dict.fromkeys(folders), folder_of, opened, pieces)
    splits = [places[folder].split for folder in folders]
    class_folders = {place.class_folder for place in places.values()} - {""}
    table, unused = None, _not_needed(found.tables)
    if request.labels == FILENAMES:
        table, unused = labels_in_names(found.files, displayed(found.root)), []
    elif found.tables and (request.labels or len(class_folders) < 2):
        table, unused = file_labels(found.root, found.tables, found.files, splits, request)
    elif request.labels:
        raise DatasetError(
            f"holds no table with a column “{request.labels}”",
            wording.places_in_words(request.paths),
            "Leave --labels out to read the classes from the folders.",
        )
    if table is None:
        asked = classes_to_ask_about(found.files) if len(class_folders) < 2 else ""
        unused += [asked] if asked else []
        labels = _from_folders([places[folder].class_folder for folder in folders], folder_of)
    else:
        _check_agree(lists)
        labels = table.coded(listed, displayed(found.root))
        if not any(splits):
            splits = table.splits
    order, sizes = _in_splits(splits, by_name=table is not None and splits is table.splits)
    warnings = [*(table.warnings if table else ()), *unused, *labels.warnings]
    warnings += _warnings(found, labels, places, table, lists)
    warnings += _about_splits(opened, labels)
    understood = Understood(
        name=displayed(os.path.basename(found.root)) or "dataset",
        splits=sizes,
        class_names=labels.class_names,
        codes=labels.codes[order],
        said="named by folders" if table is None else table.said,
        warnings=tuple(warnings),
    )
    return [found.files[i] for i in order.tolist()], understood


def _not_needed(tables: Sequence[str]) -> list[str]:
    if not tables:
        return []
    listed = wording.some_of([displayed(path) for path in tables])
    return [f"Not used, as the folders name the classes: {listed}. --labels COLUMN uses it."]


def _check_agree(lists: Mapping[str, Sequence[str]]) -> None:
    """A number in a table means the same class in every folder only if their lists agree."""
    first, *others = lists or ("",)
    for other in others:
        if lists[other] != lists[first]:
            raise DatasetError(
                f"lists other classes than {displayed(first)}, or in another order",
                displayed(other),
                "Number the classes of all splits alike, or leave the lists out.",
            )


def _from_folders(class_folders: Sequence[str], listed: dict[str, str]) -> Labels:
    """Codes in the order of the list of classes, then of the folders' names."""
    folders = sorted(set(class_folders) - {""})
    name_of = {f: listed.get(unicodedata.normalize("NFC", f), displayed(f)) for f in folders}
    fits = any(folder in listed for folder in name_of)
    class_names = tuple(dict.fromkeys([*(listed.values() if fits else ()), *name_of.values()]))
    code_of = {name: code for code, name in enumerate(class_names)}
    codes = {folder: code_of[name] for folder, name in name_of.items()} | {"": UNLABELLED}
    vector = np.fromiter((codes[f] for f in class_folders), np.int32, len(class_folders))
    return Labels(vector, class_names)


def _in_splits(
    splits: Sequence[str], by_name: bool
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], dict[str, int]]:
    """The order that puts splits one after another, and their sizes.

    Splits from folders come in the order of their paths, which keeps sample ids as they were.
    """
    if not any(splits):
        return np.arange(len(splits)), {"all": len(splits)}
    counts = Counter(split or OUTSIDE for split in splits)
    names = sorted(counts) if by_name else list(counts)
    rank = {name: place for place, name in enumerate(names)}
    ranks = np.fromiter((rank[split or OUTSIDE] for split in splits), np.int64, len(splits))
    return np.argsort(ranks, kind="stable"), {name: counts[name] for name in names}


def _warnings(
    found: Listing,
    labels: Labels,
    places: dict[str, Place],
    table: FileLabels | None,
    lists: Collection[str],
) -> Iterator[str]:
    unlabelled = int((labels.codes == UNLABELLED).sum())
    if table is None and unlabelled and unlabelled < len(labels.codes):
        one = unlabelled == 1
        counted = "1 image lies" if one else f"{unlabelled:,} images lie"
        yield f"{counted} in no class folder and {'counts' if one else 'count'} as unlabelled."
    outside = found.tops == ("",) and any(p.split == OUTSIDE for p in places.values())
    if outside:
        yield f"Some images lie in no split folder; they make a split “{OUTSIDE}”."
    groups = [displayed(folder) for folder, place in places.items() if place.group]
    if groups and table is None:
        yield f"Folders within a class, not taken for classes: {wording.some_of(groups)}."
    others = [displayed(path) for path in sorted(found.others) if path not in lists]
    if others:
        yield f"Left out because not images: {wording.some_of(others)}."
    if found.folder_links:
        links = [displayed(path) for path in found.folder_links]
        yield f"Links to folders, not followed: {wording.some_of(links)}."


def _about_splits(opened: Sequence[Opened], labels: Labels) -> Iterator[str]:
    unnamed = opened and not any(split_word(one.split) for one in opened)
    if unnamed and (labels.codes == UNLABELLED).all():
        yield "Each folder was taken for a split. If each is a class, open what holds them."
