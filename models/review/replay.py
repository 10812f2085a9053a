"""Replays the log: what the labels are now, and what can still be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.review.classes import ClassChange, ClassList
from models.review.decisions import (
    LABEL_ACTIONS,
    NO_SAMPLE,
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
    live = rows[live_rows(rows) & np.isin(rows["action"], LABEL_ACTIONS)]
    samples, from_end = np.unique(live["sample"][::-1], return_index=True)
    last = live[::-1][from_end]
    labels[samples] = last["new"]
    status[samples] = status_after(last["action"], last["new"], given[samples])
    return labels, status


def live_rows(rows: LogRows) -> NDArray[np.bool_]:
    """Which rows belong to a step that has not been undone, or was redone since. (m,)"""
    toggles = rows[(rows["action"] == Action.UNDO) | (rows["action"] == Action.REDO)]
    targets, from_end = np.unique(toggles["undo_of"][::-1], return_index=True)
    undone = targets[toggles[::-1][from_end]["action"] == Action.UNDO]
    is_toggle = (rows["action"] == Action.UNDO) | (rows["action"] == Action.REDO)
    live: NDArray[np.bool_] = ~is_toggle & ~np.isin(rows["step"].astype(np.int64), undone)
    return live


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
    stack, done = _step_stack(rows)
    first = max(0, done - UNDO_STEPS_KEPT)
    kept = stack[first : done + UNDO_STEPS_KEPT]
    if not kept:
        return [], 0
    order = np.argsort(rows["step"], kind="stable")
    by_step = rows["step"][order]
    of_kept = {
        step: rows[
            order[np.searchsorted(by_step, step) : np.searchsorted(by_step, step, side="right")]
        ]
        for step in kept
    }
    before_kept = ~np.isin(rows["step"], np.array(kept, np.uint64))
    labels, status = replay(_without_toggles_of(rows[before_kept], kept), given)
    edits = []
    for step in kept:
        edit = _edit_of(of_kept[step], notes, given, labels, status)
        edit.apply(labels, status)
        edits.append(edit)
    return edits, done - first


def _step_stack(rows: LogRows) -> tuple[list[int], int]:
    """Steps on the undo stack, oldest first, and how many of them are done."""
    stack: list[int] = []
    done = 0
    first_of_step = np.unique(rows["step"], return_index=True)[1]
    firsts = rows[np.sort(first_of_step)]
    for step, action in zip(firsts["step"].tolist(), firsts["action"].tolist(), strict=True):
        if action == Action.UNDO:
            done -= 1
        elif action == Action.REDO:
            done += 1
        else:
            stack[done:] = [step]
            done += 1
    return stack, done


def _without_toggles_of(rows: LogRows, steps: Sequence[int]) -> LogRows:
    toggles_kept = np.isin(rows["undo_of"], np.array(steps, np.int64))
    kept: LogRows = rows[~toggles_kept]
    return kept


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
    own = rows[(rows["sample"] != NO_SAMPLE) & np.isin(rows["action"], LABEL_ACTIONS)]
    ids = own["sample"].copy()
    return Edit(
        step=int(rows["step"][0]),
        action=own["action"].copy(),
        sample_ids=ids,
        old_labels=labels[ids],
        new_labels=own["new"].copy(),
        old_status=status[ids],
        new_status=status_after(own["action"], own["new"], given[ids]),
        seen=Seen(own["suggested"].copy(), own["suspicion"].copy(), int(rows["run"][0])),
        time_ns=int(rows["time_ns"][0]),
        reviewer=int(rows["reviewer"][0]),
        class_change=changes[0] if changes else None,
    )


def status_counts(status: StatusVector) -> dict[Status, int]:
    """How many samples are in each review state."""
    counts = np.bincount(status, minlength=len(Status))
    return {state: int(counts[state]) for state in Status}
