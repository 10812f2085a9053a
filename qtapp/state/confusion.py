"""The confusion matrix: what is asked of it, and the last answer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.confusion import Matrix, MatrixAsked


class ConfusionState(QObject):
    """A worker counts while somebody looks; what is shown was counted for `matrix.asked`."""

    asked_changed = Signal()
    changed = Signal()  # matrix
    watched = Signal()  # somebody began to look

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = MatrixAsked()
        self.matrix: Matrix | None = None
        self.in_sight = False

    def ask(self, asked: MatrixAsked) -> None:
        if asked != self.asked:
            self.asked = asked
            self.asked_changed.emit()

    def accept(self, matrix: Matrix | None) -> None:
        """Take over what a worker counted; None where there is nothing to count."""
        if matrix is not None or self.matrix is not None:
            self.matrix = matrix
            self.changed.emit()

    def watch(self, in_sight: bool) -> None:
        """Whether the matrix can be seen."""
        if in_sight != self.in_sight:
            self.in_sight = in_sight
            if in_sight:
                self.watched.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.asked, self.matrix = MatrixAsked(), None
        self.changed.emit()
