"""Why an image is suspect, in words; every sentence is read off the numbers of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.review.copies import rival_copies
from models.review.decisions import Status
from models.review.queues import Queue
from models.review.standing import Judge
from models.types import UNLABELLED, Evidence, LabelVector, Mask, Probs, SampleIds, StatusVector

MOST = 3  # reasons for one image
_WORTH_NAMING = 0.01  # the least share of a class that is named as a possibility
_OFTEN = 2.0  # times the usual share of labels that go astray


class Grounds(Protocol):
    """One set of scores as it was published: RunScores, or what the window made of it."""

    @property
    def epoch(self) -> int: ...
    @property
    def transition(self) -> Probs: ...
    @property
    def labels(self) -> LabelVector: ...
    @property
    def evidence(self) -> Evidence: ...


def reasons(
    sample_ids: SampleIds,
    grounds: Grounds,
    judge: Judge,
    labels: LabelVector,
    status: StatusVector,
    names: Sequence[str],
) -> list[list[str]]:
    """Say what speaks against the label of each sample, most telling first.

    Parameters
    ----------
    sample_ids : int64 (m,)
    grounds : what the run left
    judge : Judge
        Of the same run: what it says of a merged class is said of the one it went into.
    labels : int32 (n,)
        As they stand now, of all images: sentences about neighbours and copies use theirs.
    status : uint8 (n,)
    names : of the classes as they stand

    Returns
    -------
    m lists of at most MOST sentences. An undecided image with probabilities has at least one,
    which may say that the model agrees.
    """
    own = labels[sample_ids]
    of_copy = rival_copies(sample_ids, grounds.evidence.copy_group, labels, status)
    transition = np.asarray(grounds.transition)
    as_counted = _as_counted(judge, grounds.labels, len(names))
    looks = _Looks(sample_ids, transition, judge, own, names, as_counted)
    majority, carrying, found = _neighbour_majority(sample_ids, grounds, labels, status)
    unbelieved = np.where(looks.is_label_of_run, _epochs_unbelieved(sample_ids, grounds, own), 0)
    fits_none = grounds.evidence.queue[sample_ids] == Queue.NO_CLASS_FITS
    fits_none &= looks.prefers_class_of_run
    undecided = status[sample_ids] == Status.PENDING

    def told(row: int) -> Iterator[str]:
        label = int(own[row])
        if of_copy[row] >= 0:
            theirs = names[labels[of_copy[row]]]
            yield f"same pixels as #{of_copy[row]}, which is labelled {theirs}"
        if fits_none[row]:
            yield "fits no class well"
        elif looks.doubted[row]:
            yield f"looks like {looks.rival(row)}"
        if majority[row] not in (label, UNLABELLED):
            name = names[majority[row]]
            yield f"{carrying[row]} of its {found[row]} nearest neighbours are {name}"
        if unbelieved[row]:
            name = names[label]
            yield f"the model never believed {name} in {unbelieved[row]} epochs"
        if looks.astray[row] > 0:
            rival, name = names[looks.rivals[row]], names[label]
            yield f"{rival} is often labelled {name} here ({percent(looks.astray[row])})"

    said = [list(told(row))[:MOST] for row in range(len(sample_ids))]
    for row in np.flatnonzero(looks.scored & undecided).tolist():
        if not said[row]:
            said[row] = [looks.at_least(row)]
    return said


def percent(share: float) -> str:
    """A share of 1 with two digits, never rounded up to all or down to nothing."""
    if share >= 0.995:
        return ">99%" if share < 1 else "100%"
    if share >= 0.0995:
        return f"{share:.0%}"
    return f"{share:.1%}" if share >= 0.0005 else "<0.1%"


class _Looks:
    """What the probabilities say: the class that rivals the label, and how much speaks for it."""

    def __init__(
        self,
        sample_ids: SampleIds,
        transition: Probs,
        judge: Judge,
        labels: LabelVector,
        names: Sequence[str],
        as_counted: Mask,
    ) -> None:
        own = judge.learnable(labels)
        p = np.zeros((len(own), max(1, len(names))), np.float32)
        p[:, : len(judge.prior)] = judge.says(sample_ids)
        if not len(judge.prior):  # nothing had a label when the run was trained
            p[:], transition = np.nan, np.zeros((1, 1), np.float32)
        self.scored: Mask = np.logical_not(np.isnan(p).any(axis=1))
        p[~self.scored] = 0
        every, labelled = np.arange(len(p)), own >= 0
        self.is_label_of_run: Mask = labelled & as_counted[own]
        self.prefers_class_of_run: Mask = as_counted[p.argmax(axis=1)]
        self._names, self._own = names, own
        self._p_own = np.where(labelled, p[every, own], 0.0)
        p[every[labelled], own[labelled]] = -1  # a label does not rival itself
        suggested = judge.judged(sample_ids, own)[1]
        agreed = (suggested == own) | (suggested < 0)
        self.rivals = np.where(agreed, p.argmax(axis=1), suggested)  # (m,)
        self._p_rival = np.where(self.scored, p[every, self.rivals], 0.0)
        self.doubted = self.scored & (self._p_rival > self._p_own)
        speaks = self.scored & labelled & (self.doubted | ~agreed)
        speaks &= as_counted[own] & as_counted[self.rivals]
        shares = transition[np.where(speaks, self.rivals, 0), np.where(speaks, own, 0)]
        self.astray = np.where(speaks & (shares >= _often(transition)), shares, 0.0)

    def rival(self, row: int) -> str:
        """The rival with its probability."""
        return f"{self._names[self.rivals[row]]} ({percent(float(self._p_rival[row]))})"

    def at_least(self, row: int) -> str:
        """What can be said of an image that nothing speaks against."""
        if self._p_rival[row] >= _WORTH_NAMING:
            return f"could also be {self.rival(row)}"
        name = self._names[self._own[row]]
        return f"looks like {name}, as labelled ({percent(float(self._p_own[row]))})"


def _as_counted(judge: Judge, learnt: LabelVector, n_classes: int) -> Mask:
    """Which classes are what they were to the run, so that what was counted then is true of them:
    none that it met went into them since. (n_classes,)"""
    codes, as_counted = judge.codes, np.zeros(max(1, n_classes), np.bool_)
    as_counted[: len(codes)] = codes == np.arange(len(codes))
    for moved in np.flatnonzero(~as_counted[: len(codes)]).tolist():
        into = codes[moved]
        as_counted[into] = as_counted[into] and not (learnt == moved).any()
    return as_counted


def _often(transition: Probs) -> float:
    """The share of a class's labels from which on going astray is more than usual."""
    k = len(transition)
    astray = transition[~np.eye(k, dtype=np.bool_)]
    usual = float(np.median(astray)) if k > 2 else 0.0
    return max(_WORTH_NAMING, _OFTEN * usual)


