"""What was decided about many images at once, without anybody looking at each: by a remedy of an
audit, or with their class. It counts nowhere as a verdict on an image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.review.classes import ClassList
from models.review.decisions import LABEL_ACTIONS, Action, Edit, Status, status_after
from models.review.replay import live_rows
from models.types import LabelVector, LogRows, Mask, SampleIds, StatusVector


@dataclass(frozen=True, eq=False)
class Remedied:
    """What a remedy made of its images. (m,) each"""

    sample_ids: SampleIds
    labels: LabelVector
    status: StatusVector

    @classmethod
    def by(cls, edit: Edit) -> Remedied:
        return cls(edit.sample_ids, edit.new_labels, edit.new_status)


def remedies_after(rows: LogRows, given: LabelVector) -> dict[int, Remedied]:
    """The remedies that stand at the end of a log, by step. What one does to whole classes is no
    part of it: `wholesale` tells those by the classes."""
    live = live_rows(rows)
    decided = live & np.isin(rows["action"], LABEL_ACTIONS)
    found = {}
    for step in rows["step"][live & (rows["action"] == Action.REMEDY)].tolist():
        own = rows[decided & (rows["step"] == step)]
        ids, labels = own["sample"].copy(), own["new"].copy()
        found[step] = Remedied(ids, labels, status_after(own["action"], labels, given[ids]))
    return found


def wholesale(
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
    classes: ClassList,
    remedies: Iterable[Remedied],
) -> Mask:
    """Which images are as a remedy left them, or carry another label only because their class was
    merged into it.

    Parameters
    ----------
    given, labels : int32 (n,)
        Labels as read, and as they stand now.
    status : uint8 (n,)
    classes : ClassList
    remedies : iterable of Remedied
        Those that stand. An image that somebody decided on since is their verdict again.

    Returns
    -------
    bool (n,)
    """
    found: Mask = np.zeros(len(given), bool)
    if classes.merged:
        found |= (status == Status.CHANGED) & (labels == classes.standing(given))
    for made in remedies:
        ids = made.sample_ids
        found[ids] |= (labels[ids] == made.labels) & (status[ids] == made.status)
    return found


def by_hand(status: StatusVector, wholesale: Mask) -> Mask:
    """Which images somebody looked at and gave the label that they have. (n,)"""
    decided: Mask = np.isin(status, (Status.KEPT, Status.CHANGED)) & ~wholesale
    return decided
