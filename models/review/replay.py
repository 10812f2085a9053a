"""Replays the log: what the labels are now, and what can still be undone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.causes import Remark
from models.review.classes import ClassChange, ClassList
from models.review.decisions import (
    LABEL_ACTIONS,
    NO_SAMPLE,
    REMARKING,
    Action,
    Edit,
    Seen,
    Status,
    status_after,
)
from models.types import LabelVector, LogRows, StatusVector

UNDO_STEPS_KEPT = 1_000  # steps that can still be undone after a restart


def replay(rows: LogRows, given: LabelVector) -> tuple[LabelVector, StatusVector]:
    """Replay a log over the labels as they were read.

    Parameters
    ----------
    rows : LOG_DTYPE (m,)
        The whole log, by `seq`.
    given : int32 (n,)
        Labels as read; not modified.

    Returns
    -------
    labels : int32 (n,)
        Labels as corrected.
    status : uint8 (n,)
        Values of Status.

    Notes
    -----
    Undo is strictly last in, first out, so the state is what the steps that are still done
    leave behind, applied in order; and as a decision sets both label and status, the last
    such row of a sample decides.
    """
    labels, status = given.copy(), np.zeros(len(given), np.uint8)
    live = rows[live_rows(rows) & _is_label_action(rows["action"])]
    samples = live["sample"]
    labels[samples] = live["new"]  # of a sample that occurs again, the last row stays
    status[samples] = status_after(live["action"], live["new"], given[samples])
    return labels, status


def live_rows(rows: LogRows) -> NDArray[np.bool_]:
    """Which rows belong to a step that has not been undone, or was redone since. (m,)"""
    runs = _Runs.of(rows)
    toggles = runs.is_toggle
    targets, from_end = np.unique(runs.undo_of[toggles][::-1], return_index=True)
    undone = targets[runs.action[toggles][::-1][from_end] == Action.UNDO]
    live: NDArray[np.bool_] = np.repeat(~toggles & ~np.isin(runs.step, undone), runs.length)
    return live


@dataclass(frozen=True)
class _Runs:
    """Stretches of rows that belong to one step, which a log of millions has few of. (k,)"""

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    step: NDArray[np.int64]
    action: NDArray[np.uint8]  # of the first row, as are the following
    undo_of: NDArray[np.int64]

    @classmethod
    def of(cls, rows: LogRows) -> _Runs:
        steps = rows["step"].astype(np.int64)
        is_first = np.ones(len(rows), bool)
        is_first[1:] = steps[1:] != steps[:-1]
        start = np.flatnonzero(is_first)
        first = rows[start]
        return cls(
            start,
            np.diff(np.append(start, len(rows))),
            steps[start],
            first["action"],
            first["undo_of"],
        )

    @property
    def is_toggle(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (self.action == Action.UNDO) | (self.action == Action.REDO)
        return found


def _is_label_action(actions: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether each action moves a label or a status. (m,)"""
    moves = np.zeros(256, bool)
    moves[list(LABEL_ACTIONS)] = True
    found: NDArray[np.bool_] = moves[actions]
    return found


def class_names_after(
    rows: LogRows, notes: Mapping[int, str], names: Sequence[str]
) -> tuple[str, ...]:
    """The class list once every class decision of the log is applied. Codes never change."""
    return classes_after(rows, notes, names).names


def classes_after(rows: LogRows, notes: Mapping[int, str], names: Sequence[str]) -> ClassList:
    """The classes, and which were merged into which, at the end of a log."""
    live = rows[live_rows(rows) & (rows["action"] == Action.CLASS)]
    changes = [ClassChange.from_note(notes[seq]) for seq in live["seq"].tolist()]
    return ClassList.of(names, changes)


