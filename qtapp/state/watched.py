"""What is made in the background only while somebody looks at it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class WatchedState(QObject):
    """The view that shows it says whether it can be seen; see qtapp.jobs.while_seen."""

    changed = Signal()
    asked_changed = Signal()  # something else is wanted of it
    watched = Signal()  # somebody began to look

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.in_sight = False

    def watch(self, in_sight: bool) -> None:
        """Whether it can be seen."""
        if in_sight != self.in_sight:
            self.in_sight = in_sight
            if in_sight:
                self.watched.emit()
