"""What a run says, in the classes as they stand: those that were merged since are one to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.review.classes import ClassList
from models.review.rescore import SCORES, judged
from models.types import UNLABELLED, LabelVector, Mask, Probs, SampleIds, Scores

_BLOCK_VALUES = 1 << 16  # probabilities handled at a time: they stay in the processor's cache


class Grounds(Protocol):
    """One set of scores as it was published: RunScores, or what the window made of it."""

    @property
    def probabilities(self) -> Probs: ...
    @property
    def prior(self) -> Probs: ...


def in_classes(probabilities: Probs, codes: LabelVector, n_classes: int) -> Probs:
    """Add up what is said of classes that are one now.

    Parameters
    ----------
    probabilities : float32 (m, k)
    codes : int32 (k,)
        What each class of the run is now; UNLABELLED where it is gone.

    Returns
    -------
    float32 (m, n_classes)
        0 for a class that none of them is. The array itself where each is what it was.
    """
    if np.array_equal(codes, np.arange(n_classes)):
        return probabilities
    moved, k = np.flatnonzero(codes != np.arange(len(codes))), min(len(codes), n_classes)
    now: Probs = np.zeros((len(probabilities), n_classes), np.float32)
    now[:, :k] = probabilities[:, :k]
    now[:, moved[moved < k]] = 0
    moved = moved[codes[moved] != UNLABELLED]
    if len(moved):
        moved = moved[np.argsort(codes[moved], kind="stable")]
        classes, starts = np.unique(codes[moved], return_index=True)
        now[:, classes] += np.add.reduceat(probabilities[:, moved], starts, axis=1)
    return now


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges labels by what a run says, in the classes as they stand.

    It reads no more of the probabilities, which may be larger than memory, than it is asked about.
    """

    probabilities: Probs  # (n, k) of the classes of the run
    codes: LabelVector  # (k,) what each of these is now
    prior: Probs  # (c, c) as `rescore` wants it, in the classes as they stand
    not_of_dataset: int
    learnt: Mask  # by label + 1: whether the run knows the class

    @classmethod
    def of(cls, grounds: Grounds, classes: ClassList) -> Judge:
        """The classes are no fewer than those of the run."""
        prior = np.asarray(grounds.prior)
        codes = classes.standing(np.arange(len(prior), dtype=np.int32))
        prior = _in_classes(prior, codes, max(len(prior), int(codes.max(initial=-1)) + 1))
        learnt = np.zeros(len(classes.names) + 2, np.bool_)  # none at either end
        learnt[codes + 1] = True
        learnt[classes.not_of_dataset + 1] = False
        return cls(grounds.probabilities, codes, prior, classes.not_of_dataset, learnt)

    def says(self, sample_ids: SampleIds | slice) -> Probs:
        """(m, c) the probabilities of some images."""
        said = np.asarray(self.probabilities[sample_ids])
        return in_classes(said, self.codes, len(self.prior))

    def learnable(self, labels: LabelVector) -> LabelVector:
        """Labels without those the run cannot judge: of classes added since, and of the class of
        images that belong to none, which is never learnt."""
        known = self.learnt.take(labels + 1, mode="clip")  # one may be added at this moment
        return np.where(known, labels, np.int32(UNLABELLED))

    def judged(
        self, sample_ids: SampleIds, labels: LabelVector
    ) -> tuple[dict[str, Scores], LabelVector]:
        """What `models.review.rescore` says of these labels of images, (m,): scores, and
        suggestions in the classes as they stand."""
        scores = {name: np.empty(len(labels), np.float32) for name in SCORES}
        suggested = np.empty(len(labels), np.int32)
        for rows in blocks(len(labels), len(self.prior)):
            own = self.learnable(labels[rows])
            found, suggested[rows] = judged(self.says(sample_ids[rows]), self.prior, own)
            for name, values in found.items():
                scores[name][rows] = values
        if self.not_of_dataset != UNLABELLED:  # no class is suggested instead
            suggested[labels == self.not_of_dataset] = self.not_of_dataset
        return scores, suggested

    def outdated(self, scored: LabelVector, labels: LabelVector) -> SampleIds:
        """The images whose scores no longer hold: of other labels than they have now, or of before
        their class took in another one. (n,) each"""
        members = np.bincount(self.codes, minlength=len(self.prior))
        others: Mask = scored != labels
        if (members > 1).any():
            others |= np.isin(labels, np.flatnonzero(members > 1))
        return np.flatnonzero(others)

    def differing(self, before: Judge) -> LabelVector:
        """The classes that stood for others before, or stand for others now."""
        moved = self.codes != before.codes
        return np.unique(np.concatenate([self.codes[moved], before.codes[moved]]))


def _in_classes(prior: Probs, codes: LabelVector, n_classes: int) -> Probs:
    """Each label counts for what it is now; a true class for the mean of those it stands for, as
    nobody knows how many images of each there are."""
    of_labels = in_classes(prior, codes, n_classes)
    if of_labels is prior:
        return prior
    members = np.bincount(codes, minlength=n_classes)
    total = in_classes(np.ascontiguousarray(of_labels.T), codes, n_classes).T
    mean: Probs = np.ascontiguousarray(total / np.maximum(members, 1)[:, None], np.float32)
    return mean


def blocks(n: int, n_classes: int) -> Iterator[slice]:
    """Rows of probabilities to handle at a time."""
    size = max(1, _BLOCK_VALUES // max(1, n_classes))
    yield from (slice(start, start + size) for start in range(0, n, size))
