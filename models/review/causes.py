"""Why a label was wrong: the causes a person can name, and one remark as the log keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.types import SampleIds

BUILT_IN = ("blurred", "cropped", "two objects", "wrong class list", "other")
MOST_CAUSES = 32  # each is one bit of a mark
Marks = NDArray[np.uint32]  # bit c is set where an image has the cause at position c


@dataclass(frozen=True)
class Remark:
    """What one step says of some images: a cause given or taken away, or else a note.

    An empty note takes away the one before.
    """

    cause: str = ""
    on: bool = True
    note: str = ""

    def text(self) -> str:
        """As JSON, for the notes of the log."""
        said = {"cause": self.cause, "on": self.on} if self.cause else {"note": self.note}
        return json.dumps(said, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises ValueError if it is no remark."""
        said = json.loads(text)
        kinds = {"cause": str, "on": bool, "note": str}
        if not isinstance(said, dict) or not all(
            isinstance(value, kinds.get(name, ())) for name, value in said.items()
        ):
            raise ValueError(f"{text[:80]!r} is no remark")
        return cls(**said)


def with_cause(names: tuple[str, ...], cause: str) -> tuple[str, ...]:
    """The causes with one more at the end, unless it is there already or there is no room."""
    known = cause in names or len(names) == MOST_CAUSES
    return names if known else (*names, cause)


def marked(marks: Marks, place: int, on: bool) -> Marks:
    """The marks of some images after the cause at a place was given to them or taken away. (m,)"""
    bit = np.uint32(1 << place)
    after: Marks = marks | bit if on else marks & ~bit
    return after


def toggled(marks: Marks, sample_ids: SampleIds, place: int) -> tuple[SampleIds, bool]:
    """What naming a cause does: those images that lack it get it; if none does, all lose it.

    Returns the images that change, and whether they get it.
    """
    has = (marks[sample_ids] & np.uint32(1 << place)) != 0
    return (sample_ids, False) if has.all() else (sample_ids[~has], True)


def causes_of(names: tuple[str, ...], mark: int) -> tuple[str, ...]:
    """The causes that one mark stands for."""
    return tuple(name for place, name in enumerate(names) if mark >> place & 1)
