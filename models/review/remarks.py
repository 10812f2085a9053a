"""Causes and notes as steps of the log: how they are written, and what stands at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.review.causes import BUILT_IN, Marks, Remark, marked, with_cause
from models.review.decisions import NO_SAMPLE, REMARKING, Action, Edit, Seen
from models.review.replay import live_rows
from models.types import LabelVector, LogRows, Mask, SampleIds, StatusVector


@dataclass
class Remarks:
    """What was said of each image beside its label.

    `marks` holds the causes at their positions in `names`; `notes` every note of an image that
    was not undone, the newest last, which is the one that counts.
    """

    marks: Marks  # (n,)
    names: tuple[str, ...] = BUILT_IN
    notes: dict[int, list[str]] = field(default_factory=dict)

    def note(self, sample_id: int) -> str:
        """The note on an image, empty if there is none."""
        written = self.notes.get(sample_id)
        return written[-1] if written else ""


def remark_on(
    sample_ids: SampleIds,
    remark: Remark,
    *,
    labels: LabelVector,
    status: StatusVector,
    step: int,
    time_ns: int,
    reviewer: int = 0,
) -> Edit:
    """One step that says something of some images and decides nothing: labels and states stay."""
    action = Action.TAG if remark.cause else Action.NOTE
    return Edit(
        step=step,
        action=np.full(len(sample_ids), action, np.uint8),
        sample_ids=sample_ids,
        old_labels=labels[sample_ids],
        new_labels=labels[sample_ids],
        old_status=status[sample_ids],
        new_status=status[sample_ids],
        seen=Seen.nothing(len(sample_ids)),
        time_ns=time_ns,
        reviewer=reviewer,
        remark=remark,
    )


def remarks_after(rows: LogRows, notes: Mapping[int, str], n: int) -> Remarks:
    """What stands at the end of a log; a remark whose words were lost says nothing.

    Parameters
    ----------
    rows : LOG_DTYPE (m,)
        The whole log, by `seq`.
    notes : mapping of int to str
        Texts by `seq`: those of remarks, and notes on single decisions of scripted ones.
    n : int
        Images there are.
    """
    found = Remarks(np.zeros(n, np.uint32))
    with_text = np.isin(rows["seq"], np.fromiter(notes, np.uint64, len(notes)))
    says = with_text | np.isin(rows["action"], REMARKING)
    if not says.any():
        return found
    live = rows[says & live_rows(rows)]
    said, which, about = remarked(live, notes)
    for remark in said:
        if remark.cause:
            found.names = with_cause(found.names, remark.cause)
    _mark(found, said, which, about["sample"])
    _note(found, said, which, about, notes, live)
    return found


def remarked(
    live: LogRows, notes: Mapping[int, str]
) -> tuple[list[Remark], NDArray[np.int64], LogRows]:
    """The remarks among rows that stand, which of them each row about an image belongs to, and
    these rows."""
    heads = live[(live["sample"] == NO_SAMPLE) & np.isin(live["action"], REMARKING)]
    heads = heads[np.isin(heads["seq"], np.fromiter(notes, np.uint64, len(notes)))]
    said = [Remark.from_text(notes[seq]) for seq in heads["seq"].tolist()]
    about = live[(live["sample"] != NO_SAMPLE) & np.isin(live["action"], REMARKING)]
    return said, *_heads_of(about, heads)


def without_remarks_on_nothing(rows: LogRows) -> LogRows:
    """A log some samples of which were left out, without what was said or done of them alone."""
    heads_of_steps = (*REMARKING, Action.OPINION, Action.REMEDY)
    is_head = (rows["sample"] == NO_SAMPLE) & np.isin(rows["action"], heads_of_steps)
    heads = rows["step"][is_head].astype(np.int64)
    # A class that was added in such a step is still needed for the codes of those after it.
    matters = (rows["sample"] != NO_SAMPLE) | (rows["action"] == Action.CLASS)
    gone = np.setdiff1d(heads, rows["step"][matters].astype(np.int64))
    if not len(gone):
        return rows
    lost: Mask = np.isin(rows["step"].astype(np.int64), gone) | np.isin(rows["undo_of"], gone)
    kept: LogRows = rows[~lost]
    return kept


def _heads_of(about: LogRows, heads: LogRows) -> tuple[NDArray[np.int64], LogRows]:
    """Which remark each row belongs to, and the rows that belong to one."""
    at = np.searchsorted(heads["step"], about["step"])
    known = at < len(heads)
    known[known] = heads["step"][at[known]] == about["step"][known]
    return at[known], about[known]


def _mark(
    found: Remarks, said: list[Remark], which: NDArray[np.int64], sample_ids: SampleIds
) -> None:
    places = {name: place for place, name in enumerate(found.names)}
    place_of = np.array([places.get(remark.cause, -1) for remark in said], np.int64)
    is_on = np.array([remark.on for remark in said], bool)
    for place in np.unique(place_of[place_of >= 0]).tolist():
        own = place_of[which] == place
        has = np.zeros(len(found.marks), bool)
        has[sample_ids[own]] = is_on[which[own]]  # of an image that occurs again, the last stays
        found.marks[has] = marked(found.marks[has], place, on=True)


def _note(
    found: Remarks,
    said: list[Remark],
    which: NDArray[np.int64],
    about: LogRows,
    notes: Mapping[int, str],
    live: LogRows,
) -> None:
    is_note = np.array([not remark.cause for remark in said], bool)
    own = is_note[which] if len(said) else np.zeros(len(about), bool)
    texts = [
        (seq, sample, said[at].note)
        for seq, sample, at in zip(
            about["seq"][own].tolist(), about["sample"][own].tolist(), which[own].tolist(),
            strict=True,
        )
    ]  # fmt: skip
    with_text = np.isin(live["seq"], np.fromiter(notes, np.uint64, len(notes)))
    scripted = live[with_text & (live["sample"] != NO_SAMPLE)]
    pairs = zip(scripted["seq"].tolist(), scripted["sample"].tolist(), strict=True)
    texts += [(seq, sample, notes[seq]) for seq, sample in pairs]
    for _, sample, text in sorted(texts):
        found.notes.setdefault(sample, []).append(text)
