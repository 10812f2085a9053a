"""Decisions as undoable commands: one key press, one step, however many samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from models.review.causes import Remark
from models.review.decisions import Action, Edit, Seen, decide, merge_classes
from models.review.remarks import remark_on
from models.review.remedies import Step, edit_of
from models.types import UNLABELLED, SampleIds
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState


class Relabel(QUndoCommand):
    """One edit on the undo stack. A redo and an undo are new steps, logged like any other, by
    whoever is at the keyboard then.

    `silent` counts the calls of QUndoStack to pass over: an edit restored from the journal
    has been done already, or done and undone.
    """

    def __init__(
        self,
        edit: Edit,
        apply: Callable[[Edit], None],
        next_step: Callable[[], int],
        clock: Callable[[], int],
        reviewer: Callable[[], int],
        silent: int = 0,
    ) -> None:
        super().__init__()
        self.edit = edit
        self._apply, self._next_step, self._clock = apply, next_step, clock
        self._reviewer = reviewer
        self._silent = silent
        self._first = True

    def redo(self) -> None:
        first, self._first = self._first, False
        if self._is_silent():
            return
        again = self.edit.again(self._next_step(), self._clock())
        self._apply(self.edit if first else replace(again, reviewer=self._reviewer()))

    def undo(self) -> None:
        if not self._is_silent():
            back = self.edit.inverse(self._next_step(), self._clock())
            self._apply(replace(back, reviewer=self._reviewer()))

    def _is_silent(self) -> bool:
        self._silent -= 1
        return self._silent >= 0


class Edits(QObject):
    """Turns a key into an edit of the selection, else of the current sample."""

    decided = Signal(object)  # Edit, after it shows
    undone = Signal(object)  # SampleIds that an undo or redo brought back
    idle = Signal(str)  # why a key did nothing, in words

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        clock: Callable[[], int] = time.time_ns,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels = session, labels
        self._scores, self._selection = scores, selection
        self._clock = clock
        self.stack = QUndoStack(self)
        labels.refused.connect(self.stack.clear)

    def restore(self, edits: Sequence[Edit], n_done: int) -> None:
        """Rebuild the stack from the journal; nothing is applied or logged again."""
        self.stack.clear()
        for place, edit in enumerate(edits):
            self.stack.push(self._command(edit, silent=1 if place < n_done else 2))
        while self.stack.index() > n_done:
            self.stack.undo()

    def decide(self, action: Action, *, unprompted: bool = False) -> None:
        """Keep, accept, exclude, second look or clear what is selected or current.

        `unprompted`: this was the person's answer before anything of the model was in sight.
        """
        self._push(action, unprompted=unprompted)

    def set_class(self, code: int, *, unprompted: bool = False) -> None:
        """Set a class; one that was merged stands for the class it went into."""
        self._push(Action.SET, label=code, unprompted=unprompted)

    def add_class(self, name: str, *, unprompted: bool = False) -> None:
        """Add a class at the end of the list and set it: one step."""
        n_classes = len(self._labels.class_names)
        self._push(Action.SET, label=n_classes, added_class=name, unprompted=unprompted)

    def why_refused(self, targets: SampleIds | None = None) -> str:
        """Why nothing can be decided about some images, or about what is selected or current;
        empty if it can."""
        targets = self._selection.targets() if targets is None else targets
        if self._is_blocked() or not len(targets):
            return self._why_blocked() or self.tr("No image is selected")
        n_locked = int(np.count_nonzero(self._labels.lock.locked(targets)))
        return self._why_locked(n_locked, len(targets)) if n_locked else ""

    def unlock(self) -> None:
        """Let images of the test split be decided on, from now on and in this project."""
        if self._is_blocked():
            self.idle.emit(self._why_blocked())
        else:
            self._labels.lock.unlock()

    def merge_classes(self, merged: Sequence[int], into: int) -> None:
        """Give every sample of some classes another class: one step."""
        if self._is_blocked():
            self.idle.emit(self._why_blocked())
            return
        edit = merge_classes(
            merged,
            into,
            given=self._labels.given,
            labels=self._labels.labels,
            status=self._labels.status,
            step=self._labels.next_step,
            time_ns=self._clock(),
            reviewer=self._session.reviewer,
        )
        if not len(edit):
            self.idle.emit(self.tr("No image has that class"))
            return
        self.stack.push(self._command(edit))
        self.decided.emit(edit)

    def remedy(self, step: Step, finding_id: str) -> bool:
        """Do what a finding of an audit proposes, whatever is selected: one step. Whether it was
        done. What is about whole classes passes the lock of a split."""
        refusal = self._why_blocked() if step.becomes else self.why_refused(step.sample_ids)
        if refusal or self._is_blocked() or not len(step):
            self.idle.emit(refusal)
            return False
        edit = edit_of(
            step if step.new_labels is None or step.becomes else self._standing(step),
            finding_id,
            given=self._labels.given,
            labels=self._labels.labels,
            status=self._labels.status,
            number=self._labels.next_step,
            time_ns=self._clock(),
            reviewer=self._session.reviewer,
        )
        self.stack.push(self._command(edit))
        return True

    def remark(self, sample_ids: SampleIds, remark: Remark) -> bool:
        """Say something of some images that decides nothing: one step. Whether it was done."""
        if self._is_blocked() or not len(sample_ids):
            self.idle.emit(self._why_blocked() or self.tr("No image is selected"))
            return False
        edit = remark_on(
            sample_ids,
            remark,
            labels=self._labels.labels,
            status=self._labels.status,
            step=self._labels.next_step,
            time_ns=self._clock(),
            reviewer=self._session.reviewer,
        )
        self.stack.push(self._command(edit))
        return True

    def undo(self) -> None:
        """Take the last step back and return to its images."""
        if self._is_blocked() or not self.stack.canUndo():
            self.idle.emit(self._why_blocked() or self.tr("Nothing to undo"))
            return
        edit = self._edit_at(self.stack.index() - 1)
        self.stack.undo()
        self.undone.emit(edit.sample_ids)

    def redo(self) -> None:
        if self._is_blocked() or not self.stack.canRedo():
            self.idle.emit(self._why_blocked() or self.tr("Nothing to redo"))
            return
        edit = self._edit_at(self.stack.index())
        self.stack.redo()
        self.undone.emit(edit.sample_ids)

    def _push(
        self,
        action: Action,
        label: int = UNLABELLED,
        added_class: str = "",
        *,
        unprompted: bool = False,
    ) -> None:
        if refusal := self.why_refused():
            self.idle.emit(refusal)
            return
        targets = self._selection.targets()
        seen = Seen.nothing(len(targets)) if unprompted else self._scores.seen(targets)
        edit = decide(
            action,
            targets,
            given=self._labels.given,
            labels=self._labels.labels,
            status=self._labels.status,
            seen=seen,
            step=self._labels.next_step,
            time_ns=self._clock(),
            reviewer=self._session.reviewer,
            label=label,
            added_class=added_class,
            classes=self._labels.classes,
        )
        if not len(edit):
            self.idle.emit(self._why_nothing(action, targets))
            return
        self.stack.push(self._command(edit))
        self.decided.emit(edit)

    def _standing(self, step: Step) -> Step:
        """The same, with classes that were merged as those they went into."""
        assert step.new_labels is not None
        return replace(step, new_labels=self._labels.classes.standing(step.new_labels))

    def _command(self, edit: Edit, silent: int = 0) -> Relabel:
        session, labels = self._session, self._labels
        return Relabel(
            edit,
            labels.apply,
            lambda: labels.next_step,
            self._clock,
            lambda: session.reviewer,
            silent,
        )

    def _edit_at(self, index: int) -> Edit:
        command = self.stack.command(index)
        assert isinstance(command, Relabel)
        return command.edit

    def _is_blocked(self) -> bool:
        return self._labels.blocked_by is not None or not self._session.is_open

    def _why_blocked(self) -> str:
        return str(self._labels.blocked_by) if self._labels.blocked_by else ""

    def _why_locked(self, n_locked: int, n_targets: int) -> str:
        split = ", ".join(self._labels.lock.names)
        if n_targets == 1:
            return self.tr("{split} is locked: nothing was decided").format(split=split)
        return self.tr(
            "{n:,} of the {total:,} images are of {split}, which is locked: nothing was decided"
        ).format(n=n_locked, total=n_targets, split=split)

    def _why_nothing(self, action: Action, targets: SampleIds) -> str:
        first = int(targets[0])
        if action is Action.ACCEPT and self._scores.shown_of(first) is not self._scores.shown:
            return self.tr("A random audit image is judged without a suggestion")
        if action is Action.ACCEPT:
            return self.tr("There is no suggestion to accept yet")
        return self.tr("There is no given label to keep")
