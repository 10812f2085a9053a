"""What the folders above images mean: a split, a class, or groups within a class.

The rules, for folders relative to the one that was opened:

- The first level at which every image lies in a folder named like a split (train, test_set, ...)
  tells the split, above the classes or below them.
- Of what is left, folders that lead to every image (data/, images/) mean nothing.
- A class is the topmost folder left that holds images itself, named by its path: "animals/cat".
- Where such a name comes back below several folders (cat/day1, dog/day1), those are groups, and
  the folders at the first level are the classes.

Where several folders were opened, each is a split, and the other rules hold for what is in them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from models.data.names import displayed
from models.data.readers.meaning.array_names import SPLIT_WORDS, words_of

OUTSIDE = "other"  # the split of images that lie in no split folder where there are some
# Beside a split word these say nothing, and alone they are no class.
_PLAIN = frozenset(("set", "data", "dataset", "split", "seg", "images", "image", "imgs", "img"))
_PLAIN |= frozenset(("photos", "pictures", "jpg", "jpeg", "png", "folder", "files", "samples"))

_Steps = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """What one folder says of the images in it; empty where it says nothing."""

    split: str
    class_folder: str  # its path below the split
    group: str  # the path below the class


@dataclass(frozen=True)
class Opened:
    """One of several folders that were opened together."""

    folder: str  # relative to the one that holds them all
    split: str
    level: int | None = None  # of folders in it that only say once more which split it is


def places_of(
    folders: Collection[str], classes: Collection[str] = (), opened: Collection[Opened] = ()
) -> dict[str, Place]:
    """Tell what each folder means.

    Parameters
    ----------
    folders : collection of str
        Relative paths of all folders that hold images; "" is the root.
    classes : collection of str
        Folder names of the classes, where a list of them lies in the root.
    opened : collection of Opened
        Where several folders were opened, each of them; all others lie below these.
    """
    steps = {folder: _steps(folder) for folder in folders}
    inner = [step for step in steps.values() if step]
    level = None if opened else _split_level(inner, classes)
    if opened:
        splits, rests = _below(opened, steps)
    elif level is None:
        splits, rests = dict.fromkeys(steps, ""), steps
    else:
        names = _split_names({step[level] for step in inner})
        splits = {f: names[step[level]] if step else OUTSIDE for f, step in steps.items()}
        width = 1 + _is_repeated(inner, level)
        rests = {f: step[:level] + step[level + width :] for f, step in steps.items()}
    class_paths = _class_paths(set(rests.values()), classes)
    for rest in _of_no_class(rests, splits, classes):
        class_paths[rest] = ((), ())
    places = {}
    for folder, rest in rests.items():
        path, group = class_paths.get(rest, ((), ()))
        places[folder] = Place(splits[folder], os.sep.join(path), os.sep.join(group))
    return places


def splits_inside(
    folders: Collection[str], classes: Collection[str] = ()
) -> tuple[int | None, list[str]]:
    """The level at which folders are named like splits, and those names; none of one without."""
    inner = [_steps(folder) for folder in folders if folder]
    level = _split_level(inner, classes)
    return level, [] if level is None else sorted({step[level] for step in inner})


@lru_cache(maxsize=4096)  # a column of a table repeats its few values
def split_word(name: str) -> str:
    """The split a name stands for ("train", "Test_set", "valid-images"), "" if for none."""
    words = [word for word in words_of(name) if word not in _PLAIN]
    return SPLIT_WORDS.get(words[0], "") if len(words) == 1 else ""


def _steps(folder: str) -> _Steps:
    return tuple(folder.split(os.sep)) if folder else ()


def _below(
    opened: Collection[Opened], steps: Mapping[str, _Steps]
) -> tuple[dict[str, str], dict[str, _Steps]]:
    """The split of each folder, and its path below the one that was opened."""
    tops = {_steps(one.folder): one for one in opened}
    depths = {len(top) for top in tops}
    splits, rests = {}, {}
    for folder, step in steps.items():
        top = next(step[:depth] for depth in depths if step[:depth] in tops)
        splits[folder], level = tops[top].split, tops[top].level
        rest = step[len(top) :]
        rests[folder] = rest if level is None else rest[:level] + rest[level + 1 :]
    return splits, rests


def _split_level(inner: Collection[_Steps], classes: Collection[str]) -> int | None:
    first = {step[0] for step in inner}
    second = {step[1] for step in inner if len(step) > 1}
    above = first.isdisjoint(classes) and not second.isdisjoint(classes)
    if above and (len(first) > 1 or not _is_plain(tuple(first))):
        return 0  # whatever they are called, as listed classes lie below them
    for level in range(min(map(len, inner), default=0)):
        if all(split_word(step[level]) for step in inner):
            return level
    return None


def _split_names(folders: Collection[str]) -> Mapping[str, str]:
    names = {folder: split_word(folder) or displayed(folder) for folder in folders}
    if len(set(names.values())) < len(names):  # "val" and "valid" side by side
        return {folder: displayed(folder) for folder in folders}
    return names


def _is_repeated(inner: Collection[_Steps], level: int) -> bool:
    """Whether every split folder holds one of the same split: seg_train/seg_train."""
    pairs = [step[level : level + 2] for step in inner]
    return all(
        len(pair) == 2 and split_word(pair[0]) == split_word(pair[1]) != "" for pair in pairs
    )


def _class_paths(
    rests: Collection[_Steps], classes: Collection[str]
) -> dict[_Steps, tuple[_Steps, _Steps]]:
    """Class and group of each path without its split."""
    held = {rest for rest in rests if rest}
    if len(held) == 1 and not classes and _is_plain(next(iter(held))):
        return {}
    shared = _shared(held) if len(held) > 1 else ()
    depth = 0 if shared in held or not set(shared).isdisjoint(classes) else len(shared)
    ends = {rest: _end_of_class(rest, depth, held, classes) for rest in held}
    if _come_back({rest[depth:end] for rest, end in ends.items()}):
        ends = dict.fromkeys(ends, depth + 1)
    return {rest: (rest[depth:end], rest[end:]) for rest, end in ends.items()}


def _of_no_class(
    rests: Mapping[str, _Steps], splits: Mapping[str, str], classes: Collection[str]
) -> set[_Steps]:
    """Folders like val/images beside train/cat and train/dog: all of their split, and no class."""
    of_split: dict[str, set[_Steps]] = defaultdict(set)
    for folder, rest in rests.items():
        of_split[splits[folder]].add(rest)
    alone = {rest for found in of_split.values() if len(found) == 1 for rest in found if rest}
    shared = {rest for rest in alone if sum(rest in found for found in of_split.values()) > 1}
    return {
        rest
        for rest in alone - shared
        if _is_plain(rest) and set(rest).isdisjoint(classes) and len(of_split) > 1
    }


def _shared(paths: Collection[_Steps]) -> _Steps:
    """The folders at the beginning of all paths."""
    first, last = min(paths), max(paths)
    return tuple(
        a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    )


def _end_of_class(
    rest: _Steps, depth: int, held: Collection[_Steps], classes: Collection[str]
) -> int:
    """How many steps of a path lead to its class."""
    if rest[depth] in classes:
        return depth + 1
    return next(end for end in range(depth + 1, len(rest) + 1) if rest[:end] in held)


def _come_back(paths: Collection[_Steps]) -> bool:
    """Whether the last name of a longer path is found below several first folders."""
    tops = defaultdict(set)
    for path in paths:
        if len(path) > 1:
            tops[path[-1]].add(path[0])
    return any(len(found) > 1 for found in tops.values())


def _is_plain(path: _Steps) -> bool:
    return all(word in _PLAIN for step in path for word in words_of(step))
