"""Tries on a thread how a source would look if it were read another way."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.previewing import previewing
from models.types import Event, OpenRequest, Preview
from qtapp.jobs.worker import Cancelled, JobThread

N_IMAGES, SIZE_PX = 12, 192


class Previewer(QObject):
    """Only the newest wish counts: an older one is cancelled, and never shown."""

    shown = Signal(object)  # Preview
    failed = Signal(object)  # why it cannot be read that way

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = JobThread(self)
        self._thread.setObjectName("preview")
        self._thread.progressed.connect(self._take)
        self._thread.ended.connect(self._end)
        self._thread.finished.connect(self._begin)
        self._wanted: OpenRequest | None = None
        self._number = 0

    def want(self, request: OpenRequest) -> None:
        self._number += 1
        self._wanted = request
        self._thread.cancel()
        self._begin()

    def stop(self) -> None:
        """Wait for the thread and its child to end."""
        self._number += 1
        self._wanted = None
        self._thread.stop()

    def _begin(self) -> None:
        request = self._wanted
        if request is not None and not self._thread.isRunning():
            self._wanted = None
            self._thread.begin(self._number, lambda: previewing(request, N_IMAGES, SIZE_PX))

    def _take(self, number: int, event: Event) -> None:
        if number == self._number and isinstance(event, Preview):
            self.shown.emit(event)

    def _end(self, number: int, error: BaseException | None) -> None:
        if number == self._number and error is not None and not isinstance(error, Cancelled):
            self.failed.emit(error)
