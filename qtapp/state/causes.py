"""Causes and notes of images: why a label was wrong, beside the decisions about it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.causes import causes_of, marked, toggled, with_cause
from models.review.decisions import Action, Edit
from models.review.remarks import Remarks
from models.types import SampleIds
from qtapp.state.labels import LabelState


class CauseState(QObject):
    """Follows the remarks that LabelState shows; what cannot be saved is taken back there."""

    changed = Signal(object)  # SampleIds

    def __init__(self, labels: LabelState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        labels.remarked.connect(self._follow)
        labels.loaded.connect(self._forget)
        self._forget()

    def load(self, remarks: Remarks) -> None:
        """Start from what the journal says; it is ours from here on."""
        self._remarks = remarks
        self.changed.emit(np.arange(len(remarks.marks)))

    @property
    def names(self) -> tuple[str, ...]:
        """Every cause that can be named, the person's own at the end."""
        return self._remarks.names

    @property
    def remarks(self) -> Remarks:
        """Everything at once; not to be changed."""
        return self._remarks

    def of(self, sample_id: int) -> tuple[str, ...]:
        """The causes of an image."""
        return causes_of(self.names, int(self._remarks.marks[sample_id]))

    def note(self, sample_id: int) -> str:
        """The note on an image, empty if there is none."""
        return self._remarks.note(sample_id)

    def toggled(self, sample_ids: SampleIds, cause: str) -> tuple[SampleIds, bool]:
        """Which of some images change when a cause is named, and whether they get it."""
        if cause not in self.names:
            return sample_ids, True
        return toggled(self._remarks.marks, sample_ids, self.names.index(cause))

    def _follow(self, edit: Edit) -> None:
        remark, is_undo = edit.remark, bool(edit.action[0] == Action.UNDO)
        assert remark is not None
        if remark.cause:
            self._mark(edit.sample_ids, remark.cause, on=remark.on != is_undo)
        else:
            self._write(edit.sample_ids, remark.note, is_undo)
        self.changed.emit(edit.sample_ids)

    def _mark(self, sample_ids: SampleIds, cause: str, *, on: bool) -> None:
        marks = self._remarks.marks
        self._remarks.names = with_cause(self.names, cause)
        if cause in self.names:  # another program's log may name more than there is room for
            marks[sample_ids] = marked(marks[sample_ids], self.names.index(cause), on)

    def _write(self, sample_ids: SampleIds, note: str, is_undo: bool) -> None:
        for sample_id in sample_ids.tolist():  # a note is about one image, a scripted one too
            written = self._remarks.notes.setdefault(sample_id, [])
            if not is_undo:
                written.append(note)
            elif written:
                written.pop()

    def _forget(self) -> None:
        """Another dataset: what was said of images of another."""
        self.load(Remarks(np.zeros(len(self._labels.labels), np.uint32)))
