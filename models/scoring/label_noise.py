"""Label noise: which labels are wrong, and how classes are mistaken for one another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.review.rescore import posterior, rescore, suggest
from models.types import LabelVector, Probs, Scores

_ROUNDS = 3
_POOLED_IMAGES = 10.0  # what the classes have in common counts as this many images of each
_BLOCK_VALUES = 1 << 21  # probabilities handled at a time


def noise_transition(probs: Probs, labels: LabelVector) -> Probs:
    """Estimate how often each true class is given each label.

    Parameters
    ----------
    probs : float32 (n, k)
        Time-averaged or out-of-sample probabilities; each row sums to 1.
    labels : int32 (n,)
        Given labels, in [0, k).

    Returns
    -------
    float32 (k, k)
        Row: true class, column: given label; rows sum to 1, no value is 0.

    Raises
    ------
    ValueError
        If shapes disagree, a probability is NaN, a label is out of range, or k < 2.

    Notes
    -----
    Three rounds of expectation maximisation on squared probabilities. Each row is drawn
    towards what all classes have in common, which decides for classes of a few images: no row
    weighs more than the images that carry its label, for what a model wrongly sees of a rare class
    in a large dataset would outweigh them.
    """
    check_aligned(probs, labels)
    n_classes = probs.shape[1]
    given = np.bincount(labels, minlength=n_classes)
    transition = np.full((n_classes, n_classes), 1 / n_classes)
    for _ in range(_ROUNDS):
        counts = np.zeros_like(transition)
        for rows in _blocks(probs):
            _add_by_label(counts, posterior(probs[rows], transition, labels[rows]), labels[rows])
        transition = _limited(counts, given) + 1 / n_classes + _POOLED_IMAGES * _pooled(counts)
        transition /= transition.sum(axis=1, keepdims=True)
    return transition.astype(np.float32)


def label_scores(
    probs: Probs, labels: LabelVector, transition: Probs
) -> tuple[dict[str, Scores], LabelVector]:
    """Scores and suggestions of `models.review.rescore` for any number of images.

    Parameters
    ----------
    probs : float32 (n, k)
        Each row sums to 1, or is NaN where an image has no scores.
    labels : int32 (n,)
        Current labels; -1 where there is none.
    transition : float32 (k, k)
        From `noise_transition`.

    Returns
    -------
    scores : dict of float32 (n,)
        suspicion, loss, margin, confidence.
    suggested : int32 (n,)
        The class that fits best, -1 where there are no scores.
    """
    parts, suggested = [], np.empty(len(probs), np.int32)
    for rows in _blocks(probs):
        parts.append(rescore(probs[rows], transition, labels[rows]))
        suggested[rows] = suggest(probs[rows], transition, labels[rows])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, suggested


def check_aligned(probs: Probs, labels: LabelVector) -> None:
    """Raise ValueError unless these are probabilities and labels of the same images."""
    if probs.ndim != 2 or labels.shape != probs.shape[:1]:
        raise ValueError(f"probabilities {probs.shape} and labels {labels.shape} disagree")
    if probs.shape[1] < 2:
        raise ValueError("a label can only be wrong if there are two classes")
    if np.isnan(probs).any():
        raise ValueError("a probability is NaN")
    if len(labels) and not 0 <= labels.min() <= labels.max() < probs.shape[1]:
        raise ValueError("a label is outside the classes")


def _add_by_label(
    counts: NDArray[np.float64], weights: NDArray[np.float64], labels: LabelVector
) -> None:
    order = np.argsort(labels, kind="stable")
    present, starts = np.unique(labels[order], return_index=True)
    counts[:, present] += np.add.reduceat(weights[order], starts, axis=0).T


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


def _blocks(probs: Probs) -> Iterator[slice]:
    size = max(1, _BLOCK_VALUES // probs.shape[1])
    yield from (slice(start, start + size) for start in range(0, max(len(probs), 1), size))
