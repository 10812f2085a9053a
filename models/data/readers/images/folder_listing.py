"""Lists what lies in a folder of images, or in several that are the splits of one dataset."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from models.data.fingerprint import folder_entries
from models.data.names import displayed
from models.data.places import common_folder
from models.data.readers.images.folder_layout import Opened, splits_inside
from models.data.readers.images.image_file import SUFFIXES
from models.data.readers.images.label_table import TABLE_SUFFIXES
from models.data.readers.meaning.names_file import USUAL_FILES, lines_in
from models.data.readers.meaning.split_names import has_splits, split_names
from models.data.readers.source import cannot_open
from models.errors import DatasetError

MOST_SPLITS = 50


@dataclass
class Listing:
    """Relative paths of everything in the folders, those of each folder sorted."""

    root: str
    tops: tuple[str, ...]  # what was opened of it; "" is all of it
    files: list[str] = field(default_factory=list)  # of images
    tables: list[str] = field(default_factory=list)  # in folders of images or above them
    others: list[str] = field(default_factory=list)  # files that are neither
    folder_links: list[str] = field(default_factory=list)

    def class_lists(self) -> dict[str, list[str]]:
        """The classes that a text file in each folder lists, by its path."""
        found = {}
        for top in self.tops:
            for path in (os.path.join(top, name) for name in USUAL_FILES):
                lines = lines_in(os.path.join(self.root, path)) if path in self.others else []
                lines = [line.strip() for line in lines]
                if lines and len(set(lines)) == len(lines):
                    found[path] = lines
                    break
        return found


def list_folders(paths: Sequence[str]) -> Listing:
    """List one folder, or several.

    Raises
    ------
    DatasetError
        If one cannot be listed, holds no images or lies in another one.
    """
    tops = ("",) if len(paths) == 1 else several_folders(paths)
    found = Listing(os.path.realpath(common_folder(paths)), tops)
    for top, path in zip(found.tops, paths, strict=True):
        try:
            files, tables = _scan(found, top)
        except OSError as error:
            raise cannot_open(str(error.filename or path), error) from error
        if not files:
            raise DatasetError(
                "holds no images",
                displayed(path),
                "Open a folder with one folder of images per class; the images are "
                "PNG, JPEG, BMP, WebP, GIF, TIFF or PPM files.",
            )
        found.files += sorted(files)
        found.tables += sorted(tables)
    return found


def several_folders(paths: Sequence[str]) -> tuple[str, ...]:
    """Folders that are a split each, relative to the one that holds them all.

    Raises
    ------
    DatasetError
        If they are too many, or one lies in another one.
    """
    shared = common_folder(paths)
    tops = tuple(os.path.relpath(os.path.abspath(path), shared) for path in paths)
    if len(tops) > MOST_SPLITS:
        raise DatasetError(
            f"and {len(tops) - 1:,} more folders are too many to be a split each",
            displayed(paths[0]),
            "If each holds a class, open the folder that holds them.",
        )
    ends = sorted((os.path.join(top, ""), path) for top, path in zip(tops, paths, strict=True))
    for (outer, path), (inner, _) in pairwise(ends):
        if inner.startswith(outer):
            twice = inner == outer
            raise DatasetError(
                "was given twice" if twice else "holds another of the folders given",
                displayed(path),
                "Give each split once." if twice else "Open it alone, or only folders in it.",
            )
    return tops


def opened_of(found: Listing, classes: Collection[str]) -> list[Opened]:
    """Which split each of several folders is; none if only one was opened.

    Raises
    ------
    DatasetError
        If one has splits of its own.
    """
    if found.tops == ("",):
        return []
    folders = {os.path.dirname(path) for path in found.files}
    inside = []
    for top in found.tops:
        below = os.path.join(top, "")
        inner = [
            folder[len(below) :] for folder in folders if os.path.join(folder, "").startswith(below)
        ]
        level, words = splits_inside(inner, classes)
        if len(words) > 1:
            raise has_splits(os.path.join(found.root, top), words)
        # What is named like a split and holds images itself is a class, unless all have one.
        is_class = level is not None and any(folder.count(os.sep) == level for folder in inner)
        inside.append((level, words, is_class))
    everywhere = all(words for _, words, _ in inside)
    levels = [level if everywhere or not is_class else None for level, _, is_class in inside]
    spoken = [
        os.path.join(top, *(words if level is not None else ()))
        for top, level, (_, words, _) in zip(found.tops, levels, inside, strict=True)
    ]
    opened = zip(found.tops, split_names(spoken), levels, strict=True)
    return [Opened(*one) for one in opened]


def _scan(found: Listing, top: str) -> tuple[list[str], list[str]]:
    """The images and tables below one folder; what else there is goes into `found`."""
    files, tables = [], []
    for entry, relative in _entries(found.root, top):
        suffix = entry.name[entry.name.rfind(".") :].lower()
        if entry.is_symlink() and os.path.isdir(entry.path):
            found.folder_links.append(relative)
        elif suffix in SUFFIXES:
            files.append(relative)
        elif suffix in TABLE_SUFFIXES and not entry.is_symlink():
            tables.append(relative)
        else:
            found.others.append(relative)
    return files, tables


def _entries(root: str, top: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    start = len(os.path.join(root, ""))
    for entry in folder_entries(os.path.join(root, top) if top else root):
        yield entry, entry.path[start:]
