"""The distribution of scores: what is asked of it, and the last answer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from models.review.distributions import Bars, Cloud, ValuesAsked
from qtapp.state.watched import WatchedState


class ValuesState(WatchedState):
    """A worker counts while somebody looks; what is shown was counted for `answer.asked`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = ValuesAsked()
        self.answer: Bars | Cloud | None = None

    def ask(self, asked: ValuesAsked) -> None:
        if asked != self.asked:
            self.asked = asked
            self.asked_changed.emit()

    def accept(self, answer: Bars | Cloud | None) -> None:
        """Take over what a worker counted; None where there is no such score."""
        if answer is not None or self.answer is not None:
            self.answer = answer
            self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.asked, self.answer = ValuesAsked(), None
        self.changed.emit()
