"""Decisions that come from a list instead of the keyboard: the same edits, few of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.review.classes import ClassList
from models.review.decisions import NOTHING_MERGED, Action, Edit, Seen, decide
from models.types import UNLABELLED, LabelVector, StatusVector

_NO_MEANING = {
    Action.KEEP: "there is no given label to keep",
    Action.ACCEPT: "there is no suggestion to accept; train first",
}


@dataclass(frozen=True)
class Instruction:
    """One row of the list. `row` is its number there, for a message about it."""

    row: int
    sample_id: int
    action: Action
    label: int = UNLABELLED
    reviewer: str = ""
    note: str = ""


@dataclass(frozen=True)
class Skipped:
    """A row that changes nothing, and why, in words."""

    row: int
    why: str


def scripted_edits(
    instructions: Sequence[Instruction],
    *,
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
    seen: Seen,
    reviewers: Mapping[str, int],
    first_step: int,
    time_ns: int,
    classes: ClassList = NOTHING_MERGED,
) -> tuple[list[Edit], list[Skipped]]:
    """Turn a list into as few edits as keep its meaning, and say which rows have none.

    A sample that stands in the list twice is decided twice, in the order of the list.

    Parameters
    ----------
    given, labels : int32 (n,)
        Labels as read, and as they stand now; `labels` and `status` are brought up to date.
    status : uint8 (n,)
        Review states as they stand now.
    seen : Seen
        What the model says of all n samples.
    reviewers : mapping of str to int
        The number of each reviewer named in the list.
    classes : ClassList
        As they stand; a class of the list that was merged is the one it went into.
    """
    edits: list[Edit] = []
    skipped: list[Skipped] = []
    for reviewer, batch in _batches(instructions):
        step = first_step + len(edits)
        now: dict[str, Any] = {"given": given, "labels": labels, "status": status}
        now |= {"classes": classes, "step": step, "time_ns": time_ns}
        edit, without_meaning = _edit_of(batch, seen, now)
        skipped += without_meaning
        if len(edit):
            edit.apply(labels, status)
            edits.append(replace(edit, reviewer=reviewers[reviewer]))
    return edits, skipped


def _batches(instructions: Iterable[Instruction]) -> Iterator[tuple[str, list[Instruction]]]:
    """Instructions of one reviewer about distinct samples; later ones of a sample come later."""
    times: Counter[int] = Counter()
    batches: defaultdict[tuple[int, str], list[Instruction]] = defaultdict(list)
    for instruction in instructions:
        batches[times[instruction.sample_id], instruction.reviewer].append(instruction)
        times[instruction.sample_id] += 1
    for (_, reviewer), batch in sorted(batches.items(), key=lambda item: item[0][0]):
        yield reviewer, batch


def _edit_of(
    batch: list[Instruction], seen: Seen, now: Mapping[str, Any]
) -> tuple[Edit, list[Skipped]]:
    """`now` is what `decide` wants to know of the moment."""
    by_decision: defaultdict[tuple[Action, int], list[Instruction]] = defaultdict(list)
    for instruction in batch:
        by_decision[instruction.action, instruction.label].append(instruction)
    parts = []
    for (action, label), same in by_decision.items():
        ids = np.array([instruction.sample_id for instruction in same], np.int64)
        of_these = Seen(seen.suggested[ids], seen.suspicion[ids], seen.run)
        parts.append(decide(action, ids, seen=of_these, label=label, **now))
    edit = _joined(parts)
    place = {sample: position for position, sample in enumerate(edit.sample_ids.tolist())}
    notes = {place[i.sample_id]: i.note for i in batch if i.note and i.sample_id in place}
    skipped = [Skipped(i.row, _NO_MEANING[i.action]) for i in batch if i.sample_id not in place]
    return replace(edit, notes=notes), skipped


def _joined(parts: Sequence[Edit]) -> Edit:
    """One edit that does what several about distinct samples do."""
    return replace(
        parts[0],
        action=np.concatenate([part.action for part in parts]),
        sample_ids=np.concatenate([part.sample_ids for part in parts]),
        old_labels=np.concatenate([part.old_labels for part in parts]),
        new_labels=np.concatenate([part.new_labels for part in parts]),
        old_status=np.concatenate([part.old_status for part in parts]),
        new_status=np.concatenate([part.new_status for part in parts]),
        seen=Seen(
            np.concatenate([part.seen.suggested for part in parts]),
            np.concatenate([part.seen.suspicion for part in parts]),
            parts[0].seen.run,
        ),
    )
