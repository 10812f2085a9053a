"""What the folders above images mean: a split, a class, or groups within a class.

The rules, for folders relative to the one that was opened:

- The first level at which every image lies in a folder named like a split (train, test_set, ...)
  tells the split, above the classes or below them. Beside such names numbered ones (test1,
  train2017) and images to predict (seg_pred) are splits as well.
- Where folders called like parts of a whole (part1, part2) hold the same folders, they mean
  nothing; sets (fold1, site_a) that do are splits under their own names.
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
from models.data.readers.meaning.array_names import PIECES, SETS, SPLIT_WORDS, words_of

OUTSIDE = "other"  # the split of images that lie in no split folder where there are some
# Beside a split word these say nothing, and alone they are no class.
_PLAIN = frozenset(("set", "data", "dataset", "split", "seg", "images", "image", "imgs", "img"))
_PLAIN |= frozenset(("photos", "pictures", "jpg", "jpeg", "png", "folder", "files", "samples"))
_SETS = SETS | {"site"}
_MOST_SETS = 50  # that are splits; more mean nothing
_TO_PREDICT = "pred"

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
    folders: Collection[str],
    classes: Collection[str] = (),
    opened: Collection[Opened] = (),
    pieces: Collection[str] = (),
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
    pieces : collection of str
        Folders whose names mean nothing, as each is a piece of one dataset.
    """
    steps = {folder: _below_piece(_steps(folder), pieces) for folder in folders}
    inner = [step for step in steps.values() if step]
    level = _split_level(inner, classes)
    if level is None:
        level = _set_level(inner, classes)
    if opened:
        splits, rests = _below(opened, steps)
    elif level is None:
        splits, rests = dict.fromkeys(steps, ""), steps
    else:
        names = _split_names({step[level] for step in inner}, classes)
        splits = {f: names[step[level]] if step else OUTSIDE for f, step in steps.items()}
        width = 1 + _is_repeated(inner, level)
        rests = {f: step[:level] + step[level + width :] for f, step in steps.items()}
    piece = _numbered_level(rests.values(), PIECES | _SETS, classes)
    if piece is not None:
        rests = {folder: rest[:piece] + rest[piece + 1 :] for folder, rest in rests.items()}
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


def says_nothing(name: str) -> bool:
    """Whether a folder of this name ("images", "data") is of no class, where it stands alone."""
    return _is_plain((name,))


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
        if _splits_told({step[level] for step in inner}, classes):
            return level
    return None


def _set_level(inner: Collection[_Steps], classes: Collection[str]) -> int | None:
    """The level of folders that are sets of one dataset, each a split under its own name."""
    level = _numbered_level(inner, _SETS, classes)
    few = level is not None and len({step[level] for step in inner}) <= _MOST_SETS
    return level if few else None


def _splits_told(folders: Collection[str], classes: Collection[str]) -> Mapping[str, str]:
    """The split each of the folders at one level stands for; none unless all do."""
    told = {folder: split_word(folder) for folder in folders}
    if not all(told.values()) and set(folders).isdisjoint(classes):
        told = {folder: _split_of(folder) for folder in folders}
        if len(set(told.values())) < 2:  # test1 and test2 alone are as likely classes
            return {}
    return told if all(told.values()) else {}


def _split_of(folder: str) -> str:
    """The split of a folder beside others that are splits."""
    name = unnumbered(folder)
    words = [word for word in words_of(name) if word not in _PLAIN]
    return split_word(name) or (_TO_PREDICT if words == [_TO_PREDICT] else "")


def unnumbered(folder: str) -> str:
    """A name without the number at its end: "test1", "images_001"."""
    return folder.rstrip("0123456789").rstrip("_-. ")


def _split_names(folders: Collection[str], classes: Collection[str]) -> Mapping[str, str]:
    names = _splits_told(folders, classes) or {
        folder: split_word(folder) or displayed(folder) for folder in folders
    }
    spelled = {(name, unnumbered(folder)) for folder, name in names.items()}
    if len(set(names.values())) < len(spelled):  # "val" and "valid" side by side
        return {folder: displayed(folder) for folder in folders}
    return names


def _is_repeated(inner: Collection[_Steps], level: int) -> bool:
    """Whether every split folder holds one of the same split: seg_train/seg_train."""
    pairs = [step[level : level + 2] for step in inner]
    return all(len(pair) == 2 and _split_of(pair[0]) == _split_of(pair[1]) != "" for pair in pairs)


def _numbered_level(
    paths: Collection[_Steps], kinds: Collection[str], classes: Collection[str]
) -> int | None:
    """The level at which folders are numbered or lettered as parts of a whole are, and hold what
    is called the same; None if there is none."""
    held = {path for path in paths if path}
    level = len(_shared(held)) if len(held) > 1 else 0
    if min(map(len, held), default=0) < level + 2:
        return None
    inside: dict[str, set[str]] = defaultdict(set)
    for path in held:
        inside[path[level]].add(path[level + 1])
    words = [words_of(name) for name in inside]
    numbered = all(len(word) == 2 and (word[1].isdecimal() or len(word[1]) == 1) for word in words)
    come_back = sum(map(len, inside.values())) > len(set().union(*inside.values()))
    alike = numbered and len({word[0] for word in words}) == 1 and words[0][0] in kinds
    return level if alike and come_back and set(inside).isdisjoint(classes) else None


def _below_piece(step: _Steps, pieces: Collection[str]) -> _Steps:
    top = next((top for top in map(_steps, pieces) if step[: len(top)] == top), ())
    return step[len(top) :]


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
    beside_others = {rest for found in of_split.values() if len(found) > 1 for rest in found}
    return {
        rest
        for rest in alone - beside_others
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
