"""Counts the confusion matrix on a thread, as long as somebody looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from models.review.classes import ClassList
from models.review.confusion import Matrix, MatrixAsked, matrix
from models.types import DatasetInfo, Event, Events, LabelVector, StatusVector
from qtapp.jobs.while_seen import WhileSeen
from qtapp.jobs.worker import StartEvents
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
        self._work = WhileSeen(
            "confusion", self._prepared, lambda: state.in_sight, _COUNT_AFTER_MS, self
        )
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        for at_once in (state.asked_changed, scores.changed, session.changed):
            at_once.connect(self._work.again)
        labels.classes_changed.connect(self._forget_what_is_gone)
        for in_time in (labels.changed, labels.classes_changed):
            in_time.connect(self._work.again_soon)
        state.watched.connect(self._work.go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return self._work.is_idle

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._state.reset()

    def _prepared(self) -> StartEvents | None:
        info = self._session.info
        if info is None or self._scores.shown is None or not self._labels.has_labels:
            self._state.accept(None)
            return None
        asked, classes = self._state.asked, self._labels.classes
        predicted = self._scores.predicted  # what the query of a cell asks
        labels = self._labels.labels.copy() if asked.corrected else self._labels.given
        status = self._labels.status.copy()
        return lambda: _counting(asked, labels, predicted, status, info, classes)

    def _take(self, event: Event) -> None:
        if not isinstance(event, Counted):
            return
        if self._is_known(event.matrix):
            self._state.accept(event.matrix)
        # Else a class was taken back while it was counted, and it is about to be counted anew.

    def _is_known(self, counted: Matrix) -> bool:
        return bool(counted.codes.max(initial=-1) < len(self._labels.class_names))

    def _forget_what_is_gone(self) -> None:
        """A class that was taken back has no name any more to be drawn or asked for by."""
        if self._state.matrix is not None and not self._is_known(self._state.matrix):
            self._state.accept(None)


def _counting(
    asked: MatrixAsked,
    labels: LabelVector,
    predicted: LabelVector,
    status: StatusVector,
    info: DatasetInfo,
    classes: ClassList,
) -> Events:
    yield Counted(matrix(asked, labels, predicted, status, info.split_codes(), classes))
