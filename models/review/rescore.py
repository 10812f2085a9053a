"""Scores of labels from stored probabilities: for one image the moment its label changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector, Mask, Probs, Scores

_SMALLEST = 1e-6  # probabilities below are noise of the net
_SHARPENING = 2.0
_SQUEEZED_FROM = 0.99  # suspicions above share the last hundredth by their log-odds
_SQUEEZE_SCALE = 10.0


def rescore(probabilities: Probs, transition: Probs, labels: LabelVector) -> dict[str, Scores]:
    """Score labels against the probabilities of their images.

    Parameters
    ----------
    probabilities : float32 (m, k)
        Rows sum to 1; a row of NaN is an image without scores.
    transition : float32 (k, k)
        Row: true class, column: given class; rows sum to 1. As stored with a run.
    labels : int32 (m,)
        A label outside [0, k), a class the model has not met, is not scored.

    Returns
    -------
    dict of float32 (m,)
        suspicion : in [0, 1], higher is more suspect: probability that the label is wrong.
            Above 0.99 the last hundredth is shared out by log-odds, because float32 would
            make ties of the most suspect. Where `margin_serves` it equals margin.
        loss : -log p(label), at least 0.
        confidence : max p, in [0, 1]; the one score of which low is suspect.
        margin : in [0, 1], 0.5 is a tie between the label and the best other class, higher is
            more suspect.
        NaN where there is nothing to score.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), "Confident Learning", JAIR 70, for the margin.
    """
    known, own = _scored(probabilities, labels)
    p = probabilities[known].astype(np.float64)
    every = np.arange(len(p))
    mine = p[every, own]
    rivals = p.copy()
    rivals[every, own] = -np.inf  # the given class is not its own rival
    margin = (1 - (mine - rivals.max(axis=1, initial=0.0))) / 2
    if margin_serves(transition):
        suspicion = margin
    else:
        logits = _posterior_logits(p, transition, own)
        odds = np.exp(logits - logits[every, own][:, None])
        odds[every, own] = 0
        suspicion = _shown(np.log1p(odds.sum(axis=1)))
    scores = {
        "suspicion": suspicion,
        "loss": -np.log(np.maximum(mine, np.finfo(np.float32).tiny)),
        "margin": margin,
    }
    return {
        **{name: _spread(values, known) for name, values in scores.items()},
        "confidence": probabilities.max(axis=1).astype(np.float32),
    }


def suggest(probabilities: Probs, transition: Probs, labels: LabelVector) -> LabelVector:
    """The most likely true class of each image, given its label too.

    Parameters are those of `rescore`. Returns int32 (m,): the label itself where the model
    agrees, the most probable class where there is no label, -1 where there are no scores.
    """
    predicted: LabelVector = np.nan_to_num(probabilities, nan=-1.0).argmax(axis=1).astype(np.int32)
    predicted[np.isnan(probabilities).any(axis=1)] = -1
    if not margin_serves(transition):
        known, own = _scored(probabilities, labels)
        logits = _posterior_logits(probabilities[known].astype(np.float64), transition, own)
        predicted[known] = logits.argmax(axis=1)
    return predicted


def margin_serves(transition: Probs) -> bool:
    """Whether labels are too noisy to learn the noise from them: some class is named wrongly
    more often than not, so the margin is the better order."""
    return bool((np.diagonal(transition) < 0.5).any())


def posterior(
    probabilities: Probs, transition: NDArray[np.float64], labels: LabelVector
) -> NDArray[np.float64]:
    """(m, k) probability of each class being the true one, given image, label and noise."""
    logits = _posterior_logits(probabilities.astype(np.float64), transition, labels)
    logits -= logits.max(axis=1, keepdims=True)
    weights: NDArray[np.float64] = np.exp(logits)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def _posterior_logits(
    p: NDArray[np.float64], transition: NDArray[np.floating], labels: LabelVector
) -> NDArray[np.float64]:
    prior = np.log(np.maximum(transition, np.finfo(np.float32).tiny))
    logits: NDArray[np.float64] = _SHARPENING * np.log(np.maximum(p, _SMALLEST))
    logits += prior.T[labels]
    return logits


def _shown(surprise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map -log P(label is right) to [0, 1], strictly rising even after rounding to float32."""
    knee = -np.log(1 - _SQUEEZED_FROM)
    beyond = np.maximum(surprise - knee, 0)
    squeezed = _SQUEEZED_FROM + (1 - _SQUEEZED_FROM) * beyond / (beyond + _SQUEEZE_SCALE)
    return np.where(surprise < knee, -np.expm1(-surprise), squeezed)


def _scored(probabilities: Probs, labels: LabelVector) -> tuple[Mask, LabelVector]:
    in_range = (labels >= 0) & (labels < probabilities.shape[1])
    known: Mask = in_range & ~np.isnan(probabilities).any(axis=1)
    return known, labels[known]


def _spread(values: NDArray[np.float64], known: Mask) -> Scores:
    spread: Scores = np.full(len(known), np.nan, np.float32)
    spread[known] = values
    return spread
