"""Where the keyboard is (current) and what a key acts on (selected): two things."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.types import Mask, SampleIds

NOTHING = -1


class SelectionState(QObject):
    """A set of sample ids, kept as a mask so that a million of them cost a megabyte."""

    changed = Signal()
    current_changed = Signal(object)  # sample id or NOTHING

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.reset(0)

    def reset(self, n_samples: int) -> None:
        """Forget everything; another dataset has `n_samples`."""
        self.mask: Mask = np.zeros(n_samples, bool)
        self.count = 0
        self._aside: Mask | None = None
        self.current = NOTHING
        self.anchor = NOTHING  # where Shift started to extend from
        self.changed.emit()
        self.current_changed.emit(NOTHING)

    @property
    def sample_ids(self) -> SampleIds:
        return np.flatnonzero(self.mask)

    def targets(self) -> SampleIds:
        """What a key acts on: the selection, else the current sample, else nothing."""
        if self.count:
            return self.sample_ids
        return np.array([self.current] if self.current != NOTHING else [], np.int64)

    @property
    def of_grid(self) -> Mask:
        """What is selected in the grid, also while that is put aside. (n,)"""
        return self.mask if self._aside is None else self._aside

    def contains(self, sample_id: int) -> bool:
        return bool(self.mask[sample_id])

    def set_current(self, sample_id: int, *, keep_anchor: bool = False) -> None:
        """Move the keyboard to a sample; a later Shift extends from here."""
        if not keep_anchor:
            self.anchor = sample_id
        if sample_id != self.current:
            self.current = sample_id
            self.current_changed.emit(sample_id)

    def select(self, sample_ids: SampleIds) -> None:
        """Select exactly these."""
        mask = np.zeros_like(self.mask)
        mask[sample_ids] = True
        self._replace(mask)

    def add(self, sample_ids: SampleIds) -> None:
        mask = self.mask.copy()
        mask[sample_ids] = True
        self._replace(mask)

    def toggle(self, sample_id: int) -> None:
        mask = self.mask.copy()
        mask[sample_id] = not mask[sample_id]
        self._replace(mask)

    def clear(self) -> None:
        if self.count:
            self._replace(np.zeros_like(self.mask))

    def put_aside(self) -> None:
        """Select nothing for a while; give_back() selects again what is selected now."""
        self._aside = self.mask
        self.clear()

    def give_back(self) -> None:
        """Select what was put aside, in place of what was selected since."""
        if self._aside is not None:
            mask, self._aside = self._aside, None
            self._replace(mask)

    def drop_aside(self) -> None:
        """What was put aside does not come back."""
        if self._aside is not None:
            self._aside = None
            self.changed.emit()  # of_grid is another

    def _replace(self, mask: Mask) -> None:
        if not np.array_equal(mask, self.mask):
            self.mask, self.count = mask, int(np.count_nonzero(mask))
            self.changed.emit()
