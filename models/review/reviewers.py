"""Several people's verdicts on one image: what they say together, where to ask one more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector, Mask, Probs, SampleIds

_ROUNDS = 5
_EXPECTED_RIGHT = 0.95  # of a reviewer's verdicts, before there are any
_PRIOR_VERDICTS = 40.0  # what is expected weighs as much as this many verdicts
_POOLED_VERDICTS = 20.0  # what the classes have in common, in each class
_SURE = 0.9
_ENOUGH_OPINIONS = 3


@dataclass(frozen=True)
class Agreement:
    """What all verdicts together say of each image."""

    posterior: Probs  # (m, k) rows sum to 1
    confusion: Probs  # (k, k) row: true class, column: class a reviewer names; rows sum to 1
    opinions: NDArray[np.int64]  # (m,) verdicts on each image


def combine(beliefs: Probs, images: SampleIds, verdicts: LabelVector) -> Agreement:
    """Combine the verdicts of any number of reviewers with what was believed before.

    Parameters
    ----------
    beliefs : float32 (m, k)
        Probability of each class being the true one before any verdict; rows sum to 1. A row of
        NaN knows nothing.
    images : int64 (v,)
        For each verdict the row of its image in `beliefs`. Who gave it is not asked for: one
        matrix for all reviewers served better than one each, even at 200 verdicts a person.
    verdicts : int32 (v,)
        The class each verdict names, in [0, k).

    Returns
    -------
    Agreement
        An image without verdicts keeps its belief.

    Raises
    ------
    ValueError
        If shapes disagree or a verdict is outside the rows or classes.

    References
    ----------
    Dawid and Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM
    algorithm", with one confusion matrix and a strong prior; Goh, Tkachenko and Mueller (2022),
    "CROWDLAB", for joining reviewers and classifier.
    """
    _check(beliefs, images, verdicts)
    n_classes = beliefs.shape[1]
    known = np.where(np.isnan(beliefs), 1 / n_classes, beliefs).astype(np.float64)
    log_prior = np.log(np.maximum(known, np.finfo(np.float32).tiny))
    counts = np.zeros((n_classes, n_classes))
    for _ in range(_ROUNDS):
        confusion = _confusion(counts)
        posterior = _posterior(log_prior, np.log(confusion), images, verdicts)
        counts = np.zeros_like(counts)
        np.add.at(counts.T, verdicts, posterior[images])
    return Agreement(
        posterior.astype(np.float32),
        confusion.astype(np.float32),
        np.bincount(images, minlength=len(beliefs)),
    )


def second_opinions(agreement: Agreement, sure: float = _SURE) -> SampleIds:
    """Rows of looked-at images whose class is still unsure, the least sure first.

    An image is asked for while its best class has a posterior below `sure` and it has fewer than
    three verdicts: what three people cannot settle is for a discussion.
    """
    best = agreement.posterior.max(axis=1)
    open_: Mask = (agreement.opinions > 0) & (agreement.opinions < _ENOUGH_OPINIONS)
    rows = np.flatnonzero(open_ & (best < sure))
    return rows[np.argsort(best[rows], kind="stable")]


def _posterior(
    log_prior: NDArray[np.float64],
    log_confusion: NDArray[np.float64],
    images: SampleIds,
    verdicts: LabelVector,
) -> NDArray[np.float64]:
    logits = log_prior.copy()
    np.add.at(logits, images, log_confusion.T[verdicts])
    logits -= logits.max(axis=1, keepdims=True)
    posterior: NDArray[np.float64] = np.exp(logits)
    posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def _confusion(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows drawn towards what all classes have in common, that towards what is expected."""
    n_classes = len(counts)
    right = (np.trace(counts) + _PRIOR_VERDICTS * _EXPECTED_RIGHT) / (
        counts.sum() + _PRIOR_VERDICTS
    )
    pooled = np.full_like(counts, (1 - right) / (n_classes - 1))
    np.fill_diagonal(pooled, right)
    confusion: NDArray[np.float64] = counts + _POOLED_VERDICTS * pooled
    confusion /= confusion.sum(axis=1, keepdims=True)
    return confusion


def _check(beliefs: Probs, images: SampleIds, verdicts: LabelVector) -> None:
    if beliefs.ndim != 2 or beliefs.shape[1] < 2:
        raise ValueError(f"beliefs {beliefs.shape} are not of images in two classes or more")
    if images.shape != verdicts.shape or images.ndim != 1:
        raise ValueError(f"images {images.shape} and verdicts {verdicts.shape} disagree")
    if len(images) and not 0 <= images.min() <= images.max() < len(beliefs):
        raise ValueError("a verdict is on an image that is not there")
    if len(verdicts) and not 0 <= verdicts.min() <= verdicts.max() < beliefs.shape[1]:
        raise ValueError("a verdict names a class that is not there")
