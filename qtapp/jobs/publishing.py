"""Writes corrected.h5 and exports, each in a child of its own."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from models.processes.folding import export, fold
from models.types import Events, ExportOptions, Heartbeat
from qtapp.jobs.worker import JobThread
from qtapp.state.activity import ActivityState
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState

_IDLE_MS = 30_000  # after the last saved decision
_LOOK_AGAIN_S = 0.05


class Publisher(QObject):
    """Folds the journal into corrected.h5 when the person rests, asks, or leaves."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        folding: ActivityState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._folding = session, labels, folding
        self._thread = JobThread(self)
        self._thread.setObjectName("folding")
        self._thread.progressed.connect(folding.accept)
        self._thread.ended.connect(self._note_end)
        self._thread.ended.connect(folding.end)
        self._idle = QTimer(self, singleShot=True, interval=_IDLE_MS)
        self._idle.timeout.connect(self.fold)
        self._number, self._begun_at = 0, 0  # of the newest fold, and how many it began with
        self._folded_at: int | None = 0  # decisions in corrected.h5; None: it has to be looked at
        self._asked_again = False
        labels.saved_changed.connect(self._rest)
        session.changed.connect(self._rest)
        labels.loaded.connect(self._remember)
        self._thread.finished.connect(self._go_on)

    @property
    def is_needed(self) -> bool:
        """Whether there may be saved decisions that corrected.h5 does not hold."""
        return self._session.is_open and self._labels.n_decisions != self._folded_at

    def fold(self) -> None:
        """Publish now; again afterwards if decisions came meanwhile."""
        if not self._session.is_open:
            return
        if self._thread.isRunning():
            self._asked_again = True
            return
        self._idle.stop()
        self._begun_at = self._labels.n_decisions - self._labels.n_pending  # the journal has these
        self._number = self._folding.begin()
        project = Path(self._session.project_path)
        self._thread.begin(self._number, lambda: fold(project))

    def stop(self) -> bool:
        self._idle.stop()
        self._asked_again = False
        self._number = 0
        return self._thread.stop()

    def _rest(self) -> None:
        if self.is_needed:
            self._idle.start()

    def _remember(self) -> None:
        """Another dataset: what was decided before may be from a window that was killed, or whose
        disk was full. To fold what is folded already takes a moment."""
        self._folded_at = None if self._labels.n_decisions else 0

    def _note_end(self, number: int, error: BaseException | None) -> None:
        if number == self._number:
            self._folded_at = self._begun_at if error is None else None

    def _go_on(self) -> None:
        if self._asked_again:
            self._asked_again = False
            self.fold()


class Exporter(QObject):
    """Writes a cleaned dataset to a new place; cancelling leaves nothing behind."""

    def __init__(
        self, labels: LabelState, exporting: ActivityState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._labels, self._exporting = labels, exporting
        self._thread = JobThread(self)
        self._thread.setObjectName("exporting")
        self._thread.progressed.connect(exporting.accept)
        self._thread.ended.connect(exporting.end)

    def export(self, project: Path, out: Path, as_format: str, options: ExportOptions) -> None:
        """Start, with all that is decided by now; not while an export is running."""
        self._thread.begin(
            self._exporting.begin(),
            lambda: self._once_saved(export(project, out, as_format, **options.to_message())),
        )

    def _once_saved(self, events: Events) -> Events:
        """The child reads the journal: what is on its way there would be missing."""
        while self._labels.n_pending:
            time.sleep(_LOOK_AGAIN_S)
            yield Heartbeat()
        yield from events

    def cancel(self) -> None:
        self._thread.cancel()

    def stop(self) -> bool:
        return self._thread.stop()
