"""Counts the values of scores on a thread, as long as somebody looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from models.review.columns import Columns
from models.review.distributions import Bars, Cloud, Range, ValuesAsked, bars, cloud, inside
from models.types import Event, Events, SampleIds, Scores
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.jobs.while_seen import WhileSeen
from qtapp.jobs.worker import StartEvents
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.values import ValuesState

_COUNT_AFTER_MS = 150  # decisions come in bursts


@dataclass(frozen=True)
class Counted(Event):
    """A new answer."""

    answer: Bars | Cloud | None


@dataclass(frozen=True)
class Caught(Event):
    """What a box holds."""

    sample_ids: SampleIds
    adds: bool


class ValueCounter(QObject):
    """Counts again when scores, order, labels or selection changed; finds what a box holds."""

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        state: ValuesState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._order, self._state = selection, order, state
        self._work = WhileSeen(
            "values", self._prepared, lambda: state.in_sight, _COUNT_AFTER_MS, self
        )
        self._work.arrived.connect(self._take)
        self._boxes = OneAtATime("boxes", self)
        self._boxes.arrived.connect(self._take)
        self._boxes.ended.connect(self._catch_next)
        self._waiting: list[tuple[dict[str, Range], bool]] = []
        for work in (self._work, self._boxes):
            work.failed.connect(self.failed)
        for at_once in (state.asked_changed, scores.changed, session.changed, order.changed):
            at_once.connect(self._work.again)
        for in_time in (labels.changed, labels.classes_changed, scores.updated, scores.taught):
            in_time.connect(self._work.again_soon)
        selection.changed.connect(self._mark_soon)
        state.watched.connect(self._work.go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return self._work.is_idle and not (self._boxes.is_busy or self._waiting)

    @Slot(object, bool)
    def select_inside(self, box: dict[str, Range], adds: bool) -> None:
        """Select the images whose scores are within ranges, or add them."""
        self._waiting.append((box, adds))
        self._catch_next()

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._waiting.clear()
        self._boxes.stop()
        self._state.reset()

    def _catch_next(self) -> None:
        shown = self._scores.shown
        if self._waiting and shown is not None and not self._boxes.is_busy:
            box, adds = self._waiting.pop(0)
            self._boxes.begin(partial(_catching, shown.values, box, adds))

    def _mark_soon(self) -> None:
        if self._state.asked.against:  # bars show no selection
            self._work.again_soon()

    def _prepared(self) -> StartEvents | None:
        info, shown = self._session.info, self._scores.shown
        if info is None or shown is None:
            self._state.accept(None)
            return None
        labels = self._labels
        columns = Columns(
            labels.labels.copy(),
            labels.status.copy(),
            info.split_codes(),
            shown.values,
            self._selection.mask,
            np.empty(0, np.int32),
            classes=labels.classes,
            split_names=tuple(info.splits),
        )
        return partial(_counting, self._state.asked, columns, self._order.rows)

    def _take(self, event: Event) -> None:
        if isinstance(event, Counted):
            self._state.accept(event.answer)
        elif isinstance(event, Caught) and event.adds:
            self._selection.add(event.sample_ids)
        elif isinstance(event, Caught):
            self._selection.select(event.sample_ids)


def _counting(asked: ValuesAsked, columns: Columns, rows: SampleIds) -> Events:
    shown = np.zeros(len(columns.labels), np.bool_)
    shown[rows] = True
    count = cloud if asked.against else bars
    yield Counted(count(asked, columns, shown))


def _catching(scores: dict[str, Scores], box: dict[str, Range], adds: bool) -> Events:
    yield Caught(inside(scores, box), adds)
