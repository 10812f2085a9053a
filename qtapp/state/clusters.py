"""Clusters of the embedding: how many a person wants, which are known, and the finding of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.grouping import PER_CLASS
from models.types import Clustered, Event, LabelVector, Progress
from qtapp.state.activity import ActivityState


class ClusterState(ActivityState):
    """Those that are known stay until others are asked for: a person finds the way by them."""

    asked = Signal()  # for clusters of what is known now

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.per_class = self._known_per_class = PER_CLASS[1]
        self.known: Clustered | None = None

    @property
    def numbers(self) -> LabelVector:
        """The cluster of each image, (n,); empty while there are none."""
        return self.known.numbers if self.known else np.empty(0, np.int32)

    def ask(self, per_class: int) -> None:
        """Ask for about so many clusters a class."""
        self.per_class = per_class
        self.asked.emit()
        self.changed.emit()

    def keep_known(self) -> None:
        """Those that were asked for were not found: there are the ones before."""
        if self.per_class != self._known_per_class:
            self.per_class = self._known_per_class
            self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.number += 1  # what is still to come is about the dataset before
        self.is_running, self.progress, self.error = False, None, None
        self.per_class, self.known = PER_CLASS[1], None
        self.changed.emit()

    def _take(self, event: Event) -> None:
        if isinstance(event, Clustered):
            self.known, self._known_per_class = event, self.per_class
        elif isinstance(event, Progress):
            self.progress = event
