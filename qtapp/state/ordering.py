"""The order under the person's eyes; it moves only when asked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from models.review.grouping import Groups
from models.review.ordering import NO_SAMPLE, SIMILAR, Arrangement, Facets, Filters, as_query
from models.review.queues import Queue
from models.review.sampling import Sample
from models.types import SampleIds, Scores
from qtapp.state.lines import Lines

NOT_SHOWN = -1


def rows_of(rows: SampleIds, n_samples: int) -> NDArray[np.int32]:
    """The row of each sample in an order, (n,); NOT_SHOWN where it has none."""
    row_of = np.full(n_samples, NOT_SHOWN, np.int32)
    row_of[rows] = np.arange(len(rows), dtype=np.int32)
    return row_of


class OrderState(QObject):
    """What was asked for (`wanted`) and the rows that answer it (`rows`).

    A worker computes rows; `wanted_changed` asks it to. Decisions and new scores change
    neither: they make the order outdated, and apply_new() asks for the new one.
    """

    wanted_changed = Signal()
    changed = Signal()  # rows
    facets_changed = Signal()
    newer_changed = Signal()  # has_newer
    counted = Signal()  # how many of each group are decided

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = Arrangement()
        self.has_newer = False
        self.rows: SampleIds = np.empty(0, np.int64)
        self.facets: Facets | None = None
        self.distance: Scores | None = None  # (n,) from the image that rows are sorted by
        self.groups: Groups | None = None
        self._lines: Lines | None = None
        self._row_of = np.empty(0, np.int32)
        self._order_before: tuple[str, bool] | None = None  # before a queue was gone into
        self._before_similar = Arrangement()  # its order, and its sample if there was one
        self._before_listed = Arrangement()

    def reset(self, n_samples: int, wanted: Arrangement | None = None) -> None:
        """Another dataset: source order until a worker says otherwise."""
        self.wanted = wanted or Arrangement()
        self.facets, self._order_before = None, None
        self.accept(np.arange(n_samples), n_samples)

    def accept(
        self,
        rows: SampleIds,
        n_samples: int,
        distance: Scores | None = None,
        groups: Groups | None = None,
        n_filtered: int | None = None,
        row_of: NDArray[np.int32] | None = None,
    ) -> None:
        """Take over an order that a worker made, with what `rows_of` says where it knows; the
        other counts may follow it."""
        if self.facets is not None and n_filtered is not None:
            self.facets = replace(self.facets, n_filtered=n_filtered)
        self.rows, self.distance, self.groups, self._lines = rows, distance, groups, None
        self._row_of = rows_of(rows, n_samples) if row_of is None else row_of
        self._set_newer(False)
        self.changed.emit()

    def accept_facets(self, facets: Facets) -> None:
        self.facets = facets
        self.facets_changed.emit()

    def accept_decided(self, decided: SampleIds) -> None:
        """Take over how many of each group are decided now."""
        if self.groups is not None and not np.array_equal(decided, self.groups.decided):
            self.groups = replace(self.groups, decided=decided)
            self.counted.emit()

    def lines(self, columns: int) -> Lines:
        """The rows in lines of so many, each group beginning on a line of its own."""
        if self._lines is None or self._lines.columns != columns:
            starts = np.zeros(min(len(self.rows), 1), np.int64)
            starts = starts if self.groups is None else self.groups.starts
            self._lines = Lines(starts, len(self.rows), columns)
        return self._lines

    def row_of(self, sample_id: int) -> int:
        """The row of a sample, or NOT_SHOWN."""
        return int(self._row_of[sample_id]) if 0 <= sample_id < len(self._row_of) else NOT_SHOWN

    def first_of(self, sample_ids: SampleIds) -> int:
        """The one of some samples that is shown before the others, or NO_SAMPLE."""
        rows = self._row_of[sample_ids]
        rows = rows[rows != NOT_SHOWN]
        return int(self.rows[rows.min()]) if len(rows) else NO_SAMPLE

    def sort_by(self, key: str, *, reverse: bool = False) -> None:
        self._order_before = None  # of a queue that is left, this one is kept
        self._want(replace(self.wanted, sort_by=key, reverse=reverse, sample=None, listed=()))

    def sort_by_likeness(self, sample_id: int) -> None:
        """The images that look most like one first; of those that pass the filters, if any."""
        if self.wanted.sort_by != SIMILAR:
            self._before_similar = self.wanted
        wanted = replace(self.wanted, sort_by=SIMILAR, similar_to=sample_id, reverse=False)
        self._want(replace(wanted, sample=None, listed=()), even_if_same=True)

    def leave_likeness(self) -> None:
        """Back to the order before, or to the random sample."""
        if self.wanted.sort_by == SIMILAR:
            before = self._before_similar
            self._want(
                replace(
                    self.wanted,
                    sort_by=before.sort_by,
                    reverse=before.reverse,
                    sample=before.sample,
                )
            )

    def filter_by(self, filters: Filters) -> None:
        """Set the filters and show what passes them; empty filters show all.

        A queue brings the order it is gone through by, and leaving it brings back the one before,
        unless another was chosen meanwhile.
        """
        tab = "all" if filters.is_empty else "filtered"
        wanted = replace(self.wanted, filters=filters, tab=tab, listed=())
        if filters.queues != self.wanted.filters.queues:
            key, reverse = self._order_of(filters.queues)
            wanted = replace(wanted, sort_by=key, reverse=reverse, sample=None)
        self._want(wanted)

    def group_by(self, key: str) -> None:
        """Put the rows into groups, or into none ("")."""
        self._want(replace(self.wanted, group_by=key))

    def show_sample(self, size: int, *, each_class: bool = False) -> None:
        """Show a random sample of what passes the filters, in place of all of it."""
        self._want(replace(self.wanted, sample=Sample(size, each_class=each_class), listed=()))

    def show_listed(self, sample_ids: SampleIds) -> None:
        """Show these images as they are listed, whatever is filtered out and grouped by now."""
        if not self.wanted.listed:
            self._before_listed = self.wanted
        wanted = replace(self.wanted, tab="all", filters=Filters(), group_by="", sample=None)
        self._want(replace(wanted, listed=tuple(sample_ids.tolist())))

    def turn_to(self, step: int) -> None:
        """Another batch of a random sample: the next one, or (-1) the one before."""
        sample = self.wanted.sample
        if sample is not None and sample.batch + step >= 0:
            self._want(replace(self.wanted, sample=replace(sample, batch=sample.batch + step)))

    def leave_sample(self) -> None:
        """Back to everything, in the order before, from a random sample or a list."""
        before = self._before_listed if self.wanted.listed else self.wanted
        self._want(replace(before, sample=None))

    def filter_in_words(self, class_names: Sequence[str], split_names: Sequence[str]) -> None:
        """Turn the filters into a query that says the same; the order stays. A class that was
        taken back since has no name any more to ask by."""
        filters = self.wanted.filters
        known = frozenset(code for code in filters.classes if code < len(class_names))
        query = as_query(replace(filters, classes=known), class_names, split_names)
        self._want(replace(self.wanted, filters=Filters(query=query)))

    def show_tab(self, tab: str) -> None:
        self._want(replace(self.wanted, tab=tab), even_if_same=True)

    def arrange_again(self) -> None:
        """The same wish, answered with what is known now."""
        self._want(self.wanted, even_if_same=True)

    def offer_newer(self) -> None:
        """New scores came, or other copies are known; the bar says so."""
        self._set_newer(True)

    def apply_new(self) -> None:
        """N: put the newest scores and decisions into the order; of a sample, another batch."""
        if self.wanted.sample is not None:
            self.turn_to(1)
        else:
            self._want(self.wanted, even_if_same=True)

    def _order_of(self, queues: frozenset[Queue]) -> tuple[str, bool]:
        # Similar images were to look at one of them, not to go through a queue.
        meant = self._before_similar if self.wanted.sort_by == SIMILAR else self.wanted
        now = meant.sort_by, meant.reverse
        if len(queues) == 1:
            if not self.wanted.filters.queues:
                self._order_before = now
            (queue,) = queues
            return queue.order
        before = self._order_before
        return now if queues or before is None else before

    def _want(self, wanted: Arrangement, *, even_if_same: bool = False) -> None:
        if wanted.sort_by != SIMILAR:
            wanted = replace(wanted, similar_to=NO_SAMPLE)
        if wanted != self.wanted or even_if_same:
            self.wanted = wanted
            self.wanted_changed.emit()

    def _set_newer(self, newer: bool) -> None:
        if newer != self.has_newer:
            self.has_newer = newer
            self.newer_changed.emit()
