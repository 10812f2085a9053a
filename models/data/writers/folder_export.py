"""The folder export: class folders, below split folders where there are splits.

OUT/classes.txt               a class a line, in the order of the codes
OUT/[SPLIT/]CLASS/NAME.png    folders are named by models.data.names.folder_names
OUT/[SPLIT/]NAME.png          not labelled
OUT/files.csv                 in place of images, where only a list was asked for
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.data.cells import guarded
from models.data.names import (
    CLASS_LIST,
    displayed,
    folded,
    folder_names,
    safe_name,
    told_apart,
)
from models.data.places import common_folder
from models.data.placing import check_space, sync_file
from models.data.readers.images.folder_layout import split_word
from models.data.writers.encoded import EncodedFile, NotEncoded, encoded_files, png_hash
from models.data.writers.material import Material, Written, not_as_written
from models.data.writers.snapshot import Snapshot, storable
from models.errors import ProjectError
from models.types import Event, Progress

_LIST = "files.csv"
_SPACE_EVERY = 1_000  # files
_BYTES_PER_FILE = 4096  # of a file system's block, at least
_HOW_TO_READ = (
    "A folder for each class; classes.txt lists the classes in the order of their codes. "
    "Images outside a class folder are not labelled."
)
_HOW_TO_READ_LIST = (
    "files.csv: UTF-8, a sample a line with its class and where it lies; classes.txt lists the "
    "classes in the order of their codes."
)


@dataclass(frozen=True)
class _Stored:
    """One file that was written: what must be found when it is read again."""

    name: str
    digest: bytes  # of the file, or of the pixels in our own PNG
    is_png_of_ours: bool


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write the folder and read every file back."""
    os.mkdir(path)
    asked = material.asked
    # A line without its ends, as it is read again: " cat" beside "cat" would be no list of classes.
    lines = [displayed(name).strip() or "_" for name in storable(asked.class_names)]
    classes = told_apart(lines)
    _write_new(path / CLASS_LIST, "".join(f"{name}\n" for name in classes).encode())
    if material.options.files == "list":
        yield from _write_list(path / _LIST, material)
        return Written(asked, _HOW_TO_READ_LIST, with_images=False)
    folders = _Folders(asked, classes)
    link_from = _root_to_link_from(material) if material.options.files == "link" else ""
    stored: list[_Stored] = []
    unreadable: dict[int, str] = {}
    hashes = np.zeros((len(asked), 16), np.uint8)
    for file in encoded_files(material):
        if isinstance(file, NotEncoded):
            unreadable[file.sample_id] = file.why
            continue
        yield Progress(file.place, 2 * len(asked), "writing images")
        if len(stored) % _SPACE_EVERY == 0:
            check_space(path.parent, _SPACE_EVERY * max(_BYTES_PER_FILE, len(file.data)))
        name = folders.name_for(file)
        os.makedirs(path / os.path.dirname(name), exist_ok=True)
        if link_from:
            _check_as_stored(file, material)
            _link(os.path.join(link_from, file.path), path / name)
        else:
            _write_new(path / name, file.data)
        stored.append(_stored(name, file))
        hashes[file.place] = file.hash
    yield from _check(path, stored)
    readable = ~np.isin(asked.sample_ids, list(unreadable))
    written = replace(asked, content_hash=hashes).take(readable)
    return Written(written, _HOW_TO_READ, unreadable)


