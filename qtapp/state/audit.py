"""Which images are a random audit of the labels, and what they say of the errors left."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Status
from models.review.stopping import AuditedQueue, ErrorsLeft, Shown, errors_left_now
from models.types import UNLABELLED, Mask, SampleIds
from qtapp.state.labels import LabelState

UNDECIDED = (Status.PENDING, Status.SECOND_LOOK)


class AuditState(QObject):
    """Walks an order for the single view and draws every tenth image at random.

    A drawn image is blind until it is decided: nobody may see what the model says of it. The
    queue is saved with each draw and each decision, so that after a crash the walk goes on.
    """

    changed = Signal()  # another queue, or the walk went on
    drawn = Signal()  # another image, or the draw began anew, which must not be forgotten

    def __init__(self, labels: LabelState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        labels.loaded.connect(self._forget)
        labels.lock.unlocked.connect(self._begin_anew)
        self._forget()

    def load(self, queue: AuditedQueue) -> None:
        """Go on with the queue that the journal remembers; it is ours from here on."""
        self._queue, self._drawn = queue, frozenset(queue.audits)
        self.changed.emit()

    def next_image(self, order: SampleIds, start: int) -> Shown | None:
        """The next undecided image from row `start` on of an order of all images, or a random
        one; None when all are decided. What is locked counts as done."""
        labels = self._labels
        done = (labels.status != Status.PENDING) | labels.lock.mask(len(labels.status))
        image = self._queue.next_image(order, done, start, labels.given != UNLABELLED)
        if len(self._queue.audits) > len(self._drawn):
            self._drawn = frozenset(self._queue.audits)
            self.drawn.emit()
        self.changed.emit()
        return image

    def is_blind(self, sample_id: int) -> bool:
        """Whether an image is to be judged without a suggestion."""
        return sample_id in self._drawn and self._labels.status[sample_id] in UNDECIDED

    def blind(self, sample_ids: SampleIds) -> Mask:
        """Which of some images are. (m,)"""
        found: Mask = np.isin(sample_ids, self.sample_ids)
        found[found] = np.isin(self._labels.status[sample_ids[found]], UNDECIDED)
        return found

    @property
    def sample_ids(self) -> SampleIds:
        """Every image that was drawn so far; none of them is ever trained on."""
        return np.array(self._queue.audits, np.int64)

    def errors_left(self) -> ErrorsLeft:
        labels = self._labels
        left_out = labels.lock.mask(len(labels.status)) if labels.lock.is_locked else None
        if labels.has_wholesale:
            nobody = labels.wholesale
            left_out = nobody if left_out is None else nobody | left_out
        return errors_left_now(self._queue, labels.given, labels.status, labels.classes, left_out)

    def to_message(self) -> dict[str, Any]:
        """The queue as the journal keeps it."""
        return self._queue.to_message()

    def _begin_anew(self) -> None:
        """More images can be drawn now: those before do not speak for all that are left."""
        self._queue.begin_anew()
        self.drawn.emit()
        self.changed.emit()

    def _forget(self) -> None:
        """Another dataset: the images drawn before are none of its."""
        self.load(AuditedQueue(seed=0))
