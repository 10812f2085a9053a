"""Averages each image's softmax over the epochs, which memorising one label cannot spoil."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from models.types import Probs, SampleIds


class AveragedSoftmax:
    """Arithmetic mean of every softmax seen of an image.

    In-sample it takes what the net says of a batch before it learns from it, so it costs no
    pass of its own.

    References
    ----------
    Pleiss, Zhang, Elenberg and Weinberger (2020), "Identifying Mislabeled Data using the Area
    Under the Margin Ranking", NeurIPS, for the use of training dynamics.
    """

    def __init__(self, n: int, n_classes: int) -> None:
        self._total = np.zeros((n, n_classes), np.float32)
        self._count = np.zeros(n, np.int32)

    def add(self, sample_ids: SampleIds, probs: Probs) -> None:
        """Take one softmax (m, k) of each of these distinct images."""
        self._total[sample_ids] += probs
        self._count[sample_ids] += 1

    def mean(self) -> Probs:
        """(n, k), NaN for images that were never seen."""
        seen = np.where(self._count, self._count, np.nan).astype(np.float32)
        mean: Probs = self._total / seen[:, None]
        return mean

    def covers(self, sample_ids: SampleIds) -> bool:
        """Whether each of these was seen at least once."""
        return bool((self._count[sample_ids] > 0).all())

    def state(self) -> dict[str, Any]:
        return {"total": torch.from_numpy(self._total), "count": torch.from_numpy(self._count)}

    def load(self, state: Mapping[str, Any]) -> None:
        self._total[:] = state["total"].cpu().numpy()
        self._count[:] = state["count"].cpu().numpy()
