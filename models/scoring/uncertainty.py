"""Uncertainty: how undecided a model is about an image, whatever its label says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.types import Probs, Scores

_BLOCK_VALUES = 1 << 20  # probabilities handled at a time


def entropy(probs: Probs) -> Scores:
    """Entropy of the predicted classes, as a share of the largest there can be.

    Parameters
    ----------
    probs : float32 (n, k)
        Each row sums to 1.

    Returns
    -------
    float32 (n,)
        In [0, 1]; 1 where all classes are equally likely, higher is less sure. 0 if k = 1.

    Raises
    ------
    ValueError
        If a probability is NaN or outside [0, 1], or there is no class.

    References
    ----------
    Shannon (1948), "A Mathematical Theory of Communication".
    """

    def share(p: Probs) -> NDArray[np.float32]:
        bits = p * np.log(np.maximum(p, np.finfo(np.float32).tiny))
        shares: NDArray[np.float32] = -bits.sum(axis=1) / max(np.log(p.shape[1]), 1e-9)
        return np.clip(shares, 0, 1)

    return _by_blocks(probs, share)


def confidence(probs: Probs) -> Scores:
    """Probability of the most likely class.

    Parameters, errors as `entropy`. Returns float32 (n,) in [1/k, 1]; here low is less sure.
    """
    return _by_blocks(probs, lambda p: p.max(axis=1))


def narrowness(probs: Probs) -> Scores:
    """How close the two most likely classes are: 1 less the margin between them.

    Parameters, errors as `entropy`. Returns float32 (n,) in [0, 1]; 1 is a tie, higher is less
    sure. 0 if k = 1.

    References
    ----------
    Scheffer, Decomain and Wrobel (2001), "Active Hidden Markov Models for Information
    Extraction", for the margin.
    """

    def closeness(p: Probs) -> NDArray[np.float32]:
        if p.shape[1] == 1:
            return np.zeros(len(p), np.float32)
        best = np.partition(p, -2, axis=1)[:, -2:]
        return 1 - (best[:, 1] - best[:, 0])

    return _by_blocks(probs, closeness)


def _by_blocks(probs: Probs, score: Callable[[Probs], NDArray[np.float32]]) -> Scores:
    if probs.ndim != 2 or not probs.shape[1]:
        raise ValueError(f"probabilities are (images, classes), not {probs.shape}")
    scores: Scores = np.empty(len(probs), np.float32)
    size = max(1, _BLOCK_VALUES // probs.shape[1])
    for start in range(0, len(probs), size):
        block = np.asarray(probs[start : start + size], np.float32)
        if not (block.min() >= 0 and block.max() <= 1 + 1e-4):  # NaN fails both
            raise ValueError("a probability is NaN or outside [0, 1]")
        scores[start : start + size] = score(block)
    return scores
