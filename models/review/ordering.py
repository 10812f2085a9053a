"""Which samples are shown, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.review.columns import Columns
from models.review.copies import conflicts_first
from models.review.decisions import Status
from models.review.grouping import CLASS
from models.review.passes import ends, one_of, tally, tally_bins
from models.review.query import all_of, between, is_one_of, parse
from models.review.query_terms import STATES
from models.review.query_vocabulary import Vocabulary
from models.review.query_words import QueryError
from models.review.queues import Queue, counted, decided, members
from models.review.sampling import Sample, drawn
from models.review.sorting import by_value
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, Scores, StatusVector

SOURCE_ORDER = "source"
LEARNED = "learned"  # from the person's verdicts; see models.review.verdicts
LABELLING = "labelling"  # of images without a label: which teach a model most
SIMILAR = "similar"  # by how much they look like one image, see Arrangement.similar_to
SORT_KEYS = (
    *("suspicion", LEARNED, "loss", "confidence", "margin", "anomaly"),
    *(LABELLING, SOURCE_ORDER),
)
ASCENDING = frozenset({"confidence", SOURCE_ORDER, SIMILAR})  # the telling end comes first
NO_SAMPLE = -1
N_BINS = 40


@dataclass(frozen=True)
class Filters:
    """What may be shown; an empty set or a missing range lets everything through."""

    statuses: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()  # of the current label; UNLABELLED is one of them
    splits: frozenset[int] = frozenset()
    queues: frozenset[Queue] = frozenset()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # score -> [lo, hi]
    query: str = ""  # see models.review.query; one that says nothing lets nothing through

    @property
    def is_empty(self) -> bool:
        return self == Filters()


@dataclass(frozen=True)
class Arrangement:
    """What the person asked to see: one tab, one filter, one sort key."""

    tab: str = "all"  # "all", "filtered", "selected"
    filters: Filters = field(default_factory=Filters)
    sort_by: str = "suspicion"
    reverse: bool = False
    similar_to: int = NO_SAMPLE  # the image that others are compared with, sorted by SIMILAR
    group_by: str = ""  # one of grouping.GROUP_KEYS
    sample: Sample | None = None  # instead of all of them, and of their order
    listed: tuple[int, ...] = ()  # likewise: these images, as they are listed

    @property
    def grouping(self) -> str:
        """What the rows are grouped by; some of each class are a sheet of classes."""
        return CLASS if self.sample and self.sample.each_class else self.group_by


@dataclass(frozen=True)
class Histogram:
    """Counts of one score over equal bins of [low, high]: of all samples and of those shown."""

    low: float
    high: float
    every: SampleIds  # (N_BINS,)
    shown: SampleIds  # (N_BINS,)


@dataclass(frozen=True)
class QueueCount:
    """How many samples are in a queue, and how many of them need no further decision."""

    every: int
    decided: int


@dataclass(frozen=True)
class Facets:
    """The counts beside the filters."""

    n_filtered: int
    statuses: dict[int, int]
    classes: dict[int, int]
    splits: dict[int, int]
    histograms: dict[str, Histogram]
    queues: dict[Queue, QueueCount]


def filtered(filters: Filters, columns: Columns) -> Mask:
    """Which samples pass every filter. (n,)"""
    passes: Mask = np.ones(len(columns.labels), bool)
    for values, wanted in (
        (columns.status, filters.statuses),
        (columns.labels, filters.classes),
        (columns.splits, filters.splits),
    ):
        if wanted:
            passes &= one_of(values, wanted)
    if filters.queues:
        passes &= np.logical_or.reduce([members(queue, columns) for queue in filters.queues])
    for name, (low, high) in filters.ranges.items():
        if name in columns.scores:
            with np.errstate(invalid="ignore"):  # an unscored sample passes no range
                passes &= (columns.scores[name] >= low) & (columns.scores[name] <= high)
    if filters.query:
        passes &= _answers(filters.query, columns)
    return passes


def _answers(query: str, columns: Columns) -> Mask:
    try:
        return parse(query, Vocabulary.of(columns)).holds(columns)
    except QueryError:  # a class that it names was taken back since; the query line says so
        return np.zeros(len(columns.labels), np.bool_)


def as_query(filters: Filters, class_names: Sequence[str], split_names: Sequence[str]) -> str:
    """The same filters as the text of one query."""
    parts = []
    for name, codes, named in (
        ("state", filters.statuses, STATES),
        ("label", filters.classes, class_names),
        ("split", filters.splits, split_names),
    ):
        values = [None if code == UNLABELLED else named[code] for code in sorted(codes)]
        parts += [is_one_of(name, values)] if values else []
    if filters.queues:
        parts.append(is_one_of("queue", [queue.option for queue in sorted(filters.queues)]))
    parts += [between(name, *ends) for name, ends in filters.ranges.items()]
    return all_of([*parts, filters.query] if filters.query else parts)


def arrange(arrangement: Arrangement, columns: Columns, passes: Mask | None = None) -> SampleIds:
    """Samples to show, first to last. Ties keep source order; unscored samples come last,
    by suspicion the strangest of them first. `passes` is what `filtered` says, where it is known.

    By suspicion, exact copies under different labels come before all others: one of each is
    wrong for certain, whatever a model makes of it. What was learned from verdicts is such an
    order too; while nothing was, the suspicion stands in for it.
    """
    if arrangement.tab == "selected":
        shown = np.flatnonzero(columns.selected)
    elif arrangement.tab == "filtered":
        passes = filtered(arrangement.filters, columns) if passes is None else passes
        shown = np.flatnonzero(passes)
    else:
        shown = np.arange(len(columns.labels))
    if arrangement.listed:
        listed = np.array(arrangement.listed, np.int64)
        return listed[np.isin(listed, shown)]
    if arrangement.sample is not None:
        return drawn(arrangement.sample, shown, columns.labels)
    sort_by = sorted_by(arrangement.sort_by, columns.scores)
    values = columns.scores.get(sort_by)
    if values is None:
        return shown[::-1] if arrangement.reverse else shown
    of_labels = sort_by in ("suspicion", LEARNED)
    if of_labels:
        values = conflicts_first(values, columns.copy_group, columns.labels, columns.status)
    elif sort_by == LABELLING:  # what was labelled since need not wait for another run
        values = np.where(columns.labels == UNLABELLED, values, np.float32(np.nan))
    keys = values[shown]
    ascending = (sort_by in ASCENDING) != arrangement.reverse
    order = by_value(shown, keys if ascending else -keys)  # NaN sorts last
    if of_labels:
        n_scored = len(keys) - np.count_nonzero(np.isnan(keys))
        order[n_scored:] = _strangest_first(order[n_scored:], columns)
    return order


def rising(arrangement: Arrangement, columns: Columns) -> Scores | None:
    """What the rows of an arrangement rise by, (n,); None where they stand in source order, are
    a random sample or a list."""
    if arrangement.sample is not None or arrangement.listed:
        return None
    sort_by = sorted_by(arrangement.sort_by, columns.scores)
    values = columns.scores.get(sort_by)
    if values is None:
        return None
    return values if (sort_by in ASCENDING) != arrangement.reverse else -values


def sorted_by(wanted: str, scores: Container[str]) -> str:
    """The score that answers a wish: the suspicion until something was learned."""
    return "suspicion" if wanted == LEARNED and LEARNED not in scores else wanted


def _strangest_first(unscored: SampleIds, columns: Columns) -> SampleIds:
    """No label can be suspected of these, but an image can be strange."""
    anomaly = columns.scores.get("anomaly")
    if anomaly is None or not len(unscored):
        return unscored
    return by_value(unscored, -anomaly[unscored])


def count(arrangement: Arrangement, columns: Columns, passes: Mask | None = None) -> Facets:
    """The numbers that stand beside each filter; `passes` as in `arrange`."""
    passes = filtered(arrangement.filters, columns) if passes is None else passes
    return Facets(
        n_filtered=int(np.count_nonzero(passes)),
        statuses=dict(enumerate(tally(columns.status, len(Status)).tolist())),
        classes=_counts_of_labels(columns.labels),
        splits=_counts_of_splits(columns.splits),
        histograms={
            name: _histogram(values, *found, passes)
            for name, values in columns.scores.items()
            if (found := ends(values)) is not None
        },
        queues=_counts_of_queues(columns),
    )


def _counts_of_queues(columns: Columns) -> dict[Queue, QueueCount]:
    """Of those that have a sample."""
    done = decided(columns.status)
    every = {queue: counted(queue, columns, done) for queue in Queue}
    return {queue: QueueCount(*counts) for queue, counts in every.items() if counts[0]}


def _counts_of_labels(labels: LabelVector) -> dict[int, int]:
    highest = int(labels.max(initial=UNLABELLED))
    counts = tally(labels, highest - UNLABELLED + 1, UNLABELLED)
    return {code: int(number) for code, number in enumerate(counts.tolist(), UNLABELLED) if number}


def _counts_of_splits(splits: StatusVector) -> dict[int, int]:
    n_splits = int(splits.max()) + 1 if len(splits) else 0
    return dict(enumerate(tally(splits, n_splits).tolist()))


def _histogram(values: Scores, low: float, high: float, passes: Mask) -> Histogram:
    high = high if high > low else low + 1.0
    return Histogram(low, high, *tally_bins(values, low, high, N_BINS, passes))
