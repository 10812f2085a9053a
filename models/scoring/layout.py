"""Lays images out in two dimensions, so that those which look alike lie together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.scoring.cell_search import CellSearch

COMPONENTS = 50

# Measured on the 50 main components of Fashion-MNIST's 60,000 images (2 cores, busy machine),
# agreement of the label with 15 neighbours on the map, without the search for neighbours: this
# .846 in 19 s (with it .843 in 21 s in another run); 350 steps and
# perplexity 15 .843 in 28 s; uniform weights of 15 neighbours .832 in 14 s; neighbours by
# distance instead of direction .839. The defaults of openTSNE took 95 s for .85, UMAP 45 s for
# .79, PaCMAP 12 s for .78.
_NEIGHBOURS, _PERPLEXITY = 30, 10
_STEPS_CLOSE, _STEPS = 60, 200  # with clusters pulled together, then let go
_STEPS_AT_ONCE = 10
_EXAGGERATION, _MOMENTUM = 12, 0.8
_SLOWEST = 200.0  # learning rate of few images
_FOURIER_FROM = 2_000  # images; among fewer, Barnes-Hut costs less
_GRID_STEP = 4.0  # of the interpolation: 1 makes the same map in twice the time
_SMALLEST = 1e-12
_MEAN_OF = 5  # neighbours between which an image is placed afterwards


@dataclass(frozen=True)
class Components:
    """The axes along which vectors spread most; directions from their centre."""

    centre: NDArray[np.float32]  # (d,)
    axes: NDArray[np.float32]  # (d, at most COMPONENTS), widest first

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Components:
        """Find them. (m, d), at least one row."""
        centre = vectors.mean(axis=0, dtype=np.float64)
        spread = vectors.T.astype(np.float64) @ vectors / len(vectors) - np.outer(centre, centre)
        _, axes = np.linalg.eigh(spread)  # ascending
        return cls(centre.astype(np.float32), axes[:, ::-1][:, :COMPONENTS].astype(np.float32))

    def directions(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors (m, c); zero where a vector is the centre itself."""
        along = (vectors - self.centre) @ self.axes
        lengths = np.linalg.norm(along, axis=1, keepdims=True)
        return np.asarray(along / np.maximum(lengths, _SMALLEST), np.float32)


@dataclass(frozen=True)
class Step:
    """How far a layout is, and how it looks."""

    done: float  # 0..1
    layout: NDArray[np.float32] | None  # (n, 2); None while neighbours are looked for


def lay_out(vectors: NDArray[np.float32], seed: int = 0) -> Iterator[Step]:
    """Make a t-SNE map.

    Parameters
    ----------
    vectors : float32 (n, d)
        What is compared, such as Components.directions; no NaN.

    Yields
    ------
    Step
        At first the two main components, then several a second for 60,000; the last one has
        done = 1.

    References
    ----------
    van der Maaten and Hinton (2008), "Visualizing Data using t-SNE", JMLR 9. Linderman et al.
    (2019), "Fast interpolation-based t-SNE", Nature Methods 16. Policar, Strazar and Zupan (2024),
    "openTSNE", JSS 109. Kobak and Berens (2019), "The art of using t-SNE", Nature Communications
    10 (start from the main components, learning rate that grows with n).
    """
    n = len(vectors)
    if n < 5:
        yield Step(1.0, _start(vectors, seed))
        return
    start = _start(vectors, seed)
    yield Step(0.0, start)
    neighbours = min(_NEIGHBOURS, n - 1)
    ids, distances = np.empty((n, neighbours), np.int64), np.empty((n, neighbours), np.float32)
    found = 0
    for some in CellSearch(vectors).neighbours_of_all(neighbours):
        ids[some.rows], distances[some.rows] = some.ids, some.distances
        found += len(some.rows)
        yield Step(0.1 * found / n, None)
    yield from _descend(ids, distances, start)


def _descend(
    ids: NDArray[np.int64], distances: NDArray[np.float32], start: NDArray[np.float32]
) -> Iterator[Step]:
    from openTSNE import TSNEEmbedding, affinity, nearest_neighbors  # half a second

    n = len(start)
    n_jobs = (os.cpu_count() or 1) if n >= _FOURIER_FROM else 1
    known = nearest_neighbors.PrecomputedNeighbors(ids, np.maximum(distances, _SMALLEST))
    perplexity = min(_PERPLEXITY, ids.shape[1] / 3)
    affinities = affinity.PerplexityBasedNN(perplexity=perplexity, knn_index=known, n_jobs=n_jobs)
    method: dict[str, str | float] = {"negative_gradient_method": "bh"}
    if n >= _FOURIER_FROM:
        method = {"negative_gradient_method": "fft", "ints_in_interval": _GRID_STEP}
    embedding = TSNEEmbedding(start * 1e-4, affinities, n_jobs=n_jobs, **method)
    for step in range(0, _STEPS_CLOSE + _STEPS, _STEPS_AT_ONCE):
        exaggeration = _EXAGGERATION if step < _STEPS_CLOSE else 1
        embedding.optimize(
            _STEPS_AT_ONCE,
            exaggeration=exaggeration,
            momentum=_MOMENTUM,
            learning_rate=max(n / exaggeration, _SLOWEST),
            inplace=True,
        )
        done = (step + _STEPS_AT_ONCE) / (_STEPS_CLOSE + _STEPS)
        yield Step(0.1 + 0.9 * done, np.array(embedding, np.float32))


def _start(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """(n, 2) the first two coordinates with a spread of 1; equal vectors a little apart."""
    first = np.zeros((len(vectors), 2), np.float32)
    first[:, : vectors.shape[1]] = vectors[:, :2]
    apart = np.random.default_rng(seed).normal(0, 0.01, first.shape)
    widest = float(first[:, 0].std()) if len(first) else 0.0
    return np.asarray(first / max(widest, _SMALLEST**0.5) + apart, np.float32)


def placed_beside(
    search: CellSearch, layout: NDArray[np.float32], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Places for images that were not laid out: the mean of their nearest that were.

    Parameters
    ----------
    search : CellSearch among the vectors of the images laid out
    layout : float32 (r, 2)
        Their places.
    vectors : float32 (m, d)

    Returns
    -------
    float32 (m, 2)
    """
    places = np.empty((len(vectors), 2), np.float32)
    for some in search.nearest(vectors, _MEAN_OF):
        places[some.rows] = layout[some.ids].mean(axis=1)
    return places
