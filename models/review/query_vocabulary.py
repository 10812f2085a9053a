"""The names that a query of one dataset can use, and the values they can have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from models.review.causes import BUILT_IN
from models.review.columns import Columns
from models.review.properties import PROPERTIES
from models.review.query_terms import KINDS, QUEUES, STATES, Kind

SCORES = ("suspicion", "loss", "confidence", "margin", "anomaly", "learned", "labelling")


@dataclass(frozen=True)
class Vocabulary:
    """What a query of one dataset can name."""

    classes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    scores: tuple[str, ...] = SCORES
    has_paths: bool = True
    causes: tuple[str, ...] = BUILT_IN

    @classmethod
    def of(cls, columns: Columns) -> Vocabulary:
        scores = tuple(dict.fromkeys([*SCORES, *columns.scores]))
        causes = columns.remarks.names if columns.remarks else BUILT_IN
        has_paths = columns.paths is not None
        return cls(columns.classes.names, columns.split_names, scores, has_paths, causes)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names, those most asked for first."""
        return tuple(dict.fromkeys([*KINDS, *self.scores, *PROPERTIES]))

    def values(self, kind: Kind) -> Sequence[str]:
        """The texts that names of a kind can have."""
        by_kind: dict[Kind, Sequence[str]] = {
            Kind.CLASS: self.classes,
            Kind.SPLIT: self.splits,
            Kind.STATE: STATES,
            Kind.QUEUE: tuple(QUEUES),
            Kind.CAUSE: self.causes,
        }
        return by_kind.get(kind, ())

    @cached_property
    def spelt(self) -> dict[Kind, dict[str, str]]:
        """Each value by its spelling without capitals, where no other differs by them alone."""
        kinds = (Kind.CLASS, Kind.SPLIT, Kind.STATE, Kind.QUEUE, Kind.CAUSE)
        spelt: dict[Kind, dict[str, str]] = {}
        for kind in kinds:
            folded = [name.casefold() for name in self.values(kind)]
            times = Counter(folded)
            pairs = zip(folded, self.values(kind), strict=True)
            spelt[kind] = {plain: name for plain, name in pairs if times[plain] == 1}
        return spelt
