"""What a key press decides: an edit is data, and can be applied, turned round and logged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.causes import Remark
from models.review.classes import ClassChange, ClassList
from models.types import (
    UNLABELLED,
    LabelVector,
    LogRows,
    SampleIds,
    Scores,
    StatusVector,
)


class Status(IntEnum):
    """Review state of a sample, as stored in /labels/status."""

    PENDING = 0
    KEPT = 1
    CHANGED = 2
    EXCLUDED = 3
    SECOND_LOOK = 4


class Action(IntEnum):
    """What a row of the log says, as stored in /review/log."""

    KEEP = 0
    ACCEPT = 1
    SET = 2
    EXCLUDE = 3
    SECOND_LOOK = 4
    CLEAR = 5
    UNDO = 6
    REDO = 7
    CLASS = 8
    NOTE = 9
    TAG = 10
    REMEDY = 11
    OPINION = 12  # what another project says of an image that was decided here


DECIDING = (Action.KEEP, Action.ACCEPT, Action.SET, Action.EXCLUDE, Action.SECOND_LOOK)
LABEL_ACTIONS = (*DECIDING, Action.CLEAR)  # the actions that move a label or a status
REMARKING = (Action.TAG, Action.NOTE)  # the actions that say something and decide nothing
NO_STEP = -1  # undo_of of a row that undoes nothing
NO_SAMPLE = -1  # sample of a row about the whole dataset
NOTHING_MERGED = ClassList((), {})
EXCLUDING = -2  # in place of the class that an opinion names

LOG_DTYPE = np.dtype(
    [
        ("seq", "<u8"),  # 1, 2, 3, ... without gaps
        ("step", "<u8"),  # one key press
        ("sample", "<i8"),
        ("old", "<i4"),
        ("new", "<i4"),
        ("action", "u1"),
        ("reviewer", "<u2"),
        ("time_ns", "<i8"),  # UTC
        ("suggested", "<i4"),  # what the model proposed at that moment, -1 = nothing
        ("suspicion", "<f4"),  # NaN = unscored
        ("run", "<u2"),  # 0 = no run
        ("undo_of", "<i8"),  # the step that an undo or redo row is about
    ]
)


@dataclass(frozen=True)
class Seen:
    """What the model said when the person decided; one entry a sample of the edit."""

    suggested: LabelVector
    suspicion: Scores
    run: int = 0

    @classmethod
    def nothing(cls, n_samples: int) -> Seen:
        return cls(
            _of_each(np.int32(UNLABELLED), n_samples), _of_each(np.float32(np.nan), n_samples)
        )

    def take(self, which: NDArray[np.bool_]) -> Seen:
        return Seen(self.suggested[which], self.suspicion[which], self.run)


@dataclass(frozen=True)
class Edit:
    """One step: labels and states of some samples before and after, and who saw what.

    `action` holds one Action a sample (a scripted file can mix them). `class_change` is what
    the step does to the class list, if anything; the code of an added class is the length of
    the list before. `remark` is what the step says of its samples where it decides nothing.
    `undoes` is the step an UNDO or REDO edit is about.
    """

    step: int
    action: NDArray[np.uint8]  # (m,)
    sample_ids: SampleIds  # (m,)
    old_labels: LabelVector
    new_labels: LabelVector
    old_status: StatusVector
    new_status: StatusVector
    seen: Seen
    time_ns: int
    reviewer: int = 0
    undoes: int = NO_STEP
    class_change: ClassChange | None = None
    remark: Remark | None = None
    remedy: str = ""  # id of the finding of an audit that it is the remedy of
    notes: Mapping[int, str] = field(default_factory=dict)  # position in sample_ids -> text

    def __len__(self) -> int:
        return len(self.sample_ids)

    @property
    def head(self) -> tuple[Action, str] | None:
        """What the row about the whole step says, and its text; None if there is no such row."""
        if self.class_change:
            return Action.CLASS, self.class_change.note()
        if self.remark:
            return Action.TAG if self.remark.cause else Action.NOTE, self.remark.text()
        if self.remedy:
            return Action.REMEDY, json.dumps({"finding": self.remedy}, ensure_ascii=False)
        return None

    @property
    def is_undo(self) -> bool:
        return bool(len(self)) and self.action[0] == Action.UNDO

    def apply(self, labels: LabelVector, status: StatusVector) -> None:
        """Write the state after this edit into `labels` and `status`, in place."""
        labels[self.sample_ids] = self.new_labels
        status[self.sample_ids] = self.new_status

    def inverse(self, step: int, time_ns: int, action: Action = Action.UNDO) -> Edit:
        """The edit that takes this one back, as a new step."""
        return replace(
            self._about_self(step, time_ns, action),
            old_labels=self.new_labels,
            new_labels=self.old_labels,
            old_status=self.new_status,
            new_status=self.old_status,
        )

    def again(self, step: int, time_ns: int) -> Edit:
        """The edit that does this one once more after it was undone, as a new step."""
        return self._about_self(step, time_ns, Action.REDO)

    def _about_self(self, step: int, time_ns: int, action: Action) -> Edit:
        return replace(
            self,
            step=step,
            time_ns=time_ns,
            undoes=self.step,
            notes={},
            action=_of_each(np.uint8(action), len(self)),
        )


def decide(
    action: Action,
    sample_ids: SampleIds,
    *,
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
    seen: Seen,
    step: int,
    time_ns: int,
    reviewer: int = 0,
    label: int = UNLABELLED,
    added_class: str = "",
    classes: ClassList = NOTHING_MERGED,
) -> Edit:
    """Turn a key press on some samples into an edit.

    Parameters
    ----------
    action : Action
        One of LABEL_ACTIONS.
    sample_ids : int64 (m,)
        Distinct samples the key acts on.
    given, labels : int32 (n,)
        Labels as read, and as they stand now.
    status : uint8 (n,)
        Review states as they stand now.
    seen : Seen
        What the model said of these m samples.
    label : int
        The class to set; for SET alone.
    classes : ClassList
        As they stand: an image is kept in, cleared to or given the class that a merged one went
        into.

    Returns
    -------
    Edit
        Without the samples on which the key means nothing: KEEP without a given label,
        ACCEPT without a suggestion. It may be empty.

    Raises
    ------
    ValueError
        If `action` decides nothing about labels, SET lacks a label, or a class is added
        without a sample.
    """
    if action not in LABEL_ACTIONS:
        raise ValueError(f"{action.name} is not a decision about samples")
    if action is Action.SET and label < 0:
        raise ValueError("SET needs a class")
    if added_class and not len(sample_ids):
        raise ValueError("a class is added by giving it to a sample")
    wanted = _label_after(action, sample_ids, given, labels, seen, label)
    if action in (Action.KEEP, Action.CLEAR, Action.SET) and not added_class:
        wanted = classes.standing(wanted)
    ids, new = sample_ids, wanted
    if action in (Action.KEEP, Action.ACCEPT):
        means_something = wanted != UNLABELLED
        if not means_something.all():
            ids, new, seen = ids[means_something], new[means_something], seen.take(means_something)
    actions = _of_each(np.uint8(action), len(ids))
    return Edit(
        step=step,
        action=actions,
        sample_ids=ids,
        old_labels=labels[ids],
        new_labels=new,
        old_status=status[ids],
        new_status=status_after(actions, new, given[ids]),
        seen=seen,
        time_ns=time_ns,
        reviewer=reviewer,
        class_change=ClassChange(name=added_class) if added_class else None,
    )


def merge_classes(
    merged: Sequence[int],
    into: int | Sequence[int],
    *,
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
    step: int,
    time_ns: int,
    reviewer: int = 0,
) -> Edit:
    """Give every sample of some classes another class, in one step, as `relabel` does.

    Parameters
    ----------
    merged : sequence of int
        Codes of the classes that go away; not `into`.
    into : int or sequence of int
        The code that all of them become, or the code of each.

    Raises
    ------
    ValueError
        If a class is merged into itself, or twice.
    """
    if len(set(merged)) != len(merged):
        raise ValueError("a class is merged twice in one decision")
    change = ClassChange(merged=tuple(merged), into=into if isinstance(into, int) else tuple(into))
    if set(change.becomes.values()) & set(merged):
        raise ValueError("a class is not merged into itself")
    ids = np.flatnonzero(np.isin(labels, merged)).astype(np.int64)
    table = np.arange(max(merged, default=0) + 1, dtype=np.int32)
    for code, target in change.becomes.items():
        table[code] = target
    edit = relabel(
        ids,
        table[labels[ids]],
        given=given,
        labels=labels,
        status=status,
        step=step,
        time_ns=time_ns,
        reviewer=reviewer,
    )
    return replace(edit, class_change=change)


def relabel(
    sample_ids: SampleIds,
    new_labels: LabelVector,
    *,
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
    step: int,
    time_ns: int,
    reviewer: int = 0,
) -> Edit:
    """Give each of some samples a class of its own, in one step.

    Excluded samples stay excluded, and those marked for a second look stay marked.

    Parameters
    ----------
    sample_ids : int64 (m,)
    new_labels : int32 (m,)
    given, labels : int32 (n,)
    status : uint8 (n,)
    """
    actions = np.full(len(sample_ids), Action.SET, np.uint8)
    actions[status[sample_ids] == Status.EXCLUDED] = Action.EXCLUDE
    actions[status[sample_ids] == Status.SECOND_LOOK] = Action.SECOND_LOOK
    return Edit(
        step=step,
        action=actions,
        sample_ids=sample_ids,
        old_labels=labels[sample_ids],
        new_labels=new_labels,
        old_status=status[sample_ids],
        new_status=status_after(actions, new_labels, given[sample_ids]),
        seen=Seen.nothing(len(sample_ids)),
        time_ns=time_ns,
        reviewer=reviewer,
    )


def _label_after(
    action: Action,
    ids: SampleIds,
    given: LabelVector,
    labels: LabelVector,
    seen: Seen,
    label: int,
) -> LabelVector:
    if action in (Action.KEEP, Action.CLEAR):
        return given[ids]
    if action is Action.ACCEPT:
        return seen.suggested.astype(np.int32)
    if action is Action.SET:
        return _of_each(np.int32(label), len(ids))
    return labels[ids]  # excluding or doubting a sample leaves its label alone


def _of_each(value: Any, n_samples: int) -> NDArray[Any]:
    """One value for all, which takes no memory: an edit of a million images is kept to be undone,
    and touching fresh memory is most of what making it costs. Read-only. (n_samples,)"""
    return np.broadcast_to(value, n_samples)


def status_after(
    actions: NDArray[np.uint8], new_labels: LabelVector, given: LabelVector
) -> StatusVector:
    """Review state that follows from each action; a label set to the given one is kept."""
    # Arithmetic takes a million in 0.3 ms; choosing by a mask without pattern takes 12.
    status: StatusVector = (new_labels != given).view(np.uint8)
    status *= np.uint8(Status.CHANGED - Status.KEPT)
    status += np.uint8(Status.KEPT)
    status[actions == Action.EXCLUDE] = Status.EXCLUDED
    status[actions == Action.SECOND_LOOK] = Status.SECOND_LOOK
    status[actions == Action.CLEAR] = Status.PENDING
    status[actions == Action.KEEP] = Status.KEPT
    return status


def log_rows(edit: Edit, first_seq: int) -> LogRows:
    """Rows of LOG_DTYPE for one edit: its class decision or remark, then one row a sample."""
    head = edit.head
    n_heads = 1 if head else 0
    rows = np.zeros(n_heads + len(edit), LOG_DTYPE)
    rows["seq"] = np.arange(first_seq, first_seq + len(rows))
    rows["step"], rows["time_ns"], rows["reviewer"] = edit.step, edit.time_ns, edit.reviewer
    rows["undo_of"], rows["run"] = edit.undoes, edit.seen.run
    samples = rows[n_heads:]
    samples["sample"], samples["action"] = edit.sample_ids, edit.action
    samples["old"], samples["new"] = edit.old_labels, edit.new_labels
    samples["suggested"], samples["suspicion"] = edit.seen.suggested, edit.seen.suspicion
    if head:
        about_all = rows[:1]
        about_all["sample"], about_all["suggested"] = NO_SAMPLE, UNLABELLED
        about_all["old"] = about_all["new"] = UNLABELLED
        about_all["suspicion"] = np.nan
        undoing = edit.undoes != NO_STEP
        about_all["action"] = edit.action[0] if undoing else head[0]
    return rows
