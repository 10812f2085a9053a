"""The order in which images without a label are best labelled."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from models.scoring.neighbours import NeighbourSearch
from models.scoring.uncertainty import narrowness
from models.types import Probs, SampleIds

BATCH = 50
_ENOUGH = 10  # labels a class, below which a model's doubts say little
_SPREAD_BATCHES = 40  # after these, a new model should be asked anyway
_CHOICE = 10  # images that a batch is chosen from, for each that it takes
_DENSITY_AMONG = 5_000
_DENSITY_NEIGHBOURS = 20
_LABELLED_BLOCK = 256
_SMALLEST = 1e-12


def labelling_order(
    embedding: NDArray[np.float32],
    labelled: NDArray[np.float32],
    probs: Probs | None,
    n_classes: int,
    seed: int = 0,
) -> SampleIds:
    """Order unlabelled images so that the first ones teach a model most.

    Until there are 10 labels a class, typical images that are unlike each other and unlike the
    labelled ones. Then the product of how undecided the model is and how typical the image is,
    in batches of `BATCH` whose images are unlike each other too.

    Parameters
    ----------
    embedding : float32 (n, d)
        Of the images without a label.
    labelled : float32 (l, d)
        Of those that have one; may be empty.
    probs : float32 (n, k) or None
        Predictions for the unlabelled; None if no model has met a label yet.
    n_classes : int
        How many classes there are to be.
    seed : int
        Decides among which images density is measured.

    Returns
    -------
    int64 (n,)
        Rows of `embedding`, each once, best first; images [b * BATCH, (b + 1) * BATCH) are a
        batch.

    Raises
    ------
    ValueError
        If shapes disagree or a value is NaN.

    References
    ----------
    Hacohen, Dekel and Weinshall (2022), "Active Learning on a Budget", ICML (typical first).
    Settles and Craven (2008), "An Analysis of Active Learning Strategies for Sequence Labeling
    Tasks" (uncertainty times density). Sener and Savarese (2018), "Active Learning for
    Convolutional Neural Networks: A Core-Set Approach" (farthest first).
    """
    n = len(embedding)
    if embedding.ndim != 2 or labelled.shape[1:] != embedding.shape[1:]:
        raise ValueError(f"embeddings {embedding.shape} and {labelled.shape} disagree")
    if probs is not None and len(probs) != n:
        raise ValueError(f"probabilities {probs.shape} of {n} images")
    if np.isnan(embedding).any() or np.isnan(labelled).any():
        raise ValueError("an embedding is NaN")
    if n < 2:
        return np.arange(n, dtype=np.int64)
    density = _density(embedding, seed)
    value = density if probs is None else density * narrowness(probs)
    x = _unit(embedding)
    start = n if probs is None else max(0, _ENOUGH * n_classes - len(labelled))
    start = min(start, n, _SPREAD_BATCHES * BATCH)
    order = _spread(x, density, start, _nearest_labelled(x, _unit(labelled)))
    rest = np.setdiff1d(np.arange(n), order)
    rest = rest[np.argsort(-value[rest], kind="stable")]
    batches = [order, rest[: -len(order) % BATCH]]  # fills the batch that the start left open
    rest = rest[len(batches[1]) :]
    for _ in range(_SPREAD_BATCHES):
        among = rest[: _CHOICE * BATCH]
        apart = torch.full((len(among),), 2.0)
        chosen = _spread(x[among], value[among], min(BATCH, len(among)), apart)
        batches.append(among[chosen])
        rest = np.concatenate([np.delete(among, chosen), rest[len(among) :]])
    return np.concatenate([*batches, rest]).astype(np.int64)


def _density(embedding: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """(n,) in [0, 1]: how near the nearest images are, measured among some of them."""
    n = len(embedding)
    among = np.random.default_rng(seed).permutation(n)[:_DENSITY_AMONG]
    search = NeighbourSearch(embedding[among], _DENSITY_NEIGHBOURS)
    place = np.full(n, -1)
    place[among] = np.arange(len(among))
    near = [
        search.nearest(embedding[rows], place[rows]).similarity.mean(axis=1)
        for rows in search.blocks(n)
    ]
    density: NDArray[np.float32] = np.float32(0.5) * (1 + np.concatenate(near))
    return density


def _spread(
    x: torch.Tensor, value: NDArray[np.float32], wanted: int, distance: torch.Tensor
) -> SampleIds:
    """Choose images one by one: highest value times distance to the nearest chosen so far."""
    worth, chosen = torch.from_numpy(value.astype(np.float32)), np.empty(wanted, np.int64)
    for i in range(wanted):
        gain = worth * distance
        gain[torch.from_numpy(chosen[:i])] = -1.0
        chosen[i] = int(gain.argmax())
        distance = torch.minimum(distance, 1 - x @ x[chosen[i]])
    return chosen


def _nearest_labelled(x: torch.Tensor, labelled: torch.Tensor) -> torch.Tensor:
    """(n,) 1 - cosine to the most similar labelled image, in [0, 2]; 2 if there is none."""
    distance = torch.full((len(x),), 2.0)
    for start in range(0, len(labelled), _LABELLED_BLOCK):
        similarity = x @ labelled[start : start + _LABELLED_BLOCK].T
        distance = torch.minimum(distance, 1 - similarity.amax(dim=1))
    return distance


def _unit(embedding: NDArray[np.float32]) -> torch.Tensor:
    norms = np.linalg.norm(embedding, axis=1, keepdims=True)
    return torch.from_numpy((embedding / np.maximum(norms, _SMALLEST)).astype(np.float32))
