"""Queues: what a model is sure of, rightly or wrongly, what it wavers on, what fits no class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.review.queues import Queue
from models.scoring.uncertainty import narrowness
from models.types import LabelVector, Mask, Probs, Scores

_FENCE = 1.5  # interquartile ranges above the upper quartile: strange (Tukey)


def queues(
    probs: Probs, labels: LabelVector, suspicion: Scores, anomaly: Scores
) -> NDArray[np.uint8]:
    """Sort images into queues that have no image in common.

    A model is *sure* of an image if its most likely class is at least as probable as that class
    is, on average, for the images labelled with it. An image is *strange* if its anomaly lies
    beyond Tukey's fence: more than 1.5 interquartile ranges above the upper quartile of all.
    So every limit moves with the dataset, and a class that is hard to see has a lower one.

    Parameters
    ----------
    probs : float32 (n, k)
        Each row sums to 1; a row of NaN is an image without scores, which is in no queue.
    labels : int32 (n,)
        Current labels; outside [0, k) where there is none that the model knows.
    suspicion, anomaly : float32 (n,)
        NaN where there is none.

    Returns
    -------
    uint8 (n,)
        0 where an image is in none of them, else:
        SURE_AND_WRONG : sure of another class than the label.
        SURE_AND_RIGHT : sure of the label, which is more likely right than wrong.
        UNSURE : not sure, and the two best classes nearer than they are for half the images the
            model is not sure of. Images without a label are among them.
        NO_CLASS_FITS : not sure, and strange.

    Raises
    ------
    ValueError
        If shapes disagree.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), "Confident Learning", JAIR 70, for the limit of a class.
    Tukey (1977), "Exploratory Data Analysis", for the fence.
    """
    n = len(labels)
    if probs.ndim != 2 or any(a.shape != (n,) for a in (labels, probs[:, 0], suspicion, anomaly)):
        raise ValueError("probabilities, labels, suspicion and anomaly are of different images")
    scored: Mask = np.logical_not(np.isnan(probs).any(axis=1))
    known: Mask = scored & (labels >= 0) & (labels < probs.shape[1])
    best = np.full(n, -1, np.int64)
    best[scored] = probs[scored].argmax(axis=1)
    confidence = np.where(scored, probs.max(axis=1), np.nan)
    sure = np.zeros(n, np.bool_)
    sure[scored] = confidence[scored] >= _limits(probs, labels, known)[best[scored]]
    strange: Mask = np.greater(anomaly, _fence(anomaly[scored & ~np.isnan(anomaly)]))
    wavering = scored & ~sure & ~strange
    if wavering.any():
        narrow = narrowness(probs[wavering])
        wavering[wavering] = narrow >= np.median(narrow)
    found = np.zeros(n, np.uint8)
    found[wavering] = Queue.UNSURE
    found[scored & ~sure & strange] = Queue.NO_CLASS_FITS
    found[known & sure & (best != labels)] = Queue.SURE_AND_WRONG
    found[known & sure & (best == labels) & ~(suspicion > 0.5)] = Queue.SURE_AND_RIGHT
    return found


def _limits(probs: Probs, labels: LabelVector, known: Mask) -> NDArray[np.float64]:
    """(k,) mean probability of each class for the images labelled with it."""
    k = probs.shape[1]
    mine = probs[known, labels[known]].astype(np.float64)
    count = np.bincount(labels[known], minlength=k)
    overall = mine.mean() if len(mine) else 1.0  # no label carries it: as for all classes
    sums = np.bincount(labels[known], weights=mine, minlength=k)
    # Summing rounds: where all are equally probable, none may fall below their own mean.
    return np.where(count, sums / np.maximum(count, 1), overall) - 1e-9


def _fence(anomaly: Scores) -> float:
    if not len(anomaly):
        return np.inf
    low, high = np.quantile(anomaly, [0.25, 0.75])
    return float(high + _FENCE * (high - low))
