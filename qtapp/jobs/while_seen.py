"""Makes something again when what it is made from changed, as long as somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.jobs.worker import StartEvents


class WhileSeen(QObject):
    """`prepare` gives the work, with copies of what may change while its thread runs, or None.

    `soon_ms` is how long `again_soon` waits for more changes; it is not put off by the next one,
    so that what is seen follows a fast hand too.
    """

    arrived = Signal(object)  # an event of the work
    failed = Signal(object)

    def __init__(
        self,
        name: str,
        prepare: Callable[[], StartEvents | None],
        in_sight: Callable[[], bool],
        soon_ms: int,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._prepare, self._in_sight = prepare, in_sight
        self._work = OneAtATime(name, self)
        self._work.arrived.connect(self.arrived)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self.go_on)
        self._is_outdated = True
        self._soon = QTimer(self, singleShot=True, interval=soon_ms)
        self._soon.timeout.connect(self.again)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        waiting = self._soon.isActive() or (self._is_outdated and self._in_sight())
        return not (self._work.is_busy or waiting)

    def again(self) -> None:
        """Something changed."""
        self._is_outdated = True
        self.go_on()

    def again_soon(self) -> None:
        """Something changed that changes in bursts."""
        if not self._soon.isActive():
            self._soon.start()

    def go_on(self) -> None:
        """Somebody looks now."""
        if self._work.is_busy or not (self._is_outdated and self._in_sight()):
            return
        self._is_outdated = False
        work = self._prepare()
        if work is not None:
            self._work.begin(work)

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._soon.stop()
        self._work.stop()
        self._is_outdated = True
