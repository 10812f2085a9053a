"""Scores of labels from stored probabilities: for one image the moment its label changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types import UNLABELLED, LabelVector, Probs, SampleIds, Scores

SCORES = ("suspicion", "loss", "margin", "confidence")

_ROWS_AT_A_TIME = 65_536
_SMALLEST = 1e-6  # probabilities below are noise of the net
_SQUEEZED_FROM = 0.99  # suspicions above share the last hundredth by their log-odds
_SQUEEZE_SCALE = 10.0


def rescore(probabilities: Probs, prior: Probs, labels: LabelVector) -> dict[str, Scores]:
    """Score labels against the probabilities of their images.

    Parameters
    ----------
    probabilities : float32 (m, k)
        Rows sum to 1; a row of NaN is an image without scores.
    prior : float32 (k, k)
        Likelihood of each label (column) by each true class (row); all the same where it is
        not known. As stored with a run.
    labels : int32 (m,)
        A label outside [0, k), a class the model has not met, is not scored.

    Returns
    -------
    dict of float32 (m,)
        suspicion : in [0, 1], higher is more suspect, above 0.5 another class is more likely:
            the margin, of the roots of what image, label and noise together say of each class,
            on a scale where it is the probability that the label is wrong if there are but two.
            Roots see how improbable a label is, as its loss does, and still how sure the model
            is of another, as the margin does; which of the two finds more depends on the noise.
            Above 0.99 the last hundredth is shared out by log-odds, because float32 would make
            ties of the most suspect.
        loss : -log p(label), at least 0.
        confidence : max p, in [0, 1]; the one score of which low is suspect.
        margin : in [0, 1], 0.5 is a tie between the label and the best other class, higher is
            more suspect.
        NaN where there is nothing to score.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), "Confident Learning", JAIR 70, for the margin.
    """
    return judged(probabilities, prior, labels)[0]


def judged(
    probabilities: Probs, prior: Probs, labels: LabelVector
) -> tuple[dict[str, Scores], LabelVector]:
    """What `rescore` says, and in the same pass the most likely true class of each image, given
    its label too.

    Parameters are those of `rescore`. The second of what it returns is int32 (m,): the label
    itself where the model agrees, the most probable class where there is no label, -1 where there
    are no scores.
    """
    if not probabilities.shape[1]:  # nothing had a label when it was trained
        nothing = np.full(len(labels), np.nan, np.float32)
        unknown = np.full(len(labels), UNLABELLED, np.int32)
        return {name: nothing.copy() for name in SCORES}, unknown
    best = probabilities.argmax(axis=1)
    confidence: Scores = probabilities[np.arange(len(best)), best]  # NaN if one of its row is
    suggested: LabelVector = np.where(np.isnan(confidence), -1, best).astype(np.int32)
    in_range = (labels >= 0) & (labels < probabilities.shape[1])
    known = np.flatnonzero(in_range & (suggested >= 0))
    own, every = labels[known], np.arange(len(known))
    others = probabilities[known]
    mine = others[every, own].astype(np.float64)
    others[every, own] = -np.inf  # the given class is not its own rival
    rival = np.maximum(others[every, others.argmax(axis=1)], 0)
    right = np.sqrt(np.maximum(mine, _SMALLEST) * np.diagonal(prior)[own].astype(np.float64))
    weights = np.maximum(others, _SMALLEST)
    weights *= prior.T[own]
    np.sqrt(weights, out=weights)
    weights[every, own] = 0
    likeliest = weights.argmax(axis=1)
    wrong = weights[every, likeliest].astype(np.float64)
    suggested[known] = np.where(wrong > right, likeliest, own)
    # einsum adds up short rows three times as fast as sum(axis=1)
    neither = np.maximum(np.einsum("ij->i", weights).astype(np.float64) - wrong, 0)
    odds = (wrong + neither / 2) / (right + neither / 2)
    scores = {
        "suspicion": chance_of(np.log1p(odds**2)),
        "loss": -np.log(np.maximum(mine, np.finfo(np.float32).tiny)),
        "margin": (1 - (mine - rival)) / 2,
    }
    spread = {name: _spread(values, known, len(labels)) for name, values in scores.items()}
    return {**spread, "confidence": confidence}, suggested


def most_likely(probabilities: Probs) -> LabelVector:
    """Class of the highest probability, (n,); UNLABELLED where an image has none."""
    predicted: LabelVector = np.full(len(probabilities), UNLABELLED, np.int32)
    if not probabilities.shape[1]:
        return predicted
    for start in range(0, len(probabilities), _ROWS_AT_A_TIME):
        rows = probabilities[start : start + _ROWS_AT_A_TIME]
        known = np.flatnonzero(np.isfinite(rows[:, 0]))
        predicted[start + known] = rows[known].argmax(axis=1)
    return predicted


def log_odds(probabilities: Probs, prior: Probs, labels: LabelVector) -> NDArray[np.float64]:
    """(m,) the suspicion of labels in [0, k) as log-odds, in full precision."""
    weights = np.maximum(probabilities, _SMALLEST).astype(np.float64)
    weights = np.sqrt(weights * prior.T[labels])
    every = np.arange(len(labels))
    right = weights[every, labels]
    weights[every, labels] = 0
    wrong = weights.max(axis=1, initial=0.0)
    neither = np.maximum(weights.sum(axis=1) - wrong, 0)
    odds = (wrong + neither / 2) / (right + neither / 2)
    surely: NDArray[np.float64] = 2 * np.log(np.maximum(odds, np.finfo(np.float32).tiny))
    return surely  # all classes may have been merged into one


def chance_of(surprise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map -log P(label is right) to [0, 1], strictly rising even after rounding to float32."""
    knee = -np.log(1 - _SQUEEZED_FROM)
    beyond = np.maximum(surprise - knee, 0)
    squeezed = _SQUEEZED_FROM + (1 - _SQUEEZED_FROM) * beyond / (beyond + _SQUEEZE_SCALE)
    return np.where(surprise < knee, -np.expm1(-surprise), squeezed)


def _spread(values: NDArray[np.float64], known: SampleIds, n: int) -> Scores:
    spread: Scores = np.full(n, np.nan, np.float32)
    spread[known] = values
    return spread
