"""On which images reviewers disagree, and on which of them somebody has decided since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.review.classes import ClassList
from models.review.decisions import EXCLUDING, Action
from models.review.opinions import by_remedy, words
from models.types import LabelVector, LogRows, Mask

_UNSAID = -3  # no verdict stands
_SEVERAL = -1  # in place of a reviewer: more than one said the same


@dataclass(frozen=True)
class Disagreements:
    """Images on which somebody contradicted another's verdict: (n,), or empty where none can be.

    A disagreement is open until the next decision about the image, whoever makes it.
    """

    open: Mask
    settled: Mask

    @classmethod
    def none(cls) -> Disagreements:
        return cls(np.empty(0, np.bool_), np.empty(0, np.bool_))


def disagreements(
    rows: LogRows, notes: Mapping[int, str], classes: ClassList, n: int
) -> Disagreements:
    """Read off the log where one reviewer contradicted another.

    Changing one's own mind is no contradiction, unless another has said the same before; an
    opinion that came from elsewhere contradicts whoever decided here. Excluding an image
    contradicts every class; whoever clears it or marks it for a second look has no verdict on it.
    The remedy of an audit contradicts nobody and settles nothing: nobody looked at each image.

    Parameters
    ----------
    rows : LOG_DTYPE (m,)
        The whole log, by `seq`.
    notes : mapping of int to str
        Of its class decisions, by `seq`.
    classes : ClassList
        As they stand: names of classes that were merged do not differ.
    n : int
        Images there are.
    """
    said = words(rows, notes)
    said = said[~by_remedy(said, rows)]
    said = said[np.bincount(said["sample"], minlength=n)[said["sample"]] > 1]
    said = said[np.argsort(said["sample"], kind="stable")]
    ids, starts, sizes = np.unique(said["sample"], return_index=True, return_counts=True)
    longest_first = np.argsort(-sizes, kind="stable")
    ids, starts, sizes = ids[longest_first], starts[longest_first], sizes[longest_first]
    verdicts, reviewers = verdicts_of(said, classes), said["reviewer"].astype(np.int32)
    is_ours = said["action"] != Action.OPINION
    stands, by = np.full(len(ids), _UNSAID, np.int32), np.full(len(ids), _SEVERAL, np.int32)
    is_open, was_open = np.zeros(len(ids), np.bool_), np.zeros(len(ids), np.bool_)
    for turn in range(int(sizes[0]) if len(sizes) else 0):  # the words on an image are few
        now = slice(0, int(np.searchsorted(-sizes, -turn)))  # those with that many words
        at = starts[now] + turn
        said_now, who, ours = verdicts[at], reviewers[at], is_ours[at]
        before, same = stands[now], verdicts[at] == stands[now]
        contradicts = (before != _UNSAID) & (said_now != _UNSAID) & ~same
        contradicts &= ~(ours & (who == by[now]))
        begins = ~is_open[now] & contradicts
        is_open[now] = (is_open[now] & ~(ours & (said_now != _UNSAID))) | begins
        was_open[now] |= begins
        takes_over = ours | (before == _UNSAID)
        by[now] = np.where(
            same & (who != by[now]), _SEVERAL, np.where(takes_over & ~same, who, by[now])
        )
        stands[now] = np.where(takes_over, said_now, before)
    found, settled = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    found[ids], settled[ids] = is_open, was_open & ~is_open
    return Disagreements(found, settled)


def verdicts_of(said: LogRows, classes: ClassList) -> LabelVector:
    """What each word says: a class as it stands, EXCLUDING, or _UNSAID. (m,)"""
    named = classes.standing(np.maximum(said["new"], -1))
    excludes = (said["action"] == Action.EXCLUDE) | (
        (said["action"] == Action.OPINION) & (said["new"] == EXCLUDING)
    )
    says_nothing = np.isin(said["action"], (Action.CLEAR, Action.SECOND_LOOK))
    found: LabelVector = np.where(excludes, EXCLUDING, np.where(says_nothing, _UNSAID, named))
    return found.astype(np.int32)
