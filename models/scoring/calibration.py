"""Calibration: puts probabilities of different origin on one scale before they share a ranking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.scoring.label_noise import check_aligned
from models.types import LabelVector, Probs

FEWEST = 50  # labels below which a temperature would be chance
_AT_MOST = 20_000  # images that decide it
_POWERS = np.geomspace(0.25, 4.0, 33)
_SMALLEST = 1e-12


def best_power(probs: Probs, labels: LabelVector) -> float:
    """The power of the probabilities under which the labels are most likely.

    Parameters
    ----------
    probs : float32 (n, k)
        Each row sums to 1.
    labels : int32 (n,)
        Labels in [0, k).

    Returns
    -------
    float
        1 / temperature, in [0.25, 4]; 1 where there are fewer than 50 labels.

    Raises
    ------
    ValueError
        As `check_aligned`.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks".
    """
    check_aligned(probs, labels)
    if len(labels) < FEWEST:
        return 1.0
    every = np.linspace(0, len(labels) - 1, min(len(labels), _AT_MOST)).astype(np.int64)
    logs = np.log(np.maximum(probs[every], _SMALLEST)).astype(np.float64)
    mine = logs[np.arange(len(every)), labels[every]]

    def surprise(power: float) -> float:
        scaled = power * logs
        top = scaled.max(axis=1)
        total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        return float(np.mean(total - power * mine))

    return float(min(_POWERS, key=surprise))


def to_power(probs: Probs, power: float) -> Probs:
    """Probabilities raised to a power and normalised again, float32 (n, k)."""
    if power == 1.0:
        return probs
    raised: NDArray[np.float32] = np.maximum(probs, np.float32(_SMALLEST))
    raised /= raised.max(axis=1, keepdims=True)  # or all of many classes would come to nothing
    raised **= np.float32(power)
    raised /= raised.sum(axis=1, keepdims=True)
    return raised
