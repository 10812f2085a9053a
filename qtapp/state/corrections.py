"""How many labels were corrected since the last run that another one can begin with."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Status
from models.types import UNLABELLED, LabelVector, SampleIds
from qtapp.state.labels import LabelState

WORTH_TRAINING = 50  # corrections after which the person is asked to train again
_MANY = 8  # a share of one in so many is followed by looking at all: no gathering


class CorrectionState(QObject):
    """Counts the samples that would be learned from differently now: another label, or
    excluded, or no longer so."""

    changed = Signal()
    worth_training = Signal()  # once for each run

    def __init__(self, labels: LabelState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._learnt: LabelVector | None = None
        self._differs = np.empty(0, np.bool_)
        self.count = 0
        self._was_said = False
        labels.changed.connect(self._follow)
        labels.loaded.connect(self._forget)

    def load(self, learnt: LabelVector | None) -> None:
        """The labels that run learned from, UNLABELLED where excluded; None without a run. (n,)"""
        known = learnt is not None and len(learnt) == len(self._labels.labels)
        before, self._learnt = self._learnt, learnt if known else None
        if before is None or self._learnt is None or not np.array_equal(before, self._learnt):
            self._was_said = False  # else the same run is listed once more
        self._differs = np.zeros(len(self._labels.labels), np.bool_)
        self._follow(slice(None))

    def _forget(self) -> None:
        self.load(None)

    def _follow(self, sample_ids: SampleIds | slice) -> None:
        if self._learnt is None:
            self._set_count(0)
            return
        if isinstance(sample_ids, slice) or _MANY * len(sample_ids) > len(self._learnt):
            self._differs = self._compared(self._learnt, slice(None))
            self._set_count(int(np.count_nonzero(self._differs)))
            return
        before = np.count_nonzero(self._differs[sample_ids])
        self._differs[sample_ids] = self._compared(self._learnt[sample_ids], sample_ids)
        self._set_count(int(self.count + np.count_nonzero(self._differs[sample_ids]) - before))

    def _compared(
        self, learnt: LabelVector, sample_ids: SampleIds | slice
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        excluded = self._labels.status[sample_ids] == Status.EXCLUDED
        now = np.where(excluded, np.int32(UNLABELLED), self._labels.labels[sample_ids])
        differs: np.ndarray[tuple[int], np.dtype[np.bool_]] = now != learnt
        return differs

    def _set_count(self, count: int) -> None:
        if count != self.count:
            self.count = count
            self.changed.emit()
        if count >= WORTH_TRAINING and not self._was_said:
            self._was_said = True
            self.worth_training.emit()
