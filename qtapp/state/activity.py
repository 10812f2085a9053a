"""Long work that is going on: what it does, how far it is, how it ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.types import (
    EpochEnded,
    Event,
    Overfitting,
    Progress,
    TrainingEnded,
    TrainingProgress,
    TrainingStarted,
)


class ActivityState(QObject):
    """One piece of long work. Events of an older one still arrive after it was cancelled;
    they carry its number and are dropped."""

    changed = Signal()
    ended = Signal(object)  # None, or the error that ended it

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.number = 0
        self.is_running = False
        self.progress: Progress | None = None
        self.error: BaseException | None = None

    def begin(self) -> int:
        """Start a new piece of work; its number goes with each of its events."""
        self.number += 1
        self.is_running, self.progress, self.error = True, None, None
        self._forget()
        self.changed.emit()
        return self.number

    def accept(self, number: int, event: Event) -> None:
        """Take an event, unless it belongs to older work."""
        if number == self.number and self.is_running:
            self._take(event)
            self.changed.emit()

    def end(self, number: int, error: BaseException | None) -> None:
        """The work is over."""
        if number == self.number and self.is_running:
            self.is_running, self.error = False, error
            self.changed.emit()
            self.ended.emit(error)

    def _forget(self) -> None:
        """Drop what belongs to the work before."""

    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progress = event


class TrainingState(ActivityState):
    """The run that is training, or the last one that did."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_paused = False
        self.resumable_run = 0  # a run that a stop or a crash left unfinished; 0 = none
        self._forget()

    def recall(
        self,
        started: TrainingStarted | None,
        curves: Sequence[EpochEnded],
        result: Mapping[str, Any],
    ) -> None:
        """Show a run of an earlier session, or that there was none."""
        self.number += 1  # what an older run still has to say is about another dataset
        self.is_running, self.progress, self.error = False, None, None
        self.resumable_run = 0
        self._forget()
        if started is not None:
            self._take(started)
        self.curves.extend(curves)
        self.result.update(result)
        self.changed.emit()

    def set_resumable(self, run: int) -> None:
        if run != self.resumable_run:
            self.resumable_run = run
            self.changed.emit()

    def _forget(self) -> None:
        self.started: TrainingStarted | None = None
        self.now: TrainingProgress | None = None
        self.curves: list[EpochEnded] = []
        self.overfitting: Overfitting | None = None
        self.result: dict[str, Any] = {}
        self.is_paused = False

    def _take(self, event: Event) -> None:
        if isinstance(event, TrainingStarted):
            self.started = event
        elif isinstance(event, TrainingProgress):
            self.now, self.is_paused = event, event.phase == "paused"
        elif isinstance(event, EpochEnded):
            self.curves.append(event)
        elif isinstance(event, Overfitting):
            self.overfitting = event
        elif isinstance(event, TrainingEnded):
            self.result = event.result

    @property
    def run(self) -> int:
        return self.started.run if self.started else 0

    @property
    def findings(self) -> list[str]:
        """What the run found wrong with whole classes, in words."""
        return [one["sentence"] for one in self.result.get("findings", ())]

    @property
    def remarks(self) -> list[str]:
        """All it has to say in words: findings, then what its figures mean."""
        return [*self.findings, *self.result.get("remarks", ())]

    @property
    def seconds_left(self) -> float:
        return self.now.seconds_left if self.now else math.nan

    @property
    def problem(self) -> WinnowError | None:
        """What ended the run, if it was neither finished nor stopped."""
        return self.error if isinstance(self.error, WinnowError) else None
