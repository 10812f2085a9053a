"""How the review goes: what is asked of the journal, and the last answer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from models.review.session import Causes, Session
from qtapp.state.watched import WatchedState


class ReviewSessionState(WatchedState):
    """A worker reads the journal while somebody looks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.newest_only = True  # this session, not the whole review
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

    def reset(self) -> None:
        """Another dataset, or none."""
        self.newest_only, self.session, self.causes = True, None, None
        self.changed.emit()
