"""The order under the person's eyes; it moves only when asked to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.ordering import Arrangement, Facets, Filters
from models.review.queues import Queue
from models.types import SampleIds

NOT_SHOWN = -1


class OrderState(QObject):
    """What was asked for (`wanted`) and the rows that answer it (`rows`).

    A worker computes rows; `wanted_changed` asks it to. Decisions and new scores change
    neither: they make the order outdated, and apply_new() asks for the new one.
    """

    wanted_changed = Signal()
    changed = Signal()  # rows
    facets_changed = Signal()
    newer_changed = Signal()  # has_newer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted = Arrangement()
        self.has_newer = False
        self.rows: SampleIds = np.empty(0, np.int64)
        self.facets: Facets | None = None
        self._row_of = np.empty(0, np.int32)
        self._order_before: tuple[str, bool] | None = None  # before a queue was gone into

    def reset(self, n_samples: int, wanted: Arrangement | None = None) -> None:
        """Another dataset: source order until a worker says otherwise."""
        self.wanted = wanted or Arrangement()
        self.facets, self._order_before = None, None
        self.accept(np.arange(n_samples), n_samples)

    def accept(self, rows: SampleIds, n_samples: int) -> None:
        """Take over an order that a worker made."""
        self.rows = rows
        self._row_of = np.full(n_samples, NOT_SHOWN, np.int32)
        self._row_of[rows] = np.arange(len(rows), dtype=np.int32)
        self._set_newer(False)
        self.changed.emit()

    def accept_facets(self, facets: Facets) -> None:
        self.facets = facets
        self.facets_changed.emit()

    def row_of(self, sample_id: int) -> int:
        """The row of a sample, or NOT_SHOWN."""
        return int(self._row_of[sample_id]) if 0 <= sample_id < len(self._row_of) else NOT_SHOWN

    def sort_by(self, key: str, *, reverse: bool = False) -> None:
        self._order_before = None  # of a queue that is left, this one is kept
        self._want(replace(self.wanted, sort_by=key, reverse=reverse))

    def filter_by(self, filters: Filters) -> None:
        """Set the filters and show what passes them; empty filters show all.

        A queue brings the order it is gone through by, and leaving it brings back the one before,
        unless another was chosen meanwhile.
        """
        tab = "all" if filters.is_empty else "filtered"
        wanted = replace(self.wanted, filters=filters, tab=tab)
        if filters.queues != self.wanted.filters.queues:
            key, reverse = self._order_of(filters.queues)
            wanted = replace(wanted, sort_by=key, reverse=reverse)
        self._want(wanted)

    def show_tab(self, tab: str) -> None:
        self._want(replace(self.wanted, tab=tab), even_if_same=True)

    def offer_newer(self) -> None:
        """New scores came; the bar says so."""
        self._set_newer(True)

    def apply_new(self) -> None:
        """N: put the newest scores and decisions into the order."""
        self._want(self.wanted, even_if_same=True)

    def _order_of(self, queues: frozenset[Queue]) -> tuple[str, bool]:
        now = self.wanted.sort_by, self.wanted.reverse
        if len(queues) == 1:
            if not self.wanted.filters.queues:
                self._order_before = now
            (queue,) = queues
            return queue.order
        before = self._order_before
        return now if queues or before is None else before

    def _want(self, wanted: Arrangement, *, even_if_same: bool = False) -> None:
        if wanted != self.wanted or even_if_same:
            self.wanted = wanted
            self.wanted_changed.emit()

    def _set_newer(self, newer: bool) -> None:
        if newer != self.has_newer:
            self.has_newer = newer
            self.newer_changed.emit()
