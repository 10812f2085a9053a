"""What the corrections were worth so far, and whether the labels seem to follow the model."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.worth import Worth


class WorthState(QObject):
    """A worker compares the runs; it is None until it has."""

    changed = Signal()
    bent = Signal()  # accuracy rose where labels were edited and nowhere else; once for two runs

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.worth: Worth | None = None
        self._told: set[tuple[int, int]] = set()

    def accept(self, worth: Worth) -> None:
        """Take over what a worker found."""
        if worth == self.worth:
            return
        self.worth = worth
        self.changed.emit()
        runs = worth.before, worth.after
        if worth.is_bent and runs not in self._told:
            self._told.add(runs)
            self.bent.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.worth = None
        self._told.clear()
        self.changed.emit()
