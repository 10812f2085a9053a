"""What the probabilities say of each label, as the features verdicts are learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.review.rescore import log_odds
from models.types import LabelVector, Probs, Scores

_BLOCK_VALUES = 1 << 16  # probabilities handled at a time: they stay in the processor's cache
_SMALLEST = 1e-6  # probabilities below are noise of the net

WORDS = {
    "log_odds": "how well another class fits",
    "loss": "how unlikely the model finds the label",
    "root_loss": "any doubt about the label",
    "log_ratio": "how many times likelier another class is",
    "margin": "how far another class is ahead",
    "entropy": "how undecided the model is",
    "confidence": "how sure the model is",
}


def clues(probs: Probs, prior: Probs, labels: LabelVector) -> dict[str, Scores]:
    """What the probabilities say of each label, for `models.review.learning.learn`.

    Parameters
    ----------
    probs : float32 (n, k)
        Rows sum to 1; a row of NaN is an image without scores.
    prior : float32 (k, k)
        From `models.scoring.label_noise.LabelNoise`.
    labels : int32 (n,)
        Current labels; one outside [0, k) has no scores.

    Returns
    -------
    dict of float32 (n,)
        log_odds (the suspicion: the unlearned order), loss,
        root_loss, log_ratio and margin (of the best other class and the label), entropy,
        confidence. NaN where there are no scores.
    """
    found = {name: np.full(len(labels), np.nan, np.float32) for name in WORDS}
    size = max(1, _BLOCK_VALUES // probs.shape[1])
    for start in range(0, len(labels), size):
        rows = slice(start, start + size)
        known = (labels[rows] >= 0) & (labels[rows] < probs.shape[1])
        known &= ~np.isnan(probs[rows]).any(axis=1)
        ids = np.flatnonzero(known) + start
        for name, values in _clues(probs[ids], prior, labels[ids]).items():
            found[name][ids] = values
    return found


def _clues(probs: Probs, prior: Probs, labels: LabelVector) -> dict[str, NDArray[np.float64]]:
    every = np.arange(len(labels))
    p = np.maximum(probs.astype(np.float64), _SMALLEST)
    own = p[every, labels]
    rivals = p.copy()
    rivals[every, labels] = 0
    best = rivals.max(axis=1, initial=0.0)
    loss = -np.log(own)
    return {
        "log_odds": log_odds(probs, prior, labels),
        "loss": loss,
        "root_loss": np.sqrt(np.maximum(loss, 0)),
        "log_ratio": np.log(best / own),
        "margin": (1 + best - own) / 2,
        "entropy": -(p * np.log(p)).sum(axis=1),
        "confidence": p.max(axis=1, initial=0.0),
    }
