"""Reads off the journal how the review goes, on a thread and as long as somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.data.project import Project
from models.review.causes import Marks
from models.review.classes import ClassList
from models.review.decisions import LOG_DTYPE
from models.review.session import Causes, Session, causes_among_errors, session_of
from models.types import Event, Events, LabelVector, LogRows, Mask, StatusVector
from qtapp.jobs.while_seen import WhileSeen
from qtapp.jobs.worker import StartEvents
from qtapp.state.causes import CauseState
from qtapp.state.labels import LabelState
from qtapp.state.review_session import ReviewSessionState
from qtapp.state.session import SessionState

_READ_AFTER_MS = 300  # decisions come in bursts


@dataclass(frozen=True)
class Read(Event):
    """What the journal says now, and its rows, so that next time the new ones are enough."""

    rows: LogRows
    session: Session
    causes: Causes


@dataclass(frozen=True)
class _Now:
    """The state that goes with the rows; copies, where it may change."""

    given: LabelVector
    status: StatusVector
    wholesale: Mask
    classes: ClassList
    marks: Marks
    names: tuple[str, ...]


class SessionReader(QObject):
    """Reads when asked otherwise, and when decisions or causes were saved."""

    failed = Signal(object)  # an error: the journal could not be read, or it is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        causes: CauseState,
        state: ReviewSessionState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._causes, self._state = session, labels, causes, state
        self._work = WhileSeen(
            "review session",
            self._prepared,
            lambda: state.in_sight and session.is_open,
            _READ_AFTER_MS,
            self,
        )
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._rows = np.empty(0, LOG_DTYPE)
        state.asked_changed.connect(self._work.again)
        state.watched.connect(self._work.go_on)
        session.changed.connect(self._work.again)
        labels.saved_changed.connect(self._work.again_soon)
        labels.classes_changed.connect(self._work.again_soon)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return self._work.is_idle

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._rows = np.empty(0, LOG_DTYPE)
        self._state.reset()

    def _prepared(self) -> StartEvents:
        labels, remarks = self._labels, self._causes.remarks
        now = _Now(
            labels.given,
            labels.status.copy(),
            labels.wholesale,
            labels.classes,
            remarks.marks.copy(),
            remarks.names,
        )
        project, known = Path(self._session.project_path), self._rows
        newest_only = self._state.newest_only
        return lambda: _reading(project, known, now, newest_only)

    def _take(self, event: Event) -> None:
        if isinstance(event, Read):
            self._rows = event.rows
            self._state.accept(event.session, event.causes)


def _reading(project: Path, known: LogRows, now: _Now, newest_only: bool) -> Events:
    rows, notes = _newer(project, known)
    session = session_of(rows, notes, now.given, now.classes, newest_only=newest_only)
    causes = causes_among_errors(now.marks, now.names, now.given, now.status, now.wholesale)
    yield Read(rows, session, causes)


def _newer(project: Path, known: LogRows) -> tuple[LogRows, Mapping[int, str]]:
    """The log, of which the first rows are known already, and its notes."""
    with Project(project, read_only=True).journal() as journal:
        newer = journal.rows(int(known["seq"][-1]) if len(known) else 0)
        notes = journal.notes()
    return (np.concatenate([known, newer]) if len(newer) else known), notes
