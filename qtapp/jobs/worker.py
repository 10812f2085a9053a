"""Runs a generator of events on a thread and turns them into signals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

from PySide6.QtCore import QObject, QThread, Signal

from models.types import Event, Events, Heartbeat, Progress, TrainingProgress

StartEvents = Callable[[], Events]

_SIGNALS_PER_S = 20
_STOP_S = 5.0  # children end within this long of their generator being closed


class Cancelled(Exception):
    """The person stopped the work. Not an error."""


class JobThread(QThread):
    """Pulls events from a generator. `ended` fires once: None, Cancelled or the error.

    Both signals carry the number given to begin(), so that a state can drop events of older
    work. Connect them only to methods of QObjects of the main thread.
    """

    progressed = Signal(int, object)
    ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._start: StartEvents | None = None
        self._number = 0

    def begin(self, number: int, start: StartEvents) -> None:
        """Run `start()` on this thread. Not while it is running."""
        assert not self.isRunning()
        self._number, self._start = number, start
        self._stop.clear()
        self.start()

    def cancel(self) -> None:
        """Stop before the next event; returns at once. Safe from any thread."""
        self._stop.set()

    def stop(self) -> bool:
        """Stop and wait for it; whether it ended in time."""
        self.cancel()
        return self.wait(int(_STOP_S * 1000))

    def run(self) -> None:
        assert self._start is not None
        try:
            with closing(self._start()) as events:
                for event in throttled(self._until_stopped(events)):
                    self.progressed.emit(self._number, self._prepared(event))
        except Exception as error:  # noqa: BLE001 - last frame of this thread
            self.ended.emit(self._number, error)
        else:
            self.ended.emit(self._number, None)

    def _prepared(self, event: Event) -> Event:
        """What is to be done to an event before the main thread sees it."""
        return event

    def _until_stopped(self, events: Events) -> Events:
        for event in events:
            if self._stop.is_set():
                raise Cancelled
            yield event
        if self._stop.is_set():
            raise Cancelled


def throttled(events: Iterable[Event], per_s: float = _SIGNALS_PER_S) -> Iterator[Event]:
    """Leave out heartbeats, and progress that comes quicker than a screen can show it.

    The newest progress is never lost: it goes out before the next other event, with the next
    heartbeat, or at the end.
    """
    waiting: Event | None = None
    sent_s = 0.0
    for event in events:
        is_progress = isinstance(event, Progress | TrainingProgress)
        if is_progress:
            waiting = event
        due = time.monotonic() - sent_s >= 1 / per_s
        if waiting is not None and (due or not is_progress):
            yield waiting
            waiting, sent_s = None, time.monotonic()
        if not is_progress and not isinstance(event, Heartbeat):
            yield event
    if waiting is not None:
        yield waiting
