"""Pieces of work on one thread, one after another; what an abandoned one says is not heard."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.types import Event
from qtapp.jobs.worker import JobThread, StartEvents


class OneAtATime(QObject):
    """Runs one piece of work at a time. Ask `is_busy` before, or wait for `ended`."""

    arrived = Signal(object)  # Event of the work that is being done
    ended = Signal()  # the work was done, or failed: there is room for more
    failed = Signal(object)  # the error, before `ended`

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self.is_busy = False  # until the end is *delivered*: what was sent before is then taken
        self._thread = JobThread(self)
        self._thread.setObjectName(name)
        self._thread.progressed.connect(self._pass_on)
        self._thread.ended.connect(self._end)
        self._number = 0

    def begin(self, start: StartEvents) -> None:
        """Do this next. Not while busy."""
        assert not self.is_busy
        self._number += 1
        self.is_busy = True
        self._thread.wait()  # its last event came, it is at most a few instructions from its end
        self._thread.begin(self._number, start)

    def stop(self) -> None:
        """Wait for what runs, and hear no more of it."""
        self._number += 1
        self._thread.stop()
        self.is_busy = False

    def _pass_on(self, number: int, event: Event) -> None:
        if number == self._number:
            self.arrived.emit(event)

    def _end(self, number: int, error: BaseException | None) -> None:
        if number == self._number:
            self.is_busy = False
            if error is not None:
                self.failed.emit(error)
            self.ended.emit()
