"""How the values of a score are distributed, and how two scores lie against each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.columns import Columns
from models.review.decisions import Status
from models.review.ordering import Filters
from models.types import UNLABELLED, Mask, SampleIds, Scores

ALL, BY_SPLIT, BY_CLASS, BY_STATE = "", "split", "class", "state"
BREAKDOWNS = (ALL, BY_SPLIT, BY_CLASS, BY_STATE)
N_BARS = 60
CELLS = (128, 40)  # across and up, of two scores against each other
EVERYTHING = (-math.inf, math.inf)

Range = tuple[float, float]  # both ends belong to it


@dataclass(frozen=True)
class ValuesAsked:
    """What a person wants to see of the scores."""

    score: str = "suspicion"
    by: str = ALL  # one of BREAKDOWNS
    against: str = ""  # another score; then nothing is broken down


@dataclass(frozen=True)
class Bins:
    """Equal steps between the lowest and the highest value of a score."""

    edges: NDArray[np.float32]  # (bins + 1,) ascending; a value on an edge is in the bin above it

    @classmethod
    def of(cls, values: Scores, n_bins: int) -> Bins:
        """Around the finite values; from 0 to 1 where there are none."""
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        high = max(high, low + 1e-3 * max(abs(low), 1.0))  # or edges would be the same in float32
        return cls(np.linspace(low, high, n_bins + 1).astype(np.float32))

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def low(self) -> float:
        return float(self.edges[0])

    @property
    def high(self) -> float:
        return float(self.edges[-1])

    def of_values(self, values: Scores) -> NDArray[np.int64]:
        """The bin of each value, (m,), all of which lie between the ends. By arithmetic, which may
        be wrong by one: the edges decide, since what is filtered is compared with them."""
        steps = len(self) / (self.high - self.low)
        bins: NDArray[np.int64] = ((values - self.edges[0]) * np.float32(steps)).astype(np.int64)
        bins = np.clip(bins, 0, len(self) - 1)
        bins -= values < self.edges[bins]
        bins += (values >= self.edges[bins + 1]) & (bins < len(self) - 1)
        return bins

    def range(self, first: int, last: int) -> Range:
        """Just the values of some bins, the last one included. The outermost have no end, so that
        later scores beyond the ends of these are not cut off."""
        low = float(self.edges[first]) if first > 0 else -math.inf
        above = np.nextafter(self.edges[last + 1], np.float32(-np.inf))
        return low, float(above) if last < len(self) - 1 else math.inf

    def held_by(self, kept: Range) -> tuple[int, int] | None:
        """The first and the last bin that a range reaches into; None if it reaches into none."""
        if kept[0] > self.high or kept[1] < self.low or kept == EVERYTHING:
            return None
        ends = np.array(kept, np.float32).clip(self.edges[0], self.edges[-1])
        first, last = self.of_values(ends).tolist()
        return first, last


@dataclass(frozen=True)
class Bars:
    """Counts of one score, for each group: of all images and of those shown, (g, bins)."""

    asked: ValuesAsked
    bins: Bins
    codes: tuple[int, ...]  # of the groups: class, split or state; one 0 where nothing is broken up
    every: SampleIds
    shown: SampleIds
    n_unscored: int


@dataclass(frozen=True)
class Cloud:
    """Counts of two scores against each other: of all images, those shown and those selected,
    (up, across), the lowest values first."""

    asked: ValuesAsked
    across: Bins
    up: Bins
    every: SampleIds
    shown: SampleIds
    selected: SampleIds
    n_unscored: int  # by one or the other


def bars(asked: ValuesAsked, columns: Columns, shown: Mask) -> Bars | None:
    """Count a score; None where there is no such score. `shown`: (n,)"""
    values = columns.scores.get(asked.score)
    if values is None:
        return None
    values = values.copy()  # a decision may write meanwhile
    known = np.isfinite(values)
    bins = Bins.of(values, N_BARS)
    codes, of_images = _groups(asked.by, columns)
    cells = of_images[known] * N_BARS + bins.of_values(values[known])
    counts = [
        np.bincount(some, minlength=len(codes) * N_BARS).reshape(len(codes), N_BARS)
        for some in (cells, cells[shown[known]])
    ]
    filled = np.flatnonzero(counts[0].any(axis=1)) if asked.by else np.array([0])
    kept = tuple(int(codes[group]) for group in filled)
    n_unscored = len(values) - int(np.count_nonzero(known))
    return Bars(asked, bins, kept, counts[0][filled], counts[1][filled], n_unscored)


def cloud(asked: ValuesAsked, columns: Columns, shown: Mask) -> Cloud | None:
    """Count two scores against each other; None where there is one of them at most."""
    if not {asked.score, asked.against} <= columns.scores.keys():
        return None
    x, y = columns.scores[asked.score].copy(), columns.scores[asked.against].copy()
    known = np.isfinite(x) & np.isfinite(y)
    n_across, n_up = CELLS
    across, up = Bins.of(x, n_across), Bins.of(y, n_up)
    cells = up.of_values(y[known]) * n_across + across.of_values(x[known])
    every, in_grid, selected = (
        np.bincount(some, minlength=n_across * n_up).reshape(n_up, n_across)
        for some in (cells, cells[shown[known]], cells[columns.selected[known]])
    )
    n_unscored = len(x) - int(np.count_nonzero(known))
    return Cloud(asked, across, up, every, in_grid, selected, n_unscored)


def inside(scores: Mapping[str, Scores], box: Mapping[str, Range]) -> SampleIds:
    """Samples of which every named score is in its range."""
    held = [(scores[name] >= low) & (scores[name] <= high) for name, (low, high) in box.items()]
    return np.flatnonzero(np.logical_and.reduce(held))


def filters_for(asked: ValuesAsked, kept: Range, code: int, before: Filters) -> Filters:
    """The filters before, and just the values and the group that were chosen."""
    narrowed = {**vars(before), "ranges": {**before.ranges, asked.score: kept}}
    field = {BY_CLASS: "classes", BY_SPLIT: "splits", BY_STATE: "statuses"}.get(asked.by)
    if field is not None:
        narrowed[field] = frozenset([code])
    return Filters(**narrowed)


def without_range(asked: ValuesAsked, before: Filters) -> Filters:
    """The filters before, without those that `filters_for` set."""
    ranges = {name: kept for name, kept in before.ranges.items() if name != asked.score}
    widened = {**vars(before), "ranges": ranges}
    field = {BY_CLASS: "classes", BY_SPLIT: "splits", BY_STATE: "statuses"}.get(asked.by)
    if field is not None:
        widened[field] = frozenset()
    return Filters(**widened)


def _groups(by: str, columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes of all groups, and which of them each image is in, (n,)."""
    if by == BY_SPLIT:
        n_splits = len(columns.split_names)
        return np.arange(n_splits), columns.splits.astype(np.int64)
    if by == BY_STATE:
        return np.array(Status), columns.status.astype(np.int64)
    if by == BY_CLASS:
        labels = columns.labels.astype(np.int64)
        n_classes = len(columns.classes.names)
        codes = np.append(np.arange(n_classes), UNLABELLED)  # those without a label come last
        return codes, np.where(labels == UNLABELLED, n_classes, labels)
    return np.zeros(1, np.int64), np.zeros(len(columns.labels), np.int64)
