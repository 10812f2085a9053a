"""The neighbours of every image at once, where the product asks in portions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.scoring.neighbours import NEIGHBOURS, Neighbours, NeighbourSearch


def nearest_neighbours(embedding: NDArray[np.float32], neighbours: int = NEIGHBOURS) -> Neighbours:
    search = NeighbourSearch(embedding, neighbours)
    parts = [
        search.nearest(embedding[rows], np.arange(rows.start, rows.stop))
        for rows in search.blocks(len(embedding))
    ]
    return Neighbours(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.similarity for part in parts]),
    )
