"""The lock on the test split: its images are not decided on until somebody says so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QDateTime, QObject, Qt, Signal

from models.review.guard import in_test, is_test
from models.types import Mask, SampleIds


class SplitLock(QObject):
    """Unlocked once, it stays so for the project: the journal remembers since when."""

    changed = Signal()
    unlocked = Signal()  # by the person, which must not be forgotten

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locked: Mask = np.zeros(0, bool)  # (n,), or empty where nothing is
        self.names: tuple[str, ...] = ()  # of the splits that are locked
        self.unlocked_at = ""  # ISO 8601, UTC

    def load(
        self, splits: Mapping[str, int], unlocked_at: str, codes: NDArray[np.uint8] | None = None
    ) -> None:
        """Another dataset; with what its project remembers, empty for nothing, and the split of
        each image where splits do not follow one another."""
        self.unlocked_at = unlocked_at
        self.names = () if unlocked_at else tuple(filter(is_test, splits))
        self._locked = in_test(splits, codes) if self.names else np.zeros(0, bool)
        self.changed.emit()

    @property
    def is_locked(self) -> bool:
        return bool(self.names)

    def holds(self, sample_id: int) -> bool:
        """Whether one image is locked."""
        return sample_id < len(self._locked) and bool(self._locked[sample_id])

    def locked(self, sample_ids: SampleIds) -> Mask:
        """Which of some images are. (m,)"""
        found: Mask = sample_ids < len(self._locked)
        found[found] = self._locked[sample_ids[found]]
        return found

    def mask(self, n_samples: int) -> Mask:
        """Which of all images are. (n,)"""
        return self._locked if self.is_locked else np.zeros(n_samples, bool)

    def count(self, selected: Mask) -> int:
        """How many of a selection are."""
        n = min(len(selected), len(self._locked))  # it may still be that of the last dataset
        return int(np.count_nonzero(selected[:n] & self._locked[:n]))

    def unlock(self) -> None:
        """Let its images be decided on, from now on."""
        if not self.is_locked:
            return
        now = QDateTime.currentDateTimeUtc()
        self.unlocked_at = now.toString(Qt.DateFormat.ISODate)
        self._locked, self.names = np.zeros(0, bool), ()
        self.unlocked.emit()
        self.changed.emit()
