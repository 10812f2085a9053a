"""Sorts, filters and counts on a thread, so that a million samples never stop the window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from models.review.columns import Columns
from models.review.grouping import COPIES, Groups, decided_of, group
from models.review.likeness import distances
from models.review.ordering import (
    SIMILAR,
    Arrangement,
    Facets,
    arrange,
    count,
    filtered,
    rising,
)
from models.review.standing import Judge
from models.types import Embedding, Event, Events, Heartbeat, SampleIds, Scores
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.audit_findings import AuditFindingsState
from qtapp.state.causes import CauseState
from qtapp.state.clusters import ClusterState
from qtapp.state.labels import LabelState
from qtapp.state.opinions import OpinionState
from qtapp.state.ordering import OrderState, rows_of
from qtapp.state.paths import PathState
from qtapp.state.properties import PropertyState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState

_COUNT_AFTER_MS = 150  # decisions come in bursts; the counts beside the filters may lag a little
_COUNT_AFTER_ROWS_MS = 80  # first the images are read and painted: counting would be in their way
_RESCORED_AT_A_TIME = 65_536
_TOLD_AT_A_TIME = 4 * _RESCORED_AT_A_TIME  # each time all that shows a score is painted anew


@dataclass(frozen=True)
class Arranged(Event):
    """A new order; the counts that go with it follow."""

    rows: SampleIds
    row_of: NDArray[np.int32]  # (n,)
    n_filtered: int
    distance: Scores | None = None  # (n,) where the order is by likeness
    groups: Groups | None = None  # of the rows, where they are grouped


@dataclass(frozen=True)
class Counted(Event):
    """The counts beside the filters, and how many of each group that is shown are decided."""

    facets: Facets
    decided: SampleIds | None  # where nothing is grouped


@dataclass(frozen=True)
class Rescored(Event):
    """Scores of samples whose labels changed in bulk, by the set that was shown then."""

    run: int
    epoch: int
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
        paths: PathState,
        clusters: ClusterState,
        properties: PropertyState,
        causes: CauseState,
        audit_findings: AuditFindingsState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._order = selection, order
        self._opinions, self._paths, self._clusters = opinions, paths, clusters
        self._properties, self._causes = properties, causes
        self._audit_findings, self._near_copies = audit_findings, audit_findings.near_copies
        self._work = OneAtATime("arranging", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._order_wanted = self._counts_wanted = False
        self._outdated: list[SampleIds] = []
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._want_counts)
        order.wanted_changed.connect(self._want_order)
        for changed in (labels.changed, scores.changed, opinions.changed, causes.changed):
            changed.connect(self._count_soon)
        scores.changed.connect(self._outdated.clear)  # a newer set says what it lacks itself
        scores.outdated.connect(self._want_scores)
        audit_findings.reported.connect(self._follow_audit)

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

    def _follow_audit(self) -> None:
        """Other near copies were found: what is grouped by them can be grouped anew."""
        before, self._near_copies = self._near_copies, self._audit_findings.near_copies
        is_other = not np.array_equal(self._near_copies, before)
        if is_other and self._order.wanted.grouping == COPIES:
            self._order.offer_newer()

    def _count_soon(self, _changed: object = None) -> None:
        self._soon.start(_COUNT_AFTER_MS)

    def _want_counts(self) -> None:
        self._counts_wanted = True
        self._go_on()

    def _want_scores(self, sample_ids: SampleIds) -> None:
        self._outdated.append(sample_ids)
        self._go_on()

    def _go_on(self) -> None:
        if self._work.is_busy or not self._session.is_open:
            return
        shown, judge = self._scores.shown, self._scores.judge
        if not self._outdated:
            self._scores.settle()
        if self._outdated and shown is not None and judge is not None:
            ids = self._outdated.pop(0)
            self._work.begin(lambda: _rescoring(ids, self._labels, shown, judge))
        elif self._order_wanted or self._counts_wanted:
            with_rows, columns, wanted = self._order_wanted, self._columns(), self._order.wanted
            self._order_wanted = self._counts_wanted = False
            embedding = shown.embedding if shown is not None else None
            if with_rows:
                self._soon.stop()  # the counts follow the rows
                self._work.begin(lambda: _arranging(wanted, columns, embedding))
            else:
                rows, groups = self._order.rows, self._order.groups
                self._work.begin(lambda: _counting(wanted, columns, rows, groups))

    def _columns(self) -> Columns:
        assert self._session.info is not None
        return Columns(
            self._labels.labels,
            self._labels.status,
            self._session.info.split_codes(),
            self._scores.values,
            self._selection.of_grid,
            self._scores.copy_group,
            self._scores.queue,
            self._opinions.wanted,
            self._opinions.differing.open,
            self._opinions.differing.settled,
            self._labels.wholesale if self._labels.has_wholesale else np.empty(0, np.bool_),
            given=self._labels.given,
            predicted=self._scores.predicted,
            suggested=self._scores.all_suggested,
            cluster=self._clusters.numbers,
            near_copies=self._near_copies,
            classes=self._labels.classes,
            split_names=tuple(self._session.info.splits),
            paths=self._paths.paths,
            properties=self._properties.columns,
            remarks=self._causes.remarks,
        )

    def _take(self, event: Event) -> None:
        if isinstance(event, Rescored):
            shown = self._scores.shown
            if shown is not None and (shown.run, shown.epoch) == (event.run, event.epoch):
                self._scores.put(event.sample_ids, event.values)
                self._count_soon()
        elif isinstance(event, Arranged):
            if not self._order_wanted:  # a newer wish wins
                n_samples = len(self._labels.labels)
                self._order.accept(
                    *(event.rows, n_samples, event.distance, event.groups, event.n_filtered),
                    event.row_of,
                )
                self._soon.start(_COUNT_AFTER_ROWS_MS)
        elif isinstance(event, Counted):
            if event.decided is not None:
                self._order.accept_decided(event.decided)
            self._order.accept_facets(event.facets)


def _arranging(wanted: Arrangement, columns: Columns, embedding: Embedding | None) -> Events:
    passes, distance, groups = filtered(wanted.filters, columns), None, None
    if wanted.sort_by == SIMILAR and embedding is not None and len(embedding):
        distance = distances(embedding, wanted.similar_to)
        columns = replace(columns, scores={**columns.scores, SIMILAR: distance})
    rows = arrange(wanted, columns, passes)
    if wanted.grouping:
        rows, groups = group(rows, wanted.grouping, columns, rising(wanted, columns))
    row_of = rows_of(rows, len(columns.labels))
    yield Arranged(rows, row_of, int(np.count_nonzero(passes)), distance, groups)


def _counting(
    wanted: Arrangement, columns: Columns, rows: SampleIds, groups: Groups | None
) -> Events:
    decided = decided_of(rows, groups.starts, columns.status) if groups else None
    yield Counted(count(wanted, columns), decided)


def _rescoring(ids: SampleIds, labels: LabelState, shown: ScoreSet, judge: Judge) -> Events:
    for start in range(0, len(ids), _TOLD_AT_A_TIME):
        told, parts = ids[start : start + _TOLD_AT_A_TIME], []
        for at in range(0, len(told), _RESCORED_AT_A_TIME):
            part = told[at : at + _RESCORED_AT_A_TIME]
            parts.append(judge.judged(part, labels.labels[part])[0])
            yield Heartbeat()
        values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        yield Rescored(shown.run, shown.epoch, told, values)
