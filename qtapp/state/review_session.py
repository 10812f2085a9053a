"""How the review goes: what is asked of the journal, and the last answer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.session import Causes, Session


class ReviewSessionState(QObject):
    """A worker reads the journal while somebody looks."""

    asked_changed = Signal()
    changed = Signal()  # session or causes
    watched = Signal()  # somebody began to look

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.newest_only = True  # this session, not the whole review
        self.in_sight = False
        self.session: Session | None = None
        self.causes: Causes | None = None

    def ask(self, *, newest_only: bool) -> None:
        if newest_only != self.newest_only:
            self.newest_only = newest_only
            self.asked_changed.emit()

    def accept(self, session: Session, causes: Causes) -> None:
        """Take over what a worker read."""
        self.session, self.causes = session, causes
        self.changed.emit()

    def watch(self, in_sight: bool) -> None:
        """Whether it can be seen."""
        if in_sight != self.in_sight:
            self.in_sight = in_sight
            if in_sight:
                self.watched.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.newest_only, self.session, self.causes = True, None, None
        self.changed.emit()
