"""Finds out, on a thread, where another reviewer should look, and where reviewers disagree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from models.data.project import Project
from models.review.addition import were_brought
from models.review.disagreements import Disagreements, disagreements
from models.review.opinions import opinions, second_opinion_wanted
from models.review.replay import classes_after
from models.types import Event, Events, LabelVector, Mask, StatusVector
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.labels import LabelState
from qtapp.state.opinions import OpinionState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.session import SessionState

_QUIET_MS = 3_000  # after the last decision: the whole journal is read


@dataclass(frozen=True)
class OpinionsWanted(Event):
    """(n,); empty with fewer than two reviewers."""

    wanted: Mask
    differing: Disagreements


class Agreeing(QObject):
    """Looks when a dataset is opened, when scores come, and when decisions have come to rest."""

    failed = Signal(object)  # the journal could not be read

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        state: OpinionState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._state = state
        self._work = OneAtATime("agreeing", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._soon = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._soon.timeout.connect(self._look)
        session.changed.connect(self._look)
        scores.changed.connect(self._look)
        labels.changed.connect(self._soon.start)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return not (self._work.is_busy or self._soon.isActive())

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._soon.stop()
        self._work.stop()
        self._state.reset()

    def _look(self) -> None:
        if not self._session.is_open or not self._session.project_path:
            return
        if self._work.is_busy or self._labels.n_pending:
            self._soon.start()
            return
        assert self._session.info is not None
        project, names = Path(self._session.project_path), self._session.info.class_names
        given, status = self._labels.given, self._labels.status.copy()
        shown = self._scores.shown
        self._work.begin(lambda: _looking(project, names, given, status, shown))

    def _take(self, event: Event) -> None:
        if isinstance(event, OpinionsWanted):
            self._state.accept(event.wanted, event.differing)


def _looking(
    project: Path,
    names: tuple[str, ...],
    given: LabelVector,
    status: StatusVector,
    shown: ScoreSet | None,
) -> Events:
    with Project(project, read_only=True).journal() as journal:
        notes = journal.notes()
        if len(journal.reviewers()) < 2 and not were_brought(notes):
            yield OpinionsWanted(given[:0].astype(bool), Disagreements.none())
            return
        rows = journal.rows()
    classes = classes_after(rows, notes, names)
    said = opinions(rows, notes, classes)
    wanted = second_opinion_wanted(said, shown, given, status, classes)
    yield OpinionsWanted(wanted, disagreements(rows, notes, classes, len(given)))
