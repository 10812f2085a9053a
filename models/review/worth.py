"""What the corrections were worth: how right the model is before and after, on trusted images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.review.blind import CANNOT_TELL, BlindSession
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.intervals import paired_difference
from models.review.rescore import most_likely
from models.types import UNLABELLED, LabelVector, Mask, Probs, SampleIds, StatusVector

ENOUGH = 100  # trusted images: on fewer a few points of accuracy cannot be told from none
_ENOUGH_EDITED = 50  # edited images before their accuracy says anything


@dataclass(frozen=True)
class Reviewed:
    """Labels as they stand, and what was judged without a suggestion; arrays of length n."""

    given: LabelVector
    labels: LabelVector
    status: StatusVector
    classes: ClassList
    wholesale: Mask  # decided all at once: see models.review.wholesale
    audits: SampleIds  # (m,) random images of the queue
    sessions: Sequence[BlindSession]
    not_of_dataset: int = -1  # code of the class of images that belong to none


@dataclass(frozen=True)
class Run:
    """What a run learnt from and says; arrays of length n."""

    run: int
    met: Mask  # images that it, or the run whose weights it began with, trained on
    probabilities: Probs
    began_with: int = 0  # the run whose weights it began with, 0 for none


@dataclass(frozen=True)
class Rise:
    """Images that the model is right on before and after, and the 95% interval of the rise."""

    before: int
    after: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return (self.after - self.before) / self.n if self.n else 0.0


@dataclass(frozen=True)
class Worth:
    """Two runs on the same images: the newest on the labels as given, the newest on corrected
    ones; 0 where there is none."""

    before: int
    after: int
    n_trusted: int  # images judged without a suggestion
    trusted: Rise  # on those of them that neither run trained on
    edited: Rise  # on images whose label was changed, by the labels as they stand
    is_continued: bool = False  # the second began with the weights of the first

    @property
    def n_usable(self) -> int:
        """Of the trusted images, those that count: all, while there is nothing to compare."""
        return self.trusted.n if self.before and self.after else self.n_trusted

    @property
    def is_known(self) -> bool:
        return self.before > 0 and self.after > 0 and self.trusted.n >= ENOUGH

    @property
    def lacks_baseline(self) -> bool:
        """Whether another run on the labels as given would let the trusted images count."""
        return (
            not self.is_known and self.n_trusted >= ENOUGH and not (self.before and not self.after)
        )

    @property
    def is_bent(self) -> bool:
        """Whether the labels may be following the model: it became better on the images that were
        edited beside it, and not on those that were judged without it."""
        has_risen = self.edited.n >= _ENOUGH_EDITED and self.edited.low > 0
        return self.is_known and has_risen and self.trusted.after <= self.trusted.before


NOTHING = Rise(0, 0, 0, -1.0, 1.0)


def chosen(learnt: Iterable[tuple[int, LabelVector]], given: LabelVector) -> tuple[int, int]:
    """The newest run on the labels as given and the newest on others, 0 for none.

    Parameters
    ----------
    learnt : (run, int32 (n,)), the newest first
        The labels each run learned from, UNLABELLED where an image was excluded. No more of them
        are read than it takes.
    """
    before = after = 0
    for run, labels in learnt:
        if len(labels) != len(given):
            continue
        if np.array_equal(labels, given):
            before = before or run
        else:
            after = after or run
        if before and after:
            break
    return before, after


def trusted_labels(reviewed: Reviewed) -> tuple[SampleIds, LabelVector]:
    """Images judged without a suggestion, ascending, and what the person called them. (m,), (m,)

    A random image counts once it is kept or changed, by its label; one judged blind by the first
    answer, if that is a class. Of an image that is both, the blind answer is trusted more.
    """
    found = np.full(len(reviewed.given), UNLABELLED, np.int32)
    audits = reviewed.audits
    decided = np.isin(reviewed.status[audits], (Status.KEPT, Status.CHANGED))
    found[audits[decided]] = reviewed.labels[audits[decided]]
    for session in reviewed.sessions:
        shown = np.array(session.shown[: session.place], np.int64)
        said = session.said(reviewed.classes.names)
        first = np.unique(shown, return_index=True)[1]
        first = first[said[first] != CANNOT_TELL]
        found[shown[first]] = said[first]
    found[found == reviewed.not_of_dataset] = UNLABELLED
    ids = np.flatnonzero(found != UNLABELLED)
    return ids, reviewed.classes.standing(found[ids])


def worth_of(reviewed: Reviewed, before: Run | None, after: Run | None) -> Worth:
    """Compare two runs on the trusted images, and on those that were edited.

    Notes
    -----
    A run must not have trained on a trusted image: with the label given it would have learnt the
    error that is being looked for. So before the first blind session, or among many images, a run
    on the labels as given has to be made again for the comparison.
    """
    ids, labels = trusted_labels(reviewed)
    if before is None or after is None:
        runs = before.run if before else 0, after.run if after else 0
        return Worth(*runs, n_trusted=len(ids), trusted=NOTHING, edited=NOTHING)
    unmet = ~(before.met[ids] | after.met[ids])
    edited = np.setdiff1d(_edited(reviewed), ids)
    standing = reviewed.classes.standing
    return Worth(
        before=before.run,
        after=after.run,
        n_trusted=len(ids),
        trusted=_rise(ids[unmet], labels[unmet], before, after, reviewed.classes),
        edited=_rise(edited, standing(reviewed.labels[edited]), before, after, reviewed.classes),
        is_continued=after.began_with == before.run,
    )


def _edited(reviewed: Reviewed) -> SampleIds:
    return np.flatnonzero((reviewed.status == Status.CHANGED) & ~reviewed.wholesale)


def _rise(ids: SampleIds, labels: LabelVector, before: Run, after: Run, classes: ClassList) -> Rise:
    """On the images that both runs scored."""
    predicted = [
        classes.standing(most_likely(np.asarray(run.probabilities[ids]))) for run in (before, after)
    ]
    scored = (predicted[0] != UNLABELLED) & (predicted[1] != UNLABELLED)
    was_right, is_right = ((each == labels)[scored] for each in predicted)
    n, both = int(scored.sum()), int((was_right & is_right).sum())
    n_before, n_after = int(was_right.sum()), int(is_right.sum())
    only_after, only_before = n_after - both, n_before - both
    neither = n - both - only_after - only_before
    limits = paired_difference(both, only_after, only_before, neither)
    return Rise(n_before, n_after, n, *limits)
