"""What a query is made of: comparisons joined by and, or, not. Each holds for some images."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.columns import Columns
from models.review.decisions import Status
from models.review.passes import one_of
from models.review.query_words import quoted
from models.review.queues import Queue, members
from models.review.wholesale import wholesale
from models.types import UNLABELLED, Mask


class Kind(Enum):
    """What stands behind a name of a query, which decides how it can be compared."""

    CLASS = 1
    SPLIT = 2
    STATE = 3
    QUEUE = 4
    NUMBER = 5
    FLAG = 6
    TEXT = 7
    CAUSE = 8  # an image has any number of them


KINDS = {  # of every name but those of scores, which are numbers
    "given": Kind.CLASS,
    "label": Kind.CLASS,
    "predicted": Kind.CLASS,
    "suggested": Kind.CLASS,
    "split": Kind.SPLIT,
    "state": Kind.STATE,
    "queue": Kind.QUEUE,
    "changed": Kind.FLAG,
    "wholesale": Kind.FLAG,
    "cause": Kind.CAUSE,
    "note": Kind.TEXT,
    "path": Kind.TEXT,
    "id": Kind.NUMBER,
    "cluster": Kind.NUMBER,
}
CODED = (Kind.CLASS, Kind.SPLIT, Kind.STATE)  # a code an image, and a name for each code
STATES = tuple(state.name.lower().replace("_", " ") for state in Status)  # by code
QUEUES = {queue.option: queue for queue in Queue}
NO_CLASS = "none"  # of an image without a label or without scores

_NUMERIC: dict[str, Callable[[Any, Any], Mask]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


@dataclass(frozen=True)
class Column:
    """Another name on the right of a comparison: `given != predicted`."""

    name: str


Value = str | float | Column | None  # None is "no class"


@dataclass(frozen=True)
class Comparison:
    """A name and what it is compared with: == != < <= > >= or ~."""

    name: str
    operator: str
    value: Value

    @property
    def text(self) -> str:
        return f"{self.name} {self.operator} {_written(self.value)}"

    def holds(self, columns: Columns) -> Mask:
        if self.operator == "!=":
            return ~Comparison(self.name, "==", self.value).holds(columns)
        kind = KINDS.get(self.name, Kind.NUMBER)
        if isinstance(self.value, Column):
            return _compared(self.operator, self.name, _numbers(self.value.name, columns), columns)
        if kind is Kind.NUMBER:
            return _compared(self.operator, self.name, self.value, columns)
        if kind is Kind.TEXT:
            holding = _in_note if self.name == "note" else _in_path
            return holding(str(self.value), columns)
        if self.operator == "~":
            part = str(self.value).casefold()
            found = [name for name in _names(self.name, columns) if part in name.casefold()]
            return OneOf(self.name, tuple(found)).holds(columns)
        return OneOf(self.name, (self.value,)).holds(columns)


@dataclass(frozen=True)
class OneOf:
    """A name that has one of several values."""

    name: str
    values: tuple[Value, ...]

    @property
    def text(self) -> str:
        return f"{self.name} in ({', '.join(map(_written, self.values))})"

    def holds(self, columns: Columns) -> Mask:
        kind = KINDS.get(self.name, Kind.NUMBER)
        if kind is Kind.QUEUE:
            return _any([members(QUEUES[str(value)], columns) for value in self.values])
        if kind is Kind.CAUSE:
            return _has_cause(self.values, columns)
        if kind is Kind.NUMBER:
            return _one_of(_numbers(self.name, columns), self.values)
        wanted = set(self.values)
        codes = [code for code, name in enumerate(_names(self.name, columns)) if name in wanted]
        codes += [UNLABELLED] if None in wanted else []
        return one_of(_numbers(self.name, columns), codes)


@dataclass(frozen=True)
class Flag:
    """A name that is true or not."""

    name: str

    @property
    def text(self) -> str:
        return self.name

    def holds(self, columns: Columns) -> Mask:
        given, labels = _numbers("given", columns), _numbers("label", columns)
        if self.name == "changed":
            changed: Mask = labels != given
            return changed
        if len(columns.wholesale):
            return columns.wholesale
        return wholesale(given, labels, columns.status, columns.classes, ())


@dataclass(frozen=True)
class Not:
    term: Term

    @property
    def text(self) -> str:
        return f"not {_inside(self.term, (And, Or))}"

    def holds(self, columns: Columns) -> Mask:
        return ~self.term.holds(columns)


@dataclass(frozen=True)
class And:
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        return " and ".join(_inside(term, (Or,)) for term in self.terms)

    def holds(self, columns: Columns) -> Mask:
        return reduce(np.logical_and, (term.holds(columns) for term in self.terms))


@dataclass(frozen=True)
class Or:
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        return " or ".join(term.text for term in self.terms)

    def holds(self, columns: Columns) -> Mask:
        return _any([term.holds(columns) for term in self.terms])


Term = Comparison | OneOf | Flag | Not | And | Or


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(float(value)).removesuffix(".0")


def _inside(term: Term, weaker: tuple[type, ...]) -> str:
    return f"({term.text})" if isinstance(term, weaker) else term.text


def _written(value: Value) -> str:
    if value is None:
        return NO_CLASS
    if isinstance(value, Column):
        return value.name
    return quoted(value) if isinstance(value, str) else number_text(value)


def _any(masks: list[Mask]) -> Mask:
    return reduce(np.logical_or, masks)


def _names(name: str, columns: Columns) -> Sequence[str]:
    """What the codes behind a name stand for."""
    kind = KINDS[name]
    if kind is Kind.STATE:
        return STATES
    if kind is Kind.CAUSE:
        return columns.remarks.names if columns.remarks else ()
    return columns.split_names if kind is Kind.SPLIT else columns.classes.names


def _numbers(name: str, columns: Columns) -> NDArray[Any]:
    """The codes or numbers behind a name, (n,); no class and NaN where nothing is known."""
    if name == "id":
        return np.arange(len(columns.labels))
    if name not in KINDS:
        unknown = np.broadcast_to(np.float32(np.nan), columns.labels.shape)
        return columns.scores.get(name, columns.properties.get(name, unknown))
    by_name: dict[str, NDArray[Any]] = {
        "given": columns.given,
        "label": columns.labels,
        "predicted": columns.predicted,
        "suggested": columns.suggested,
        "split": columns.splits,
        "state": columns.status,
        "cluster": columns.cluster,
    }
    codes = by_name[name]
    if len(codes) != len(columns.labels):
        nothing = np.float32(np.nan) if KINDS[name] is Kind.NUMBER else np.int32(UNLABELLED)
        return np.broadcast_to(nothing, columns.labels.shape)
    # What the model says is never a class that was merged since.
    return columns.classes.standing(codes) if name in ("predicted", "suggested") else codes


def _compared(sign: str, name: str, value: Any, columns: Columns) -> Mask:
    with np.errstate(invalid="ignore", over="ignore"):  # an unscored image passes no comparison
        found: Mask = _NUMERIC[sign](_numbers(name, columns), value)
    return found


def _one_of(numbers: NDArray[Any], values: Sequence[Any]) -> Mask:
    wanted = np.array(values, np.float64)
    if numbers.dtype.kind == "i":  # of whole numbers alone, among which it is quick to look
        wanted = wanted[(wanted == np.floor(wanted)) & (abs(wanted) < 2**53)]
    with np.errstate(over="ignore"):
        found: Mask = np.isin(numbers, wanted.astype(numbers.dtype))
    return found


def _in_path(part: str, columns: Columns) -> Mask:
    if columns.paths is None:
        return np.zeros(len(columns.labels), np.bool_)
    return columns.paths.holding(part)


def _in_note(part: str, columns: Columns) -> Mask:
    """Which images have a note that holds a text, capitals or not."""
    found: Mask = np.zeros(len(columns.labels), np.bool_)
    if columns.remarks is not None:
        noted = list(columns.remarks.notes)  # at once: a note may be written meanwhile
        texts = [columns.remarks.note(image).casefold() for image in noted]
        holding = [bool(text) and part.casefold() in text for text in texts]
        found[np.array(noted, np.int64)[holding]] = True
    return found


def _has_cause(wanted: Sequence[Value], columns: Columns) -> Mask:
    """Which images have one of some causes, or none at all where None is wanted."""
    if columns.remarks is None:
        return np.full(len(columns.labels), None in wanted)
    names, marks = columns.remarks.names, columns.remarks.marks
    bits = np.uint32(sum(1 << names.index(str(cause)) for cause in wanted if cause in names))
    found: Mask = (marks & bits) != 0
    return found | (marks == 0) if None in wanted else found