class _Folders:
    """Names for the files of a snapshot, no two of which any file system takes for one."""

    def __init__(self, asked: Snapshot, classes: Sequence[str]) -> None:
        self._asked = asked
        self._classes = folder_names(classes)
        has_splits = asked.split_names != ("all",) or self._look_like_splits()
        self._splits = folder_names(asked.split_names) if has_splits else [""]
        self._width = len(str(int(asked.sample_ids.max(initial=0))))
        self._taken: set[str] = {folded(name) for name in (CLASS_LIST, _LIST)}

    def _look_like_splits(self) -> bool:
        """Whether all folders of classes would be read as splits, as none stands above them."""
        used = [code for code in np.unique(self._asked.corrected).tolist() if code >= 0]
        return bool(used) and all(split_word(self._classes[code]) for code in used)

    def name_for(self, file: EncodedFile) -> str:
        """A new path below the export for a file: the name it had, else its sample id."""
        code = int(self._asked.corrected[file.place])
        split = self._splits[int(self._asked.splits[file.place]) if self._splits != [""] else 0]
        folder = os.path.join(split, self._classes[code] if code >= 0 else "")
        number = f"{file.sample_id:0{self._width}}"
        had, suffix = os.path.splitext(os.path.basename(file.path))
        stem = safe_name(had) if file.is_original and suffix == file.suffix else number
        for candidate in (stem, f"{stem}-{number}", f"{number}-{file.hash.tobytes().hex()}"):
            name = os.path.join(folder, f"{candidate}{file.suffix}")
            if folded(name) not in self._taken:
                self._taken.add(folded(name))
                return name
        raise AssertionError("a sample id and a hash name one file")


def _stored(name: str, file: EncodedFile) -> _Stored:
    if file.is_original:
        return _Stored(name, _digest(file.data), is_png_of_ours=False)
    return _Stored(name, file.hash.tobytes(), is_png_of_ours=True)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _write_new(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)


def _check(path: Path, stored: list[_Stored]) -> Iterator[Event]:
    """Read every file back once all are on the disk; nothing else may lie there."""
    os.sync()  # once: an fsync for each file took 3 ms, three minutes for 60,000 of them
    for done, one in enumerate(stored):
        yield Progress(len(stored) + done, 2 * len(stored), "checking the export")
        data = (path / one.name).read_bytes()
        if (png_hash(data) if one.is_png_of_ours else _digest(data)) != one.digest:
            raise not_as_written(f"file {one.name}", path)
    found = sum(len(names) for _, _, names in os.walk(path))
    if found != len(stored) + 1:
        raise not_as_written(f"a folder of {len(stored):,} images", path)


# -- links ------------------------------------------------------------------------------
def _root_to_link_from(material: Material) -> str:
    """The folder that the paths of images begin in; nothing but folders has files to link to."""
    if below := _folder_of_files(material):
        return below
    raise ProjectError(
        "its images are not files of their own, so there is nothing to link to",
        material.whole.source["name"],
        "Export with copies of the images instead.",
    )


def _check_as_stored(file: EncodedFile, material: Material) -> None:
    if not file.is_original:
        raise ProjectError(
            f"is not as the project sees it ({file.path}), so a link would lead to another image",
            material.whole.source["name"],
            "Export with copies: they are written with everything undone.",
        )


def _link(source: str, target: Path) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError as error:
        raise ProjectError(
            f"cannot be linked to from there ({(error.strerror or str(error)).lower()})",
            source,
            "Hard links work within one disk alone, and not on every one; export with copies.",
        ) from error


def _folder_of_files(material: Material) -> str:
    """What the paths of images are relative to where they are files of folders, else ""."""
    paths = material.whole.source["request"]["paths"]
    return os.path.realpath(common_folder(paths)) if all(map(os.path.isdir, paths)) else ""


# -- lists ------------------------------------------------------------------------------
def _write_list(path: Path, material: Material) -> Iterator[Event]:
    asked, step = material.asked, 10_000
    below = _folder_of_files(material)
    rows: list[list[str]] = []
    with open(path, "x", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("sample_id", "split", "class", "path"))
        for start in range(0, len(asked), step):
            yield Progress(start, len(asked), "writing the list")
            part = slice(start, start + step)
            ids = asked.sample_ids[part]
            columns = (ids, asked.splits[part], asked.corrected[part])
            rows = [
                [
                    str(sample_id),
                    guarded(asked.split_names[split]),
                    guarded(asked.class_names[code]) if code >= 0 else "",
                    guarded(os.path.join(below, shown)),
                ]
                for shown, sample_id, split, code in zip(
                    material.reader.paths(ids), *(c.tolist() for c in columns), strict=True
                )
            ]
            writer.writerows(rows)
    with open(path, encoding="utf-8", newline="") as file:
        n_rows = sum(1 for _ in csv.reader(file)) - 1
    if n_rows != len(asked):
        raise not_as_written(_LIST, path)
    sync_file(path)
    sync_file(path.parent / CLASS_LIST)
