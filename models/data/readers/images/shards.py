"""Several files that make one dataset: found in a folder, in order, with the split each is of."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from models.data.fingerprint import folder_entries
from models.data.names import displayed
from models.data.places import common_folder
from models.data.readers.images.folder_listing import several_folders
from models.data.readers.meaning.array_names import SPLIT_WORDS
from models.data.readers.meaning.split_names import has_splits, split_names
from models.errors import DatasetError

_GLANCED_AT = 500  # entries of one folder that are looked at before anything is opened
_FOLDERS_GLANCED_AT = 50
_NUMBERED = re.compile(r"(.+?)[-_]\d+[-_]of[-_]\d+$")  # train-00000-of-00003
_ORDER = ("train", "val", "test")


def glance(folder: str, suffix: str, depth: int = 2) -> Iterator[str]:
    """Some of the files of a folder whose names end so, without listing all of a large one."""
    folders = []
    with os.scandir(folder) as entries:
        for _, entry in zip(range(_GLANCED_AT), entries, strict=False):
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.name.lower().endswith(suffix):
                yield entry.path
    if depth:
        for inner in sorted(folders)[:_FOLDERS_GLANCED_AT]:
            yield from glance(inner, suffix, depth - 1)


def splits_of(
    paths: Sequence[str], files_in: Callable[[str], Sequence[str]]
) -> dict[str, list[str]]:
    """The files of each split: files, one folder of them, or several folders, each a split.

    `files_in` lists a folder, in order.

    Raises
    ------
    DatasetError
        If one of several folders holds none or splits of its own, or lies in another one.
    """
    folders = [path for path in paths if os.path.isdir(path)]
    if not folders:
        return by_split(list(dict.fromkeys(paths)), root_of(paths))
    if len(paths) == 1:
        return by_split(files_in(paths[0]), root_of(paths))
    splits = {}
    for name, path in zip(split_names(several_folders(paths)), paths, strict=True):
        own = by_split(files_in(path), os.path.realpath(path))
        if not own:
            raise DatasetError("holds no images", displayed(path), "Leave it out.")
        if len(own) > 1:
            raise has_splits(path, list(own))
        splits[name] = next(iter(own.values()))
    return splits


def files_below(folder: str, suffix: str) -> list[str]:
    """The files in a folder, in natural order.

    Raises
    ------
    DatasetError
        If one of them is a link that leads out of the folder.
    """
    root = os.path.realpath(folder)
    found = [entry.path for entry in folder_entries(root) if entry.name.lower().endswith(suffix)]
    for path in found:
        if os.path.commonpath([root, os.path.realpath(path)]) != root:
            raise DatasetError(
                "is a link that leads out of the folder",
                displayed(path),
                "Open the file it points to, or copy it into the folder.",
            )
    return sorted(found, key=natural)


def root_of(paths: Sequence[str]) -> str:
    """The folder below which names tell splits."""
    if len(paths) > 1:
        return common_folder(paths)
    return os.path.realpath(paths[0]) if os.path.isdir(paths[0]) else os.path.dirname(paths[0])


def name_of(paths: Sequence[str]) -> str:
    """For the title bar: of several files, that of their folder."""
    if len(paths) > 1 or os.path.isdir(paths[0]):
        return displayed(os.path.basename(root_of(paths))) or "dataset"
    return displayed(os.path.splitext(os.path.basename(paths[0]))[0])


def natural(name: str) -> list[tuple[int, str]]:
    """Sort key by which shard-2 comes before shard-10."""
    return [(int(digits or 0), text) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def by_split(files: Iterable[str], root: str) -> dict[str, list[str]]:
    """Files by the split their names speak of, train before val before test; "all" if none does.

    "train-00000-of-00003.parquet" is of "train"; so is "train/0000.parquet" below the root.
    """
    splits: dict[str, list[str]] = {}
    for path in files:
        splits.setdefault(_split_of(os.path.relpath(path, root)), []).append(path)
    if list(splits) == [""]:
        return {"all": splits[""]}
    order = {name: place for place, name in enumerate(_ORDER)}
    names = sorted(splits, key=lambda name: (order.get(name, len(order)), name))
    return {name or "other": splits[name] for name in names}


def _split_of(relative: str) -> str:
    stem = os.path.splitext(os.path.basename(relative))[0]
    numbered = _NUMBERED.match(stem)
    if numbered:
        name = numbered[1]
        return SPLIT_WORDS.get(name.lower()) or _spoken_of(relative) or displayed(name)
    return _spoken_of(relative)


def _spoken_of(relative: str) -> str:
    words = re.findall(r"[a-z]+", relative.lower())  # "train2017" speaks of "train"
    return next((SPLIT_WORDS[word] for word in reversed(words) if word in SPLIT_WORDS), "")
