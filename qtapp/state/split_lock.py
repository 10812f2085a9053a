"""The lock on the test split: its images are not decided on until somebody says so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QDateTime, QObject, Qt, Signal

from models.review.guard import Spans, is_test, locked_spans, masked
from models.types import Mask, SampleIds


class SplitLock(QObject):
    """Unlocked once, it stays so for the project: the journal remembers since when."""

    changed = Signal()
    unlocked = Signal()  # by the person, which must not be forgotten

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spans: Spans = ()
        self.names: tuple[str, ...] = ()  # of the splits that are locked
        self.unlocked_at = ""  # ISO 8601, UTC

    def load(self, splits: Mapping[str, int], unlocked_at: str) -> None:
        """Another dataset; with what its project remembers, empty for nothing."""
        self.unlocked_at = unlocked_at
        self._spans = () if unlocked_at else locked_spans(splits)
        self.names = () if unlocked_at else tuple(filter(is_test, splits))
        self.changed.emit()

    @property
    def is_locked(self) -> bool:
        return bool(self._spans)

    def holds(self, sample_id: int) -> bool:
        """Whether one image is locked."""
        return any(first <= sample_id < past_last for first, past_last in self._spans)

    def locked(self, sample_ids: SampleIds) -> Mask:
        """Which of some images are. (m,)"""
        found = np.zeros(len(sample_ids), bool)
        for first, past_last in self._spans:
            found |= (sample_ids >= first) & (sample_ids < past_last)
        return found

    def mask(self, n_samples: int) -> Mask:
        """Which of all images are. (n,)"""
        return masked(self._spans, n_samples)

    def count(self, selected: Mask) -> int:
        """How many of a selection are."""
        return sum(int(np.count_nonzero(selected[first:last])) for first, last in self._spans)

    def unlock(self) -> None:
        """Let its images be decided on, from now on."""
        if not self.is_locked:
            return
        now = QDateTime.currentDateTimeUtc()
        self.unlocked_at = now.toString(Qt.DateFormat.ISODate)
        self._spans, self.names = (), ()
        self.unlocked.emit()
        self.changed.emit()
