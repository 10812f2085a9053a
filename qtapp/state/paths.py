"""The paths of all images, once a query asked for them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.paths import Paths


class PathState(QObject):
    """Empty until a worker has read them; `trouble` says why it could not."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths: Paths | None = None
        self.trouble = ""

    def accept(self, paths: Paths) -> None:
        self.paths, self.trouble = paths, ""
        self.changed.emit()

    def refuse(self, sentence: str) -> None:
        self.trouble = sentence
        self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.paths, self.trouble = None, ""
        self.changed.emit()
