"""Sorts, filters and counts on a thread, so that a million samples never stop the window."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from models.review.columns import Columns
from models.review.ordering import Arrangement, Facets, arrange, count
from models.review.rescore import rescore
from models.types import Event, Events, SampleIds, Scores
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.labels import LabelState
from qtapp.state.opinions import OpinionState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState

_COUNT_AFTER_MS = 150  # decisions come in bursts; the counts beside the filters may lag a little
_RESCORED_AT_A_TIME = 65_536


@dataclass(frozen=True)
class Arranged(Event):
    """Rows of the new order; None where only the counts were wanted."""

    rows: SampleIds | None
    facets: Facets


@dataclass(frozen=True)
class Rescored(Event):
    """Scores of samples whose labels changed in bulk."""

    sample_ids: SampleIds
    values: dict[str, Scores]


class Arranger(QObject):
    """Answers OrderState.wanted_changed; one arrangement at a time, the newest wins."""

    failed = Signal(object)  # an error that is a bug: an order or a count could not be made

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        opinions: OpinionState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._order, self._opinions = selection, order, opinions
        self._work = OneAtATime("arranging", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._order_wanted = self._counts_wanted = False
        self._outdated: list[SampleIds] = []
        self._soon = QTimer(self, singleShot=True, interval=_COUNT_AFTER_MS)
        self._soon.timeout.connect(self._want_counts)
        order.wanted_changed.connect(self._want_order)
        labels.changed.connect(self._soon.start)
        scores.changed.connect(self._soon.start)
        opinions.changed.connect(self._soon.start)
        scores.outdated.connect(self._want_scores)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        waiting = self._order_wanted or self._counts_wanted or bool(self._outdated)
        return not (self._work.is_busy or waiting or self._soon.isActive())

    def stop(self) -> None:
        """Forget what was asked and wait for what runs."""
        self._soon.stop()
        self._order_wanted = self._counts_wanted = False
        self._outdated.clear()
        self._work.stop()

    def _want_order(self) -> None:
        self._order_wanted = True
        self._go_on()

    def _want_counts(self) -> None:
        self._counts_wanted = True
        self._go_on()

    def _want_scores(self, sample_ids: SampleIds) -> None:
        self._outdated.append(sample_ids)
        self._go_on()

    def _go_on(self) -> None:
        if self._work.is_busy or not self._session.is_open:
            return
        shown = self._scores.shown
        if self._outdated and shown is not None:
            ids = self._outdated.pop(0)
            self._work.begin(lambda: _rescoring(ids, self._labels, shown))
        elif self._order_wanted or self._counts_wanted:
            with_rows, columns, wanted = self._order_wanted, self._columns(), self._order.wanted
            self._order_wanted = self._counts_wanted = False
            self._work.begin(lambda: _arranging(wanted, columns, with_rows))

    def _columns(self) -> Columns:
        assert self._session.info is not None
        return Columns(
            self._labels.labels,
            self._labels.status,
            self._session.info.split_codes(),
            self._scores.values,
            self._selection.mask,
            self._scores.copy_group,
            self._scores.queue,
            self._opinions.wanted,
        )

    def _take(self, event: Event) -> None:
        if isinstance(event, Rescored):
            self._scores.put(event.sample_ids, event.values)
            self._soon.start()
        elif isinstance(event, Arranged):
            if event.rows is not None and not self._order_wanted:  # a newer wish wins
                self._order.accept(event.rows, len(self._labels.labels))
            self._order.accept_facets(event.facets)


def _arranging(wanted: Arrangement, columns: Columns, with_rows: bool) -> Events:
    rows = arrange(wanted, columns) if with_rows else None
    yield Arranged(rows, count(wanted, columns))


def _rescoring(ids: SampleIds, labels: LabelState, shown: ScoreSet) -> Events:
    for start in range(0, len(ids), _RESCORED_AT_A_TIME):
        part = ids[start : start + _RESCORED_AT_A_TIME]
        values = rescore(shown.probabilities[part], shown.prior, labels.labels[part])
        yield Rescored(part, values)
