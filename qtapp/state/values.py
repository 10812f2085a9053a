"""The distribution of scores: what is asked of it, and the last answer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.distributions import Bars, Cloud, ValuesAsked


class ValuesState(QObject):
    """A worker counts while somebody looks; what is shown was counted for `answer.asked`."""

    asked_changed = Signal()
    changed = Signal()  # answer
    watched = Signal()  # somebody began to look

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = ValuesAsked()
        self.answer: Bars | Cloud | None = None
        self.in_sight = False

    def ask(self, asked: ValuesAsked) -> None:
        if asked != self.asked:
            self.asked = asked
            self.asked_changed.emit()

    def accept(self, answer: Bars | Cloud | None) -> None:
        """Take over what a worker counted; None where there is no such score."""
        if answer is not None or self.answer is not None:
            self.answer = answer
            self.changed.emit()

    def watch(self, in_sight: bool) -> None:
        """Whether the plots can be seen."""
        if in_sight != self.in_sight:
            self.in_sight = in_sight
            if in_sight:
                self.watched.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.asked, self.answer = ValuesAsked(), None
        self.changed.emit()
