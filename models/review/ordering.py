"""Which samples are shown, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.review.copies import conflicts_first
from models.review.decisions import Status
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, Scores, StatusVector

SOURCE_ORDER = "source"
SORT_KEYS = ("suspicion", "loss", "confidence", "margin", "anomaly", SOURCE_ORDER)
ASCENDING = frozenset({"confidence", SOURCE_ORDER})  # the suspicious end comes first
N_BINS = 40


@dataclass(frozen=True)
class Filters:
    """What may be shown; an empty set or a missing range lets everything through."""

    statuses: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()  # of the current label; UNLABELLED is one of them
    splits: frozenset[int] = frozenset()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # score -> [lo, hi]

    @property
    def is_empty(self) -> bool:
        return not (self.statuses or self.classes or self.splits or self.ranges)


@dataclass(frozen=True)
class Arrangement:
    """What the person asked to see: one tab, one filter, one sort key."""

    tab: str = "all"  # "all", "filtered", "selected"
    filters: Filters = field(default_factory=Filters)
    sort_by: str = "suspicion"
    reverse: bool = False


@dataclass(frozen=True)
class Columns:
    """Everything an arrangement can look at; arrays of length n.

    A worker may look while a decision writes: each function copies what it compares first, so
    a sample decided meanwhile is placed by its old or its new value, and none is lost.
    """

    labels: LabelVector
    status: StatusVector
    splits: StatusVector
    scores: Mapping[str, Scores]
    selected: Mask
    copy_group: LabelVector  # empty where none is known; see Evidence


@dataclass(frozen=True)
class Histogram:
    """Counts of one score over equal bins of [low, high]: of all samples and of those shown."""

    low: float
    high: float
    every: SampleIds  # (N_BINS,)
    shown: SampleIds  # (N_BINS,)


@dataclass(frozen=True)
class Facets:
    """The counts beside the filters."""

    n_filtered: int
    statuses: dict[int, int]
    classes: dict[int, int]
    splits: dict[int, int]
    histograms: dict[str, Histogram]


def filtered(filters: Filters, columns: Columns) -> Mask:
    """Which samples pass every filter. (n,)"""
    passes: Mask = np.ones(len(columns.labels), bool)
    for values, wanted in (
        (columns.status, filters.statuses),
        (columns.labels, filters.classes),
        (columns.splits, filters.splits),
    ):
        if wanted:
            passes &= np.isin(values, np.array(sorted(wanted)))
    for name, (low, high) in filters.ranges.items():
        if name in columns.scores:
            with np.errstate(invalid="ignore"):  # an unscored sample passes no range
                passes &= (columns.scores[name] >= low) & (columns.scores[name] <= high)
    return passes


def arrange(arrangement: Arrangement, columns: Columns) -> SampleIds:
    """Samples to show, first to last. Ties keep source order; unscored samples come last.

    By suspicion, exact copies under different labels come before all others: one of each is
    wrong for certain, whatever a model makes of it.
    """
    if arrangement.tab == "selected":
        shown = np.flatnonzero(columns.selected)
    elif arrangement.tab == "filtered":
        shown = np.flatnonzero(filtered(arrangement.filters, columns))
    else:
        shown = np.arange(len(columns.labels))
    values = columns.scores.get(arrangement.sort_by)
    if values is None:
        return shown[::-1] if arrangement.reverse else shown
    if arrangement.sort_by == "suspicion":
        values = conflicts_first(values, columns.copy_group, columns.labels, columns.status)
    keys = values[shown]
    ascending = (arrangement.sort_by in ASCENDING) != arrangement.reverse
    order = np.argsort(keys if ascending else -keys, kind="stable")  # NaN sorts last
    return shown[order]


def count(arrangement: Arrangement, columns: Columns) -> Facets:
    """The numbers that stand beside each filter."""
    passes = filtered(arrangement.filters, columns)
    return Facets(
        n_filtered=int(passes.sum()),
        statuses={
            int(state): int(number)
            for state, number in zip(
                Status, np.bincount(columns.status, minlength=len(Status)), strict=True
            )
        },
        classes=_counts_of_labels(columns.labels),
        splits=dict(enumerate(np.bincount(columns.splits).tolist())),
        histograms={
            name: _histogram(values, passes)
            for name, values in columns.scores.items()
            if np.isfinite(values).any()
        },
    )


def _counts_of_labels(labels: LabelVector) -> dict[int, int]:
    counts = np.bincount(labels + 1)  # UNLABELLED is -1
    return {code: int(number) for code, number in enumerate(counts.tolist(), UNLABELLED) if number}


def _histogram(values: Scores, passes: Mask) -> Histogram:
    finite = np.isfinite(values)
    low, high = float(values[finite].min()), float(values[finite].max())
    high = high if high > low else low + 1.0
    edges = (low, high)
    every = np.histogram(values[finite], N_BINS, edges)[0]
    shown = np.histogram(values[finite & passes], N_BINS, edges)[0]
    return Histogram(low, high, every, shown)