def _neighbour_majority(
    sample_ids: SampleIds, grounds: Grounds, labels: LabelVector, status: StatusVector
) -> tuple[LabelVector, NDArray[np.int64], NDArray[np.int64]]:
    """The label of more than half of the neighbours (-1: none has), of how many, of how many."""
    ids = np.asarray(grounds.evidence.neighbours[sample_ids])
    m, k = ids.shape
    found = (ids >= 0).sum(axis=1)
    if not k:
        return np.full(m, UNLABELLED, np.int32), found, found
    counts = (ids >= 0) & (status[ids] != Status.EXCLUDED)
    theirs = np.where(counts, labels[ids], UNLABELLED)
    candidate = np.sort(theirs, axis=1)[:, k // 2]  # more than half are equal: so is the middle
    carrying = (theirs == candidate[:, None]).sum(axis=1)
    majority = np.where((2 * carrying > found) & (candidate >= 0), candidate, UNLABELLED)
    return majority.astype(np.int32), carrying, found


def _epochs_unbelieved(
    sample_ids: SampleIds, grounds: Grounds, own: LabelVector
) -> NDArray[np.int64]:
    """In how many epochs the model looked and never preferred the label; 0 if it once did."""
    scores = grounds.evidence.by_name
    nothing = np.zeros(len(sample_ids), np.int64)
    if "first_learnt" not in scores or "forgetting" not in scores:
        return nothing
    never = scores["first_learnt"][sample_ids] > grounds.epoch
    never &= (own == grounds.labels[sample_ids]) & (own >= 0)
    # A label that was never learnt counts every epoch as one in which it was forgotten.
    looked_at = np.nan_to_num(scores["forgetting"][sample_ids]).astype(np.int64)
    return np.where(never & (looked_at > 1), looked_at, nothing)
