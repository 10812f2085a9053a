"""Labels that lie beside images as small texts: 000.cls, 000.json, 000.txt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.data.readers.meaning.joining import Piece, joined
from models.data.readers.meaning.labels import MAX_CLASSES, Labels
from models.types import UNLABELLED

LABEL_SUFFIXES = frozenset(("cls", "json", "txt"))  # in alphabetical order, the surest first
_CODE_KEYS = ("label", "cls", "class", "target", "category_id", "label_id", "y")
_NAME_KEYS = ("class_name", "label_name", "category", "category_name", "cname", "name")
_FEW = 100  # different texts are classes even if no two samples share one
_SHARED = 2  # of more texts, each must be given to so many samples on average


@dataclass(frozen=True)
class _Shard:
    """The samples of one file."""

    shown: str
    at: slice
    classes: tuple[str, ...]  # in the order of their codes, if a text lists them


@dataclass
class SampleLabels:
    """What the texts say of each sample: a code, a name or both. The first text to say it wins."""

    codes: list[int] = field(default_factory=list)  # -1: not said
    names: list[str] = field(default_factory=list)  # "": not said
    _shards: list[_Shard] = field(default_factory=list)
    _unclear: set[int] = field(default_factory=set)  # samples with a text that says no class
    _known: dict[str, str] = field(default_factory=dict)  # one object for each name

    def extend(self, n: int, shard: str, classes: tuple[str, ...]) -> None:
        """More samples of which nothing is said yet, and what the list in their shard says."""
        start = len(self.codes)
        self._shards.append(_Shard(shard, slice(start, start + n), classes))
        self.codes += [UNLABELLED] * n
        self.names += [""] * n

    def put(self, sample: int, suffix: str, text: bytes) -> None:
        """Take what a text says of a sample."""
        said = list(_json_values(text) if suffix == "json" else _plain_values(text))
        if not said:
            self._unclear.add(sample)
        for value in said:
            if isinstance(value, int) and self.codes[sample] == UNLABELLED:
                self.codes[sample] = max(-(2**53), min(value, 2**53))
            elif isinstance(value, str) and not self.names[sample]:
                self.names[sample] = self._known.setdefault(value, value)

    def to_labels(self, where: str) -> Labels:
        """The samples' class codes. Raises DatasetError if the texts are no labels."""
        codes, names = np.array(self.codes, np.int64), np.array(self.names, object)
        warnings = []
        # Beside a .cls that says it, a .json of other facts is no label.
        unclear = sum(codes[i] == UNLABELLED and not names[i] for i in self._unclear)
        if unclear:
            warnings.append(f"Label texts that name no class, or several: {unclear:,}.")
        if (codes != UNLABELLED).any():
            column, said = codes, codes != UNLABELLED
        elif self._are_captions():
            warnings.append("The texts beside the images are captions, not classes; not read.")
            column, said = names, np.zeros(len(names), bool)
        else:
            column, said = names, names != ""
        told = () if any(shard.classes for shard in self._shards) else self._names_of_codes(codes)
        if column is codes:
            self._number(codes, names, told)
            said = codes != UNLABELLED
            n_named = int(((names != "") & ~said).sum())
            if n_named:
                warnings.append(
                    f"Samples with a text but no number of a class: {n_named:,}. Others have "
                    "numbers, and nothing says which number the text is, so these count as "
                    "unlabelled."
                )
        pieces = [
            Piece(s.shown, s.classes or told, said[s.at], column[s.at][said[s.at]])
            for s in self._shards
        ]
        labels = joined(pieces, "label", where)
        return replace(labels, warnings=(*labels.warnings, *warnings))

    def _number(
        self, codes: NDArray[np.int64], names: NDArray[np.object_], told: Sequence[str]
    ) -> None:
        """Fill in the code of each sample that has only a name, where the classes are listed."""
        lists = {shard.classes for shard in self._shards} - {()}
        everywhere = lists.pop() if len(lists) == 1 else told
        for shard in self._shards:
            code_of = {name: code for code, name in enumerate(shard.classes or everywhere)}
            mine = codes[shard.at]
            for place in np.flatnonzero((mine == UNLABELLED) & (names[shard.at] != "")).tolist():
                mine[place] = code_of.get(names[shard.at][place], UNLABELLED)

    def _names_of_codes(self, codes: NDArray[np.int64]) -> tuple[str, ...]:
        """The name given together with each code; none if they contradict each other."""
        name_of: dict[int, str] = {}
        for code, name in zip(codes.tolist(), self.names, strict=True):
            if code >= 0 and name and name_of.setdefault(code, name) != name:
                return ()
        if not name_of or len(set(name_of.values())) < len(name_of) or min(codes) < UNLABELLED:
            return ()
        n_classes = int(codes.max()) + 1
        if n_classes > MAX_CLASSES:
            return ()
        names = tuple(name_of.get(code, str(code)) for code in range(n_classes))
        return names if len(set(names)) == n_classes else ()

    def _are_captions(self) -> bool:
        given = [name for name in self.names if name]
        different = len(set(given))
        return different > _FEW and len(given) < _SHARED * different


def listed(text: bytes) -> tuple[str, ...]:
    """The classes that a text names line by line; none if it is no such list."""
    lines = text.decode("utf-8-sig", "backslashreplace").splitlines()
    classes = tuple(line.strip() for line in lines if line.strip())
    return classes if len(set(classes)) == len(classes) <= MAX_CLASSES else ()


def _plain_values(text: bytes) -> Iterator[int | str]:
    value = text.decode("utf-8-sig", "backslashreplace").strip()
    if value.isascii() and value.removeprefix("-").isdigit() and len(value) < 16:
        yield int(value)
    elif value:
        yield value


def _json_values(text: bytes) -> Iterator[int | str]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return
    keys = (*_CODE_KEYS, *_NAME_KEYS)
    for value in [said.get(key) for key in keys] if isinstance(said, dict) else [said]:
        if isinstance(value, str) and value:
            yield value.encode("utf-8", "backslashreplace").decode()  # may hold half a character
        elif isinstance(value, int) and not isinstance(value, bool):
            yield value
        elif isinstance(value, float) and value.is_integer():  # beside others that are missing
            yield int(value)
