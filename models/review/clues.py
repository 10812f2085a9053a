"""What the probabilities say of each label, as the features verdicts are learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.review.rescore import log_odds
from models.review.standing import Judge, blocks
from models.types import UNLABELLED, LabelVector, Probs, Scores

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


def clues(judge: Judge, labels: LabelVector) -> dict[str, Scores]:
    """What the probabilities say of each label, for `models.review.learning.learn`.

    Parameters
    ----------
    judge : Judge
        Of n images.
    labels : int32 (n,)
        Labels in the classes as they stand.

    Returns
    -------
    dict of float32 (n,)
        log_odds (the suspicion: the unlearned order), loss,
        root_loss, log_ratio and margin (of the best other class and the label), entropy,
        confidence. NaN where an image or its label has no scores.
    """
    found = {name: np.full(len(labels), np.nan, np.float32) for name in WORDS}
    for rows in blocks(len(labels), len(judge.prior)):
        probs, own = judge.says(rows), judge.learnable(labels[rows])
        known = np.flatnonzero((own != UNLABELLED) & ~np.isnan(probs).any(axis=1))
        for name, values in _clues(probs[known], judge.prior, own[known]).items():
            found[name][known + rows.start] = values
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
