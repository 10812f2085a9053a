"""Labels and review states as they stand, and which of them are on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.review.classes import ClassList
from models.review.decisions import NO_STEP, Action, Edit, Status
from models.review.passes import tally
from models.review.wholesale import Remedied, wholesale
from models.types import UNLABELLED, LabelVector, Mask, StatusVector
from qtapp.state.split_lock import SplitLock

_BULK = 10_000
_NONE: Mapping[int, Remedied] = MappingProxyType({})


class LabelState(QObject):
    """Applies edits at once and hands them on to be saved; takes back what cannot be.

    An edit shows as pending from apply() until acknowledge() says that it is on disk.
    """

    changed = Signal(object)  # SampleIds
    classes_changed = Signal()
    edited = Signal(object)  # Edit that moves labels or states, as it is shown
    remarked = Signal(object)  # Edit that says something of images and leaves their labels
    loaded = Signal()
    committing = Signal(object)  # Edit, to be written
    saved_changed = Signal()  # n_pending, n_decisions or blocked_by changed
    refused = Signal(object)  # WinnowError; everything pending was taken back

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lock = SplitLock(self)  # which images may not be decided on
        self._pending: deque[Edit] = deque()
        none = np.empty(0, np.int32)
        self.load(none, none, np.empty(0, np.uint8), ClassList.of(()), 1, 0)

    def load(
        self,
        given: LabelVector,
        labels: LabelVector,
        status: StatusVector,
        classes: ClassList,
        next_step: int,
        n_decisions: int,
        n_remarks: int = 0,
        remedies: Mapping[int, Remedied] = _NONE,
    ) -> None:
        """Start from what the journal says. The arrays are ours from here on."""
        self.given, self.labels, self.status = given, labels, status
        self.classes = classes
        self.next_step, self.n_decisions = next_step, n_decisions
        self.n_remarks = n_remarks  # among the decisions: steps that decide nothing
        self.blocked_by: WinnowError | None = None
        self._remedies = dict(remedies)  # those that stand, by the step that first did each
        self._known_at_once: _AtOnce | None = None  # worked out when somebody asks
        self._pending.clear()
        self._counts = tally(status, len(Status))
        self.loaded.emit()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names by code, those of merged classes too."""
        return self.classes.names

    @property
    def n_pending(self) -> int:
        """Steps that are on the screen but not yet on disk."""
        return len(self._pending)

    def count(self, status: Status) -> int:
        return int(self._counts[status])

    @property
    def wholesale(self) -> Mask:
        """Images that were decided all at once, and that nobody looked at. (n,)"""
        return self._at_once.mask

    @property
    def has_wholesale(self) -> bool:
        """Whether there can be any; known at no cost."""
        return bool(self._remedies or self.classes.merged)

    @property
    def looked_at(self) -> NDArray[np.int64]:
        """How many images are in each state because somebody looked at each, by Status."""
        return self._counts - self._at_once.counts if self.has_wholesale else self._counts

    @property
    def n_reviewed(self) -> int:
        return int(self.looked_at.sum() - self.looked_at[Status.PENDING])

    @property
    def has_labels(self) -> bool:
        """Whether any sample has a label now."""
        return bool((self.labels != UNLABELLED).any())

    def class_name(self, label: int) -> str:
        """The name of a class, or a dash for no label."""
        return self.class_names[label] if 0 <= label < len(self.class_names) else "–"

    def apply(self, edit: Edit) -> None:
        """Show an edit as pending and send it to be saved."""
        self._pending.append(edit)
        self.next_step = max(self.next_step, edit.step + 1)
        self.n_decisions += 1
        self.n_remarks += edit.remark is not None
        if len(edit) > _BULK:  # the writer would take the processor from what shows it
            self._show(edit)
            self.committing.emit(edit)
        else:
            self.committing.emit(edit)  # first: it can be on disk before the screen is painted
            self._show(edit)
        self.saved_changed.emit()

    def acknowledge(self, step: int) -> None:
        """The oldest pending edit is on disk."""
        if self._pending and self._pending[0].step == step:
            self._pending.popleft()
            self.saved_changed.emit()

    def refuse(self, error: WinnowError) -> None:
        """Saving failed: take back all that is pending and accept no further edit."""
        self.n_decisions -= len(self._pending)
        self.n_remarks -= sum(edit.remark is not None for edit in self._pending)
        while self._pending:
            edit = self._pending.pop()
            back = Action.REDO if edit.is_undo else Action.UNDO
            taken_back = edit.inverse(edit.step, edit.time_ns, back)
            self._show(replace(taken_back, undoes=_first_done(edit)))
        self.blocked_by = error
        self.saved_changed.emit()
        self.refused.emit(error)

    def _show(self, edit: Edit) -> None:
        if edit.remark:
            self.remarked.emit(edit)
            return
        self._counts += tally(edit.new_status, len(Status)) - tally(edit.old_status, len(Status))
        edit.apply(self.labels, self.status)
        self._follow_wholesale(edit)
        if edit.class_change:
            undone = edit.action[0] == Action.UNDO
            change = self.classes.before if undone else self.classes.after
            self.classes = change(edit.class_change)
            self.classes_changed.emit()
        self.edited.emit(edit)
        self.changed.emit(edit.sample_ids)

    @property
    def _at_once(self) -> _AtOnce:
        if self._known_at_once is None:
            made = self._remedies.values()
            mask = wholesale(self.given, self.labels, self.status, self.classes, made)
            can_be = np.isin(self.given, list(self.classes.merged))
            for remedied in made:
                can_be[remedied.sample_ids] = True
            counts = tally(self.status[mask], len(Status))
            self._known_at_once = _AtOnce(mask, can_be, counts)
        return self._known_at_once

    def _follow_wholesale(self, edit: Edit) -> None:
        """Most decisions are about images that nothing else has decided on: all stays as it is."""
        if edit.remedy and not edit.class_change:
            if edit.is_undo:
                self._remedies.pop(_first_done(edit), None)
            else:
                self._remedies[_first_done(edit)] = Remedied.by(edit)
        known = self._known_at_once
        if edit.remedy or edit.class_change or (known and known.can_be[edit.sample_ids].any()):
            self._known_at_once = None


@dataclass(frozen=True, eq=False)
class _AtOnce:
    """Images that were decided all at once."""

    mask: Mask
    can_be: Mask  # among which they are, whatever is decided about single images
    counts: NDArray[np.int64]  # by Status


def _first_done(edit: Edit) -> int:
    """The step in which what an edit does, does again or takes back was done at first."""
    return edit.step if edit.undoes == NO_STEP else edit.undoes
