"""Anomalies: images that lie far from the others in the embedding of a net."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from models.types import Scores

NEIGHBOURS = 20
_SMALLEST_NORM = 1e-12


class NeighbourDistance:
    """Mean distance to the nearest of a fixed reference set, by direction of the embedding.

    Parameters
    ----------
    reference : float32 (r, d)
        Embeddings to compare with, at least 2; cost and memory are linear in r.
    ids : int64 (r,)
        Their sample ids, in any order, so that no image counts as its own neighbour.
    neighbours : int
        How many are averaged; fewer where the reference is smaller.

    References
    ----------
    Sun, Ming, Zhu and Li (2022), "Out-of-Distribution Detection with Deep Nearest Neighbors",
    arXiv:2204.06507.
    """

    def __init__(
        self, reference: NDArray[np.float32], ids: NDArray[np.int64], neighbours: int = NEIGHBOURS
    ) -> None:
        if len(reference) < 2 or np.isnan(reference).any():
            raise ValueError("a neighbour needs at least 2 embeddings without NaN")
        order = np.argsort(ids)
        self._ids = ids[order]
        self._reference = torch.from_numpy(_directions(reference[order])).T.contiguous()
        self._neighbours = min(neighbours, len(reference) - 1)

    def score(self, embedding: NDArray[np.float32], ids: NDArray[np.int64]) -> Scores:
        """Score a block of images.

        Parameters
        ----------
        embedding : float32 (m, d)
            A block small enough that (m, r) values fit in memory.
        ids : int64 (m,)

        Returns
        -------
        float32 (m,)
            In [0, 2]; higher is stranger.

        Raises
        ------
        ValueError
            If a value is NaN.
        """
        if np.isnan(embedding).any():
            raise ValueError("an embedding is NaN")
        similarity = torch.from_numpy(_directions(embedding)) @ self._reference  # (m, r)
        place = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        itself = np.flatnonzero(self._ids[place] == ids)
        similarity[torch.from_numpy(itself), torch.from_numpy(place[itself])] = -1.0
        nearest = similarity.topk(self._neighbours, dim=1, sorted=False).values
        distance: Scores = (2 - 2 * nearest).clamp_min_(0).sqrt_().mean(1).numpy()
        return distance


def _directions(embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(embedding, axis=1, keepdims=True)
    directions: NDArray[np.float32] = embedding / np.maximum(norms, _SMALLEST_NORM)
    return directions
