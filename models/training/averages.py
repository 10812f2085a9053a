"""Averages each image's softmax over the epochs, which memorising one label cannot spoil."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.types import Probs, SampleIds


class AveragedSoftmax:
    """Weighted mean of every softmax seen of an image.

    In-sample it takes what the net says of a batch before it learns from it, so it costs no
    pass of its own.

    References
    ----------
    Pleiss, Zhang, Elenberg and Weinberger (2020), "Identifying Mislabeled Data using the Area
    Under the Margin Ranking", NeurIPS, for the use of training dynamics.
    """

    def __init__(self, n: int, n_classes: int) -> None:
        self._total = np.zeros((n, n_classes), np.float32)
        self._weight = np.zeros(n, np.float32)

    def add(self, sample_ids: SampleIds, probs: Probs, weight: float) -> None:
        """Take one softmax (m, k) of each of these distinct images."""
        self._total[sample_ids] += np.float32(weight) * probs
        self._weight[sample_ids] += weight

    def mean(self) -> Probs:
        """(n, k), NaN for images that were never seen."""
        return _mean(self._total, self._weight)

    def mean_with(self, probs: Probs, weight: float) -> Probs:
        """As `mean`, with one softmax (n, k) more counted in for each image that was seen."""
        weights = np.where(self._weight > 0, self._weight + np.float32(weight), np.float32(0))
        return _mean(self._total + np.float32(weight) * probs, weights)

    def covers(self, sample_ids: SampleIds) -> bool:
        """Whether each of these was seen at least once."""
        return bool((self._weight[sample_ids] > 0).all())

    def state(self) -> dict[str, Any]:
        return {"total": torch.from_numpy(self._total), "weight": torch.from_numpy(self._weight)}

    def load(self, state: Mapping[str, Any]) -> None:
        self._total[:] = state["total"].cpu().numpy()
        self._weight[:] = state["weight"].cpu().numpy()


def _mean(total: Probs, weight: NDArray[np.float32]) -> Probs:
    seen = np.where(weight > 0, weight, np.nan).astype(np.float32)
    mean: Probs = total / seen[:, None]
    return mean
