"""A person's verdicts on the labels that a run scored, and the order they teach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from models.review.classes import ClassList
from models.review.clues import WORDS as CLUES_IN_WORDS
from models.review.clues import clues
from models.review.copies import conflicting
from models.review.decisions import Status
from models.review.learning import Learned, learn
from models.review.rescore import chance_of
from models.review.standing import Judge
from models.types import (
    UNLABELLED,
    Evidence,
    LabelVector,
    Mask,
    Probs,
    SampleIds,
    Scores,
    StatusVector,
)

WORDS = {
    **CLUES_IN_WORDS,
    "disagreement": "how many neighbours carry another label",
    "area_under_margin": "how long the label was doubted",
    "variance": "how much the model wavered",
    "anomaly": "how strange the image is",
    "copy_conflict": "a copy under another label",
}
LOOK_AHEAD = 100  # images

_MOST = 10_000  # verdicts that are learned from; of more than these, so many spread evenly
_OF_A_RUN = ("disagreement", "area_under_margin", "variance")  # as Evidence names them


class Grounds(Protocol):
    """One set of scores as it was published: RunScores, or what the window made of it."""

    @property
    def probabilities(self) -> Probs: ...
    @property
    def prior(self) -> Probs: ...
    @property
    def evidence(self) -> Evidence: ...


@dataclass(frozen=True)
class Ahead:
    """How many of the next images will be found wrong: expected, and a 95% interval."""

    n: int
    errors: float
    low: float
    high: float


def judged(status: StatusVector) -> Mask:
    """Which images were decided on, so that it is known whether the label was right. (n,)"""
    decided: Mask = np.isin(status, (Status.KEPT, Status.CHANGED, Status.EXCLUDED))
    return decided


def verdicts(given: LabelVector, status: StatusVector, wholesale: Mask) -> tuple[SampleIds, Mask]:
    """Which images somebody judged, and whether the given label was found wrong.

    A second look is no verdict. One key on hundreds of selected images counts for each of them:
    the journal cannot tell it from a list of careful decisions, which is one step too.

    Parameters
    ----------
    given : int32 (n,)
    status : uint8 (n,)
    wholesale : bool (n,)
        Images decided all at once, see `models.review.wholesale`: no verdicts.

    Returns
    -------
    int64 (v,), ascending, and bool (v,)
    """
    looked_at = np.flatnonzero(judged(status) & ~wholesale & (given != UNLABELLED))
    return looked_at, status[looked_at] != Status.KEPT


def learn_from_verdicts(
    grounds: Grounds,
    anomaly: Scores,
    given: LabelVector,
    status: StatusVector,
    wholesale: Mask,
    classes: ClassList,
) -> Learned:
    """Learn from the verdicts so far which given labels are wrong.

    From those on images that were undecided when the run began: of the others it learnt what the
    verdict made of the label, so what it says of the label as given is no clue to the verdict.
    They have no place in the order.

    Parameters
    ----------
    grounds : what a run left
    anomaly : float32 (n,)
    given : int32 (n,)
        Labels as read, on which the verdicts were given.
    status : uint8 (n,)
    wholesale : bool (n,)
        As for `verdicts`.
    classes : ClassList
    """
    looked_at, wrong = verdicts(given, status, wholesale)
    standing, found = classes.standing(given), grounds.evidence
    known, remark = _known_before(found, looked_at, given, standing)
    looked_at, wrong = looked_at[~known[looked_at]], wrong[~known[looked_at]]
    if len(looked_at) > _MOST:
        spread = np.linspace(0, len(looked_at) - 1, _MOST).astype(np.int64)
        looked_at, wrong = looked_at[spread], wrong[spread]
    features = clues(Judge.of(grounds, classes), standing)
    # The order in use before verdicts, which the suspicion is made of too.
    unlearned = features.pop("log_odds")
    unlearned[known] = np.nan
    features |= {name: found.by_name[name] for name in _OF_A_RUN if name in found.by_name}
    in_conflict = np.zeros(len(given), np.float32)
    in_conflict[conflicting(found.copy_group, standing, np.zeros_like(status))] = 1
    features |= {"anomaly": anomaly, "copy_conflict": in_conflict}
    learned = learn(unlearned, features, looked_at, wrong)
    return replace(learned, reason=f"{learned.reason} {remark}".rstrip())


def _known_before(
    evidence: Evidence, looked_at: SampleIds, given: LabelVector, standing: LabelVector
) -> tuple[Mask, str]:
    """The images that were decided when the run began, and in words that they do not count."""
    if evidence.decided is not None:
        n = int(evidence.decided[looked_at].sum())
        remark = f"{n:,} verdicts from before this run do not count: its model has learnt them."
        return evidence.decided, remark if n else ""
    nobody = np.zeros(len(given), np.bool_)
    if evidence.learnt is None:
        return nobody, ""
    # Which labels were kept an older run does not tell, but where some were changed others were.
    then = evidence.learnt[looked_at]
    if not ((then != given[looked_at]) & (then != standing[looked_at])).any():
        return nobody, ""
    remark = "An older run cannot tell which verdicts it has learnt: those after a new one count."
    return ~nobody, remark


def chances(learned: Learned) -> Scores:
    """What was learned, as the chance that the given label is wrong.

    Returns float32 (n,): in [0, 1] and in the same order, shared out near 1 as the suspicion
    is; NaN where unscored. In simulation it was within .01 of the share that was wrong, on
    average over twentieths of the images not looked at.
    """
    shown = np.full_like(learned.scores, np.nan)
    known = ~np.isnan(learned.scores)
    surprise = np.logaddexp(0, learned.scores[known].astype(np.float64))  # -log P(it is right)
    shown[known] = chance_of(surprise)
    return shown


def as_labelled(of_given: Scores, judged: LabelVector, labels: LabelVector) -> Scores:
    """The chances of images that still carry the label judged; 0, so last, for the others.

    Parameters
    ----------
    of_given : float32 (m,)
        What `chances` says.
    judged, labels : int32 (m,)
        The given label as its class stands (`ClassList.standing`), and the label now.
    """
    now: Scores = of_given * (labels == judged)
    return now


def errors_ahead(learned: Learned, order: SampleIds, status: StatusVector) -> Ahead | None:
    """What to expect of the first undecided images of an order; None before verdicts tell."""
    undecided = order[status[order] == Status.PENDING][:LOOK_AHEAD]
    scored = undecided[~np.isnan(learned.scores[undecided])]
    expected = learned.expected_errors(scored)
    return Ahead(len(scored), *expected) if expected else None
