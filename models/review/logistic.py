"""Logistic regression on a few hundred rows: weighted, each weight shrunk by its own amount."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 12
_LONGEST_STEP = 5.0  # rows that can be told apart perfectly would send a full step far away

Floats = NDArray[np.float64]


def fit_logistic(rows: Floats, truth: Floats, weights: Floats, pull: Floats) -> Floats:
    """Fit by Newton's method, its steps kept short.

    Parameters
    ----------
    rows : float64 (n, d)
        Features, an intercept among them if one is wanted.
    truth : float64 (n,)
        0 or 1.
    weights : float64 (n,)
        How much each row counts.
    pull : float64 (d,)
        Strength of the pull of each coefficient to 0 (ridge); all above 0.

    Returns
    -------
    float64 (d,)
        Coefficients of the log-odds of 1.
    """
    fit = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = _sigmoid(rows @ fit)
        slope = rows.T @ (weights * (chance - truth)) + pull * fit
        step = np.linalg.solve(_curvature(rows, weights, chance) + np.diag(pull), slope)
        longest = np.abs(step).max()
        fit -= step * min(1.0, _LONGEST_STEP / max(longest, 1e-12))
        if longest < 1e-6:
            break
    return fit


def log_loss(log_odds: Floats, truth: Floats) -> Floats:
    """-log of the probability given to what was true, row by row."""
    loss: Floats = np.logaddexp(0, (1 - 2 * truth) * log_odds)
    return loss


def _curvature(rows: Floats, weights: Floats, chance: Floats) -> Floats:
    bent = np.maximum(weights * chance * (1 - chance), 1e-9)
    curvature: Floats = (rows * bent[:, None]).T @ rows
    return curvature


def _sigmoid(log_odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return chance