def history(rows: LogRows, notes: Mapping[int, str], given: LabelVector) -> tuple[list[Edit], int]:
    """Rebuild the undo stack from the log.

    Returns
    -------
    edits : list of Edit
        Steps of the stack, oldest first, undone ones last: the newest UNDO_STEPS_KEPT of the
        done ones, and as many that can be redone.
    done : int
        How many of them are done.
    """
    runs = _Runs.of(rows)
    stack, done = _step_stack(runs)
    first = max(0, done - UNDO_STEPS_KEPT)
    kept = stack[first : done + UNDO_STEPS_KEPT]
    if not kept:
        return [], 0
    is_kept = np.isin(runs.step, kept)
    own_rows: dict[int, list[LogRows]] = {step: [] for step in kept}
    for at in np.flatnonzero(is_kept):
        start = runs.start[at]
        own_rows[int(runs.step[at])].append(rows[start : start + runs.length[at]])
    before_kept = ~(is_kept | np.isin(runs.undo_of, kept))
    labels, status = replay(rows[np.repeat(before_kept, runs.length)], given)
    edits = []
    for step in kept:
        own = own_rows[step]
        edit = _edit_of(
            own[0] if len(own) == 1 else np.concatenate(own), notes, given, labels, status
        )
        edit.apply(labels, status)
        edits.append(edit)
    return edits, done - first


def _step_stack(runs: _Runs) -> tuple[list[int], int]:
    """Steps on the undo stack, oldest first, and how many of them are done."""
    stack: list[int] = []
    done = 0
    first_of_step = np.sort(np.unique(runs.step, return_index=True)[1])
    steps, actions = runs.step[first_of_step], runs.action[first_of_step]
    for step, action in zip(steps.tolist(), actions.tolist(), strict=True):
        if action == Action.UNDO:
            done -= 1
        elif action == Action.REDO:
            done += 1
        else:
            stack[done:] = [step]
            done += 1
    return stack, done


def _edit_of(
    rows: LogRows,
    notes: Mapping[int, str],
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
) -> Edit:
    """The edit that wrote these rows of one step, given the state before it."""
    class_rows = rows[rows["action"] == Action.CLASS]
    changes = [ClassChange.from_note(notes[seq]) for seq in class_rows["seq"].tolist()]
    own = rows[(rows["sample"] != NO_SAMPLE) & _is_label_action(rows["action"])]
    is_remark = (rows["sample"] == NO_SAMPLE) & np.isin(rows["action"], REMARKING)
    seqs = [seq for seq in rows["seq"][is_remark].tolist() if seq in notes]
    remarks = [Remark.from_text(notes[seq]) for seq in seqs]
    is_remedy = (rows["sample"] == NO_SAMPLE) & (rows["action"] == Action.REMEDY)
    remedies = [notes[seq] for seq in rows["seq"][is_remedy].tolist() if seq in notes]
    decides_nothing = bool(remarks) or not len(own)
    if decides_nothing:
        own = rows[rows["sample"] != NO_SAMPLE]
    ids = own["sample"].copy()
    return Edit(
        step=int(rows["step"][0]),
        action=own["action"].copy(),
        sample_ids=ids,
        old_labels=labels[ids],
        new_labels=labels[ids] if decides_nothing else own["new"].copy(),
        old_status=status[ids],
        new_status=(
            status[ids] if decides_nothing else status_after(own["action"], own["new"], given[ids])
        ),
        seen=Seen(own["suggested"].copy(), own["suspicion"].copy(), int(rows["run"][0])),
        time_ns=int(rows["time_ns"][0]),
        reviewer=int(rows["reviewer"][0]),
        class_change=changes[0] if changes else None,
        remark=remarks[0] if remarks else None,
        remedy=_finding_of(remedies[0]) if remedies else changes[0].remedy if changes else "",
    )


def _finding_of(note: str) -> str:
    """The finding whose remedy a step is, by its note; empty where that says nothing we know."""
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(note)["finding"])
    return ""


def status_counts(status: StatusVector) -> dict[Status, int]:
    """How many samples are in each review state."""
    counts = np.bincount(status, minlength=len(Status))
    return {state: int(counts[state]) for state in Status}
