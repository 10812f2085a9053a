"""On which samples another reviewer should look."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.types import Mask


class OpinionState(QObject):
    """What the verdicts of several reviewers leave open, as a worker found it last."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted: Mask = np.empty(0, np.bool_)  # (n,); empty with fewer than two reviewers

    def accept(self, wanted: Mask) -> None:
        if not np.array_equal(wanted, self.wanted):
            self.wanted = wanted
            self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.accept(np.empty(0, np.bool_))
