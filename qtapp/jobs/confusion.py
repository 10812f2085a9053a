"""Counts the confusion matrix on a thread, as long as somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from models.review.classes import ClassList
from models.review.confusion import Matrix, MatrixAsked, matrix
from models.types import DatasetInfo, Event, Events, LabelVector, StatusVector
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.confusion import ConfusionState
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState

_COUNT_AFTER_MS = 150  # decisions come in bursts


@dataclass(frozen=True)
class Counted(Event):
    """A new matrix."""

    matrix: Matrix


class MatrixCounter(QObject):
    """Counts when another matrix is asked for, and when labels, classes or scores changed."""

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        state: ConfusionState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._state = state
        self._work = OneAtATime("confusion", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._is_outdated = True
        self._soon = QTimer(self, singleShot=True, interval=_COUNT_AFTER_MS)
        self._soon.timeout.connect(self._count)
        for at_once in (state.asked_changed, scores.changed, session.changed):
            at_once.connect(self._count)
        for in_time in (labels.changed, labels.classes_changed):
            in_time.connect(self._count_soon)
        state.watched.connect(self._go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        waiting = self._soon.isActive() or (self._is_outdated and self._state.in_sight)
        return not (self._work.is_busy or waiting)

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._soon.stop()
        self._work.stop()
        self._state.reset()

    def _count_soon(self) -> None:
        """Not put off by the next decision: the matrix follows a fast hand too."""
        if not self._soon.isActive():
            self._soon.start()

    def _count(self) -> None:
        self._is_outdated = True
        self._go_on()

    def _go_on(self) -> None:
        if self._work.is_busy or not (self._is_outdated and self._state.in_sight):
            return
        self._is_outdated = False
        info, shown = self._session.info, self._scores.shown
        if info is None or shown is None or not self._labels.has_labels:
            self._state.accept(None)
            return
        asked, classes, predicted = self._state.asked, self._labels.classes, shown.predicted
        labels = self._labels.labels.copy() if asked.corrected else self._labels.given
        status = self._labels.status.copy()
        self._work.begin(lambda: _counting(asked, labels, predicted, status, info, classes))

    def _take(self, event: Event) -> None:
        if isinstance(event, Counted):
            self._state.accept(event.matrix)


def _counting(
    asked: MatrixAsked,
    labels: LabelVector,
    predicted: LabelVector,
    status: StatusVector,
    info: DatasetInfo,
    classes: ClassList,
) -> Events:
    yield Counted(matrix(asked, labels, predicted, status, info.split_codes(), classes))
