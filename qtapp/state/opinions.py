"""On which samples another reviewer should look, and on which reviewers disagree."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.disagreements import Disagreements
from models.types import Mask


class OpinionState(QObject):
    """What the verdicts of several reviewers leave open, as a worker found it last."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted: Mask = np.empty(0, np.bool_)  # (n,); empty with fewer than two reviewers
        self.differing = Disagreements.none()

    def accept(self, wanted: Mask, differing: Disagreements) -> None:
        old, new = (
            (self.wanted, self.differing.open, self.differing.settled),
            (wanted, differing.open, differing.settled),
        )
        if not all(map(np.array_equal, old, new)):
            self.wanted, self.differing = wanted, differing
            self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.accept(np.empty(0, np.bool_), Disagreements.none())
