"""Label noise: which labels are wrong, and how classes are mistaken for one another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.rescore import SCORES, judged
from models.types import LabelVector, Mask, Probs, SampleIds, Scores

_ROUNDS = 3
_SHARPENING = 2  # a power
_SMALLEST = 1e-6  # probabilities below are noise of the net
_SUREST, _FEWEST_SURE = 0.25, 25  # of the images taken for a class: a share, and a number
_SUREST_UNLEARNT = 0.5  # of few images
_BY_HEART, _CLEARLY = 0.75, 3.0  # share of the mistakes that are still seen; standard errors
_LEAST = 0.03  # where mistakes follow looks, classes that look alike still tell a little
_FOLLOWS = (0.4, 0.7)  # share of the mistakes among the surest: none, all follow the classes
_POOLED_IMAGES = 10.0  # what the classes have in common counts as this many images of each
_BLOCK_VALUES = 1 << 15  # probabilities handled at a time: they stay in the processor's cache


@dataclass(frozen=True)
class LabelNoise:
    """How labels go astray.

    Attributes
    ----------
    transition : float32 (k, k)
        How often each true class (row) is given each label (column); rows sum to 1, no value
        is 0.
    by_class : float
        In [0, 1]: how far the labels' mistakes follow the classes. At 1 an image that is easily
        told is mislabelled as often as any other of its class; at 0 only those are that look like
        another class, so that the class says nothing about an image beyond its looks.
    """

    transition: Probs
    by_class: float

    @property
    def prior(self) -> Probs:
        """(k, k) likelihood of each label (column) by each true class (row), as far as it counts
        when a single label is judged. Rows do not sum to 1."""
        prior: Probs = self.transition ** np.float32(max(self.by_class, _LEAST))
        return prior

    @property
    def expected(self) -> Probs | None:
        """(k, k) the transition a net may rely on while it learns; None where there is none."""
        if not self.by_class:
            return None
        mixed = self.by_class * self.transition
        mixed[np.diag_indices_from(mixed)] += 1 - self.by_class
        return mixed.astype(np.float32)


def label_noise(probs: Probs, labels: LabelVector, unlearnt: Mask | None = None) -> LabelNoise:
    """Estimate how often each true class is given each label, and how far that explains mistakes.

    Parameters
    ----------
    probs : float32 (n, k)
        Time-averaged or out-of-sample probabilities; each row sums to 1.
    labels : int32 (n,)
        Given labels, in [0, k).
    unlearnt : bool (n,), optional
        Images whose labels the model never learnt. They alone count where it clearly knows too
        many wrong labels of the others by heart.

    Raises
    ------
    ValueError
        If shapes disagree, a probability is NaN, a label is out of range, or k < 2.

    Notes
    -----
    Three rounds of expectation maximisation on squared probabilities of the images the model is
    surest of, a quarter of each class: there another label is a mistake of the label; elsewhere
    it is as often one of the model. Each row is drawn towards what all classes have in common,
    which decides for classes of a few images: no row weighs more than the images that carry its
    label, for what a model wrongly sees of a rare class in a large dataset would outweigh them.

    If mistakes follow the classes, the model disagrees with as many labels among these surest
    images as among all. Measured shares of the one in the other: .74 where labels were moved at
    random, .81 from class to class, .38 for images that a weak net took for another class.

    If a label is wrong for three images of ten, the net is as sure of all images that are easily
    told, and the little it learnt by heart decides which of them it is surest of: those that are
    labelled right. Of Fashion-MNIST with five pairs of classes exchanged in 30% it disagreed with
    .18 among the surest, and with .30 among the surest that it had not learnt from; the transition,
    the nets fitted to it, and all that was found went astray (average precision .97, then .72).
    With other noise the two were within .8 of each other.
    """
    check_aligned(probs, labels)
    predicted, confidence = _predictions(probs)
    disagrees = predicted != labels
    surest_of = _SUREST
    if unlearnt is not None and _is_by_heart(disagrees, predicted, confidence, unlearnt):
        probs, labels, surest_of = probs[unlearnt], labels[unlearnt], _SUREST_UNLEARNT
        predicted, confidence = predicted[unlearnt], confidence[unlearnt]
        disagrees = disagrees[unlearnt]
    overall = disagrees.mean() if len(labels) else 0.0
    share = disagrees[_surest(predicted, confidence)].mean() / overall if overall else 0.0
    low, high = _FOLLOWS
    by_class = float(np.clip((share - low) / (high - low), 0, 1))
    enough = _surest(predicted, confidence, surest_of, at_least=_FEWEST_SURE)
    return LabelNoise(_transition(probs, labels, enough), by_class)


def label_scores(
    probs: Probs, labels: LabelVector, prior: Probs
) -> tuple[dict[str, Scores], LabelVector]:
    """Scores and suggestions of `models.review.rescore` for any number of images.

    Parameters
    ----------
    probs : float32 (n, k)
        Each row sums to 1, or is NaN where an image has no scores.
    labels : int32 (n,)
        Current labels; -1 where there is none.
    prior : float32 (k, k)
        From `LabelNoise`.

    Returns
    -------
    scores : dict of float32 (n,)
        suspicion, loss, margin, confidence.
    suggested : int32 (n,)
        The class that fits best, -1 where there are no scores.
    """
    scores = {name: np.empty(len(probs), np.float32) for name in SCORES}
    suggested = np.empty(len(probs), np.int32)
    prior = np.asfortranarray(prior)  # its columns are what is read
    for rows in _blocks(*probs.shape):
        found, suggested[rows] = judged(probs[rows], prior, labels[rows])
        for name, values in found.items():
            scores[name][rows] = values
    return scores, suggested


def check_aligned(probs: Probs, labels: LabelVector) -> None:
    """Raise ValueError unless these are probabilities and labels of the same images."""
    if probs.ndim != 2 or labels.shape != probs.shape[:1]:
        raise ValueError(f"probabilities {probs.shape} and labels {labels.shape} disagree")
    if probs.shape[1] < 2:
        raise ValueError("a label can only be wrong if there are two classes")
    if len(probs) and np.isnan(probs.min()):
        raise ValueError("a probability is NaN")
    if len(labels) and not 0 <= labels.min() <= labels.max() < probs.shape[1]:
        raise ValueError("a label is outside the classes")


def _predictions(probs: Probs) -> tuple[NDArray[np.unsignedinteger], Scores]:
    """The class each image is taken for, and its probability."""
    predicted = np.empty(len(probs), np.min_scalar_type(probs.shape[1]))
    confidence = np.empty(len(probs), np.float32)
    for rows in _blocks(*probs.shape):
        best = probs[rows].argmax(axis=1)
        predicted[rows] = best
        confidence[rows] = probs[rows][np.arange(len(best)), best]
    return predicted, confidence


def _is_by_heart(
    disagrees: Mask,
    predicted: NDArray[np.unsignedinteger],
    confidence: Scores,
    unlearnt: Mask,
) -> bool:
    """Whether clearly fewer labels are contradicted among the surest than among the surest that
    the model did not learn from."""
    met = disagrees[_surest(predicted, confidence)]
    unmet = disagrees[unlearnt][_surest(predicted[unlearnt], confidence[unlearnt])]
    if not len(met) or not len(unmet):
        return False
    of_met, of_unmet = float(met.mean()), float(unmet.mean())
    error = math.sqrt(of_unmet * (1 - of_unmet) / len(unmet))
    return of_met < _BY_HEART * of_unmet and of_unmet - of_met > _CLEARLY * error


def _surest(
    predicted: NDArray[np.unsignedinteger],
    confidence: Scores,
    share: float = _SUREST,
    at_least: int = 1,
) -> SampleIds:
    """The images of each predicted class that the model is surest of: a share, or so many."""
    surest = [np.empty(0, np.int64)]
    for predicted_class in np.unique(predicted):
        ids = np.flatnonzero(predicted == predicted_class)
        wanted = max(at_least, math.ceil(share * len(ids)))
        surest.append(ids[np.argsort(-confidence[ids], kind="stable")[:wanted]])
    return np.concatenate(surest)


def _transition(probs: Probs, labels: LabelVector, images: SampleIds) -> Probs:
    n_classes = probs.shape[1]
    given = np.bincount(labels[images], minlength=n_classes)
    # Small integers are sorted by radix, in a tenth of the time.
    by_label = images[
        np.argsort(labels[images].astype(np.min_scalar_type(n_classes)), kind="stable")
    ]
    of_label = np.split(by_label, given.cumsum()[:-1])
    transition = np.full((n_classes, n_classes), 1 / n_classes)
    for _ in range(_ROUNDS):
        counts = _counts(probs, of_label, transition)
        transition = _limited(counts, given) + 1 / n_classes + _POOLED_IMAGES * _pooled(counts)
        transition /= transition.sum(axis=1, keepdims=True)
    return transition.astype(np.float32)


def _counts(
    probs: Probs, of_label: list[SampleIds], transition: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(k, k) expected images of each true class (row) and label (column).

    Images of one label share a column of the transition, so two products of a matrix with a vector
    are all it takes: one for what each row has to be divided by, one to add the rows up.
    """
    counts = np.zeros_like(transition)
    for label, ids in enumerate(of_label):
        prior = np.ascontiguousarray(transition[:, label])
        for rows in _blocks(len(ids), len(transition)):
            weights = np.maximum(probs.take(ids[rows], axis=0), _SMALLEST).astype(np.float64)
            weights **= _SHARPENING
            counts[:, label] += prior * ((1 / (weights @ prior)) @ weights)
    return counts


def _limited(counts: NDArray[np.float64], given: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.maximum(counts.sum(axis=1), 1e-9)
    limited: NDArray[np.float64] = counts * np.minimum(1, given / total)[:, None]
    return limited


def _pooled(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The transition of all classes together: right with one probability, else any other."""
    n_classes, total = len(counts), max(counts.sum(), 1e-9)
    right = np.trace(counts) / total
    pooled = np.full_like(counts, (1 - right) / (n_classes - 1))
    np.fill_diagonal(pooled, right)
    return pooled


def _blocks(n: int, n_classes: int) -> Iterator[slice]:
    size = max(1, _BLOCK_VALUES // n_classes)
    yield from (slice(start, start + size) for start in range(0, n, size))
