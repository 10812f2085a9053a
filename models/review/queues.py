"""Queues: kinds of images that are worth going through by themselves."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from models.review.columns import Columns
from models.review.copies import conflicting
from models.review.decisions import Status
from models.review.passes import one_of
from models.types import Mask, StatusVector

_DECIDED = (Status.KEPT, Status.CHANGED, Status.EXCLUDED)  # a second look is still to come


class Queue(IntEnum):
    """The first four are what a run found, see `models.scoring.queues`; no image is in two of
    them. The others follow every decision, and an image may be in any number of them."""

    SURE_AND_WRONG = 1
    SURE_AND_RIGHT = 2
    UNSURE = 3
    NO_CLASS_FITS = 4
    LIKELY_MISLABELLED = 5
    COPIES_DIFFER = 6
    SECOND_LOOK = 7
    SECOND_OPINION = 8
    DISAGREEING_REVIEWERS = 9

    @property
    def option(self) -> str:
        """Its name on the command line and in tables: "sure-and-wrong"."""
        return self.name.lower().replace("_", "-")

    @property
    def order(self) -> tuple[str, bool]:
        """The score that it is gone through by, and whether from the other end."""
        return _ORDERS.get(self, ("suspicion", False))


_ORDERS = {
    Queue.SURE_AND_RIGHT: ("confidence", True),
    Queue.UNSURE: ("confidence", False),
    Queue.NO_CLASS_FITS: ("anomaly", False),
}


def members(queue: Queue, columns: Columns) -> Mask:
    """Which samples are in a queue. (n,)

    Likely mislabelled: the label is more likely wrong than right. Copies differ: a copy with the
    same pixels carries another label. Second look: marked for one. Second opinion: reviewers have
    looked, and it is still unsure. Disagreeing reviewers: one contradicted another, and nobody
    has decided since.
    """
    none: Mask = np.zeros(len(columns.labels), np.bool_)
    if queue is Queue.LIKELY_MISLABELLED:
        suspicion = columns.scores.get("suspicion")
        with np.errstate(invalid="ignore"):  # an unscored sample is not
            return none if suspicion is None else suspicion > 0.5
    if queue is Queue.COPIES_DIFFER:
        none[conflicting(columns.copy_group, columns.labels, columns.status)] = True
        return none
    if queue is Queue.SECOND_LOOK:
        return np.equal(columns.status, Status.SECOND_LOOK)
    if queue is Queue.SECOND_OPINION:
        return columns.second_opinion if len(columns.second_opinion) else none
    if queue is Queue.DISAGREEING_REVIEWERS:
        return columns.disagreeing if len(columns.disagreeing) else none
    return np.equal(columns.queue, queue) if len(columns.queue) else none


def counted(queue: Queue, columns: Columns, done: Mask) -> tuple[int, int]:
    """How many samples a queue is about, and how many of them need no further decision; `done` is
    what `decided` says.

    A disagreement that was settled has left the queue, but is counted.
    """
    inside = members(queue, columns)
    n = int(np.count_nonzero(inside))
    if queue is Queue.DISAGREEING_REVIEWERS:
        n_settled = int(np.count_nonzero(columns.settled)) if n else 0
        return n + n_settled, n_settled
    return n, int(np.count_nonzero(inside & done))


def decided(status: StatusVector) -> Mask:
    """Which samples need no further decision. (n,)"""
    return one_of(status, _DECIDED)
