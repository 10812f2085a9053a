"""What to call the splits of a dataset whose splits were given as paths of their own."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence

from models.data.names import displayed
from models.data.readers.meaning.array_names import meaning
from models.errors import DatasetError

_TOKENS = re.compile(r"[^\W_]+|[\W_]+")  # words and numbers, and what stands between them


def split_names(paths: Sequence[str]) -> list[str]:
    """A name for each of several different paths, relative to one folder, without suffixes.

    It is the split a path speaks of ("flowers/valid" of "val") if no other path does; else the
    part that tells it from the others ("red" and "blue" of flowers_red, flowers_blue).
    """
    spoken = [meaning(displayed(path)).split for path in paths]
    times = Counter(spoken)
    parts = _distinguishing([displayed(path) for path in paths])
    names = [
        split if split and times[split] == 1 else part
        for split, part in zip(spoken, parts, strict=True)
    ]
    return names if len(set(names)) == len(names) else [displayed(path) for path in paths]


def has_splits(path: str, words: Sequence[str]) -> DatasetError:
    """What to say of one of several paths that is a whole dataset by itself."""
    return DatasetError(
        f"has splits of its own ({', '.join(map(displayed, words))}), so it cannot be one split "
        "of a larger dataset",
        displayed(path),
        "Open it by itself, or give each of its splits as a path.",
    )


def _distinguishing(paths: Sequence[str]) -> list[str]:
    """The paths without the folders and words that all begin or end with."""
    steps = _middles([path.split(os.sep) for path in paths])
    names = [inner[-1] for inner in steps]
    if len(set(names)) < len(names):
        names = [os.sep.join(inner) for inner in steps]
    # "site_a" and "site_b" keep their first word, as "a" and "b" say little.
    words = [
        "".join(inner).strip("_-. ") for inner in _middles([_TOKENS.findall(n) for n in names])
    ]
    tells = all(len(word) > 1 and not word.isdecimal() for word in words)
    return words if tells and len(set(words)) == len(words) else names


def _middles(sequences: Sequence[list[str]]) -> list[list[str]]:
    """Each sequence without what all share at both ends; something is left of each."""
    room = min(map(len, sequences)) - 1
    first = _n_shared(sequences, room)
    last = _n_shared([sequence[::-1] for sequence in sequences], room - first)
    return [sequence[first : len(sequence) - last] for sequence in sequences]


def _n_shared(sequences: Sequence[list[str]], most: int) -> int:
    n = 0
    while n < most and len({sequence[n] for sequence in sequences}) == 1:
        n += 1
    return n
