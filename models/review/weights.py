"""What an image of each class counts for in training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLASS_WEIGHTS = ("none", "balanced")  # every image counts for the same, or every class


def balanced_weights(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """What an image of each class counts for, so that every class counts for the same.

    Parameters
    ----------
    counts : int64 (k,)
        Images of each class that are trained on.

    Returns
    -------
    float32 (k,)
        n / (classes * images of this one), 1 on average over the images; 1 for an empty class.
    """
    filled = counts > 0
    weights = np.ones(len(counts), np.float32)
    weights[filled] = counts.sum() / (filled.sum() * counts[filled])
    return weights
