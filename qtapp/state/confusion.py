"""The confusion matrix: what is asked of it, and the last answer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from models.review.confusion import Matrix, MatrixAsked
from qtapp.state.watched import WatchedState


class ConfusionState(WatchedState):
    """A worker counts while somebody looks; what is shown was counted for `matrix.asked`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = MatrixAsked()
        self.matrix: Matrix | None = None

    def ask(self, asked: MatrixAsked) -> None:
        if asked != self.asked:
            self.asked = asked
            self.asked_changed.emit()

    def accept(self, matrix: Matrix | None) -> None:
        """Take over what a worker counted; None where there is nothing to count."""
        if matrix is not None or self.matrix is not None:
            self.matrix = matrix
            self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.asked, self.matrix = MatrixAsked(), None
        self.changed.emit()
