"""Decisions about the list of classes: adding one, merging several. Codes never change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

import numpy as np

from models.types import UNLABELLED, LabelVector


@dataclass(frozen=True)
class ClassChange:
    """One decision about the class list; the note of its log row is its JSON.

    A merged class keeps its code and its name, but has no samples and is no longer offered.
    """

    name: str = ""  # of the class that is added; empty for a merge
    merged: tuple[int, ...] = ()  # codes that go into `into`
    into: int | tuple[int, ...] = -1  # one code for all of them, or one for each
    remedy: str = ""  # id of the finding of an audit that it is the remedy of

    @property
    def becomes(self) -> dict[int, int]:
        """The code that each merged class goes into."""
        into = self.into if isinstance(self.into, tuple) else (self.into,) * len(self.merged)
        return dict(zip(self.merged, into, strict=True))

    def note(self) -> str:
        into = list(self.into) if isinstance(self.into, tuple) else self.into
        said: dict[str, object] = (
            {"op": "add", "name": self.name}
            if self.name
            else {"op": "merge", "merged": list(self.merged), "into": into}
        )
        if self.remedy:
            said["remedy"] = self.remedy
        return json.dumps(said, ensure_ascii=False)

    @classmethod
    def from_note(cls, note: str) -> ClassChange:
        """Raises ValueError or KeyError if the note holds no decision we know."""
        said = json.loads(note)
        if said["op"] == "add":
            return cls(name=str(said["name"]))
        if said["op"] == "merge":
            into = said["into"]
            each = tuple(map(int, into)) if isinstance(into, list) else int(into)
            merged = tuple(map(int, said["merged"]))
            if isinstance(each, int):  # a class named twice goes there all the same
                merged = tuple(dict.fromkeys(merged))
            change = cls("", merged, each, str(said.get("remedy", "")))
            if len(change.becomes) != len(change.merged):
                raise ValueError("a class is merged twice in one decision")
            return change
        raise ValueError(f"{said['op']!r} is no class decision")


@dataclass(frozen=True)
class ClassList:
    """The classes as they stand: names by code, and which were merged into which."""

    names: tuple[str, ...]
    merged: Mapping[int, int]  # code -> code it went into
    not_of_dataset: int = UNLABELLED  # the class of images that belong to none; never learnt
    n_of_source: int = 0  # so many, the first ones, came with the dataset; the others were added

    @classmethod
    def of(cls, names: Sequence[str], changes: Sequence[ClassChange] = ()) -> ClassList:
        """The list once every change was made."""
        added = tuple(change.name for change in changes if change.name)
        merged = {code: into for change in changes for code, into in change.becomes.items()}
        return cls((*names, *added), merged, n_of_source=len(names))

    def after(self, change: ClassChange) -> ClassList:
        names = (*self.names, change.name) if change.name else self.names
        return replace(self, names=names, merged={**self.merged, **change.becomes})

    def before(self, change: ClassChange) -> ClassList:
        """The list without its newest change."""
        kept = {code: into for code, into in self.merged.items() if code not in change.merged}
        return replace(self, names=self.names[:-1] if change.name else self.names, merged=kept)

    def n_known_to(self, names: Sequence[str]) -> int:
        """How many classes, from the first one on, are those that a run met under these names; all
        if it did not say. The code of an added class is given anew once its addition was undone.
        """
        if not names:
            return len(self.names)
        both = list(zip(names, self.names, strict=False))
        added = takewhile(lambda pair: pair[0] == pair[1], both[self.n_of_source :])
        return min(self.n_of_source, len(both)) + len(list(added))

    def standing(self, codes: LabelVector) -> LabelVector:
        """Codes as they stand after merging, (m,); UNLABELLED stays."""
        return codes if not self.merged else self._standing[codes + 1]

    @cached_property
    def _standing(self) -> LabelVector:
        """What each class went into in the end, at its code + 1; UNLABELLED first."""
        now = np.arange(-1, len(self.names), dtype=np.int32)
        ends: dict[int, int] = {}
        for code in self.merged:
            met, end = dict[int, None](), code
            while end in self.merged and end not in ends and end not in met:
                met[end] = None  # met again, it ends there: a damaged journal may hold a circle
                end = self.merged[end]
            ends |= dict.fromkeys(met, ends.get(end, end))
        now[np.fromiter(ends, np.int64) + 1] = np.fromiter(ends.values(), np.int32)
        return now

    def offered(self) -> list[int]:
        """Codes a person can choose: all that were not merged into another."""
        return [code for code in range(len(self.names)) if code not in self.merged]
