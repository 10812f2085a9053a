"""Uncertainty: how undecided a model is about an image, whatever its label says."""

from __future__ import annotations

import numpy as np

from models.types import Probs, Scores

_BLOCK_VALUES = 1 << 20  # probabilities handled at a time


def narrowness(probs: Probs) -> Scores:
    """How close the two most likely classes are: 1 less the margin between them.

    Parameters
    ----------
    probs : float32 (n, k)
        Each row sums to 1.

    Returns
    -------
    float32 (n,)
        In [0, 1]; 1 is a tie, higher is less sure. 0 if k = 1.

    Raises
    ------
    ValueError
        If a probability is NaN or outside [0, 1], or there is no class.

    References
    ----------
    Scheffer, Decomain and Wrobel (2001), "Active Hidden Markov Models for Information
    Extraction", for the margin.
    """
    if probs.ndim != 2 or not probs.shape[1]:
        raise ValueError(f"probabilities are (images, classes), not {probs.shape}")
    narrow: Scores = np.zeros(len(probs), np.float32)
    size = max(1, _BLOCK_VALUES // probs.shape[1])
    for start in range(0, len(probs), size):
        block = np.asarray(probs[start : start + size], np.float32)
        if not (block.min() >= 0 and block.max() <= 1 + 1e-4):  # NaN fails both
            raise ValueError("a probability is NaN or outside [0, 1]")
        if block.shape[1] > 1:
            best = np.partition(block, -2, axis=1)[:, -2:]
            narrow[start : start + size] = 1 - (best[:, 1] - best[:, 0])
    return narrow
