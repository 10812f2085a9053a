"""Thinks about new splits, and changes the settings of a project that remedies are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.data.project import Project
from models.opening import read_labelling
from models.remedies import keep_class_weights, take_back_undoing
from models.splitting import NewSplit, SplitWish, bring_split_back, keep_split, proposing
from models.types import DatasetInfo, Event, Events, LabelVector
from models.undoing import keep_undoing
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.jobs.worker import JobThread
from qtapp.state.labels import LabelState
from qtapp.state.remedying import Division, Proposed, RemedyState
from qtapp.state.session import SessionState


class RemedyWorker(QObject):
    """What needs the project laid out anew goes out as a function of the project, to be called
    while nothing has it open."""

    changing = Signal(object)  # ProjectChange
    failed = Signal(object)

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        state: RemedyState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._state = session, labels, state
        self._thinking = JobThread(self)
        self._thinking.setObjectName("dividing")
        self._thinking.progressed.connect(self._take)
        self._thinking.progressed.connect(state.accept)
        self._thinking.ended.connect(state.end)
        self._thinking.finished.connect(self._think_next)
        self._next: Division | None = None
        self._new: _Divided | None = None
        self._keeping = OneAtATime("remedy settings", self)
        self._keeping.arrived.connect(self._settle)
        self._keeping.ended.connect(self._weigh_next)
        self._weights: str | None = None  # wished for while others are being kept
        self._keeping.failed.connect(self.failed)

    @property
    def is_idle(self) -> bool:
        return not (self._thinking.isRunning() or self._keeping.is_busy)

    # -- a new split -----------------------------------------------------------------------
    def propose(self, division: Division) -> None:
        """Work out what a division comes to; the newest wish counts."""
        self._next, self._new = division, None
        if self._thinking.isRunning():
            self._thinking.cancel()
        else:
            self._think_next()

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        self._next = None
        self._thinking.cancel()

    def divide(self) -> None:
        """Make the split that was proposed that of the project."""
        if self._new is not None:
            self.changing.emit(partial(keep_split, new=self._new.new))

    def take_split_back(self) -> None:
        """Bring back the splits before the last ones."""
        self.changing.emit(bring_split_back)

    def take_source_split(self) -> None:
        self.changing.emit(partial(keep_split, new=None))

    # -- what was done to a split ----------------------------------------------------------
    def undo(self, split: str, undo: Mapping[str, Any]) -> None:
        self.changing.emit(partial(keep_undoing, split=split, undo=undo))

    def take_undoing_back(self, split: str, undo: Mapping[str, Any]) -> None:
        self.changing.emit(partial(take_back_undoing, split=split, undo=undo))

    # -- class weights ---------------------------------------------------------------------
    def weigh(self, weights: str) -> None:
        """Weigh classes so from the next training on; it shows once it is on disk."""
        self._weights = weights
        if not self._keeping.is_busy:
            self._weigh_next()

    def stop(self) -> None:
        """The dataset is being closed."""
        self._next = self._new = self._weights = None
        self._thinking.stop()
        self._keeping.stop()

    def _weigh_next(self) -> None:
        weights, self._weights = self._weights, None
        if weights is not None and self._session.is_open:
            project = Path(self._session.project_path)
            self._keeping.begin(lambda: _weighing(project, weights))

    def _think_next(self) -> None:
        division, self._next = self._next, None
        info = self._session.info
        if division is None or info is None:
            return
        project, given = Path(self._session.project_path), self._labels.given
        number = self._state.begin()
        self._thinking.begin(number, lambda: _thinking(project, info, given, division))

    def _take(self, number: int, event: Event) -> None:
        if isinstance(event, _Divided) and number == self._state.number:
            self._new = event

    def _settle(self, event: Event) -> None:
        if isinstance(event, _Weighed):
            now = replace(self._state.settled, class_weights=event.class_weights)
            self._state.settle(now)


@dataclass(frozen=True)
class _Divided(Proposed):
    """The same with the split itself."""

    new: NewSplit


@dataclass(frozen=True)
class _Weighed(Event):
    """Class weights that are on disk."""

    class_weights: str


def _thinking(
    project_path: Path, info: DatasetInfo, given: LabelVector, division: Division
) -> Events:
    project = Project(project_path, read_only=True)
    with project.journal(read_only=True) as journal:
        known = read_labelling(journal, info, given)
    wish = SplitWish(division.shares, division.kept, division.seed)
    new = yield from proposing(project, info, known, wish)
    yield _Divided(division, new.report, new)


def _weighing(project: Path, weights: str) -> Events:
    keep_class_weights(project, weights)
    yield _Weighed(weights)
