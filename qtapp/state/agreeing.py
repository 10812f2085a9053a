"""How often decisions say what the model said that was seen with the image."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import NO_STEP, Edit
from models.review.session import NOTHING_SAID, Agreeing, Share, agreeing_with
from qtapp.state.labels import LabelState


class AgreeingState(QObject):
    """Each image counts by its last decision. One made without a suggestion counts nowhere, nor
    does what merging classes or the remedy of an audit did."""

    changed = Signal()

    def __init__(self, labels: LabelState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        labels.loaded.connect(self._forget)
        labels.edited.connect(self._follow)
        self._forget()

    def load(self, of_each: Agreeing) -> None:
        """Go on with what the journal says; the array is ours from here on."""
        self._of_each = of_each
        self._before: dict[int, Agreeing] = {}  # by step, what that replaced
        self._agreed, self._said = _counts(of_each)
        self.changed.emit()

    @property
    def share(self) -> Share:
        """Of the decisions with a suggestion in sight, those that say the same."""
        return Share.counted(self._agreed, self._said)

    def _follow(self, edit: Edit) -> None:
        if edit.remedy or (edit.class_change and edit.class_change.merged):
            return
        before = self._of_each[edit.sample_ids]
        now = self._after(edit)
        self._of_each[edit.sample_ids] = now
        if not edit.is_undo:
            first_done = edit.step if edit.undoes == NO_STEP else edit.undoes
            self._before[first_done] = before
        (agreed, said), (agreed_before, said_before) = _counts(now), _counts(before)
        self._agreed += agreed - agreed_before
        self._said += said - said_before
        self.changed.emit()

    def _after(self, edit: Edit) -> Agreeing:
        if not edit.is_undo:
            classes = self._labels.classes
            return agreeing_with(edit.new_status, edit.new_labels, edit.seen.suggested, classes)
        # A step from before the last start: what it replaced is read anew at the next one.
        unknown = np.full(len(edit), NOTHING_SAID, np.int8)
        return self._before.pop(edit.undoes, unknown)

    def _forget(self) -> None:
        self.load(np.full(len(self._labels.labels), NOTHING_SAID, np.int8))


def _counts(of_each: Agreeing) -> tuple[int, int]:
    """How many agree, and how many could."""
    return int(np.count_nonzero(of_each > 0)), int(np.count_nonzero(of_each != NOTHING_SAID))
