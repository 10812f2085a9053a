"""Fusion of scores whose scales have nothing in common, by their ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.types import Scores


def fused(scores: Sequence[Scores]) -> Scores:
    """One score from several: an image stands out if it is extreme in some of them.

    Each score is replaced by the surprise of it: minus the logarithm of the share of images above
    it, equals sharing theirs; the mean of these is taken. A rank of 1 in 1,000 thus counts as much
    as two of 32 in 1,000, where the mean of the ranks would hardly notice it.

    Parameters
    ----------
    scores : float32 (n,) each
        Higher is stranger; NaN where an image has no such score, which then does not count.

    Returns
    -------
    float32 (n,)
        Above 0, at most log(2 n), and 1 on average where no image has fewer scores than another;
        higher is stranger. NaN where an image has none of the scores.

    Raises
    ------
    ValueError
        If there is no score, or their lengths differ.

    References
    ----------
    Fisher (1925), "Statistical Methods for Research Workers", for the sum of the logarithms.
    """
    if not scores or any(score.shape != scores[0].shape or score.ndim != 1 for score in scores):
        raise ValueError("fusion needs scores of the same images")
    total, count = np.zeros(len(scores[0])), np.zeros(len(scores[0]), np.int64)
    for score in scores:
        known = ~np.isnan(score)
        total[known] -= np.log(_share_above(score[known]))
        count += known
    return (np.where(count, total, np.nan) / np.maximum(count, 1)).astype(np.float32)


def _share_above(score: NDArray[np.float32]) -> NDArray[np.float64]:
    """In (0, 1): the share of images with a higher score, half of the equal ones counted."""
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    below_or_half = counts.cumsum() - counts / 2
    share: NDArray[np.float64] = 1 - below_or_half[places] / max(len(score), 1)
    return share
