"""The images that look most like the current one, as far as they are known."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.likeness import Neighbourhood


class NeighbourState(QObject):
    """A worker fills this in; it is empty without scores, and for an image to be judged blind."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: Neighbourhood | None = None

    def show(self, found: Neighbourhood | None) -> None:
        if found is not self.shown:
            self.shown = found
            self.changed.emit()

    def of(self, sample_id: int) -> Neighbourhood | None:
        """Those of one image; None unless it is the one they are known of."""
        shown = self.shown
        return shown if shown is not None and shown.sample_id == sample_id else None
