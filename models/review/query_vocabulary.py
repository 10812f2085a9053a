"""The names that a query of one dataset can use, and the values they can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from models.review.columns import Columns
from models.review.query_terms import KINDS, QUEUES, STATES, Kind

SCORES = ("suspicion", "loss", "confidence", "margin", "anomaly", "learned", "labelling")


@dataclass(frozen=True)
class Vocabulary:
    """What a query of one dataset can name."""

    classes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    scores: tuple[str, ...] = SCORES
    has_paths: bool = True

    @classmethod
    def of(cls, columns: Columns) -> Vocabulary:
        scores = tuple(dict.fromkeys([*SCORES, *columns.scores]))
        return cls(columns.classes.names, columns.split_names, scores, columns.paths is not None)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names, those most asked for first."""
        return tuple(dict.fromkeys([*KINDS, *self.scores]))

    def values(self, kind: Kind) -> Sequence[str]:
        """The texts that names of a kind can have."""
        by_kind = {Kind.CLASS: self.classes, Kind.SPLIT: self.splits, Kind.STATE: STATES}
        return tuple(QUEUES) if kind is Kind.QUEUE else by_kind.get(kind, ())

    @cached_property
    def spelt(self) -> dict[Kind, dict[str, str]]:
        """Each value by its spelling without capitals."""
        kinds = (Kind.CLASS, Kind.SPLIT, Kind.STATE, Kind.QUEUE)
        return {kind: {name.casefold(): name for name in self.values(kind)} for kind in kinds}
