"""What the points of the map are coloured by: a group or a step of a scale for each image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.positions import Positions
from models.types import Mask, Scores

Codes = NDArray[np.uint16]  # (n,) 0 = nothing is known

LEVELS = 64  # steps of a scale
_ANCHOR_CELLS = 40  # along each side, to find where a group is densest
_MOST_ANCHORS = 64
_MOST_GROUPS = np.iinfo(np.uint16).max - 1
_OUTSIDE = 0.005  # of the values beyond each end of a scale, so that one does not stretch it


@dataclass(frozen=True)
class Colouring:
    """A code for each image: 1 + its group, or 1 + its step between `low` and `high`."""

    codes: Codes
    counts: NDArray[np.int64]  # (groups,) images in each; empty of a scale
    low: float = np.nan
    high: float = np.nan

    @property
    def is_scale(self) -> bool:
        return not len(self.counts)


def by_group(groups: NDArray[np.integer], n_groups: int, hidden: Mask | None = None) -> Colouring:
    """Colour by a group; negative ones, and what is hidden, have none. (n,)"""
    known = (groups >= 0) & (groups < min(n_groups, _MOST_GROUPS))
    if hidden is not None:
        known &= ~hidden
    codes = np.where(known, groups + 1, 0).astype(np.uint16)
    return Colouring(codes, np.bincount(codes, minlength=n_groups + 1)[1:])


def by_value(values: Scores, hidden: Mask | None = None) -> Colouring:
    """Colour by a number; NaN, and what is hidden, has no colour. (n,)"""
    known = np.isfinite(values)
    if hidden is not None:
        known &= ~hidden
    codes = np.zeros(len(values), np.uint16)
    none = np.empty(0, np.int64)
    if not known.any():
        return Colouring(codes, none)
    some = values[known]
    low, high = (float(end) for end in np.quantile(some, [_OUTSIDE, 1 - _OUTSIDE]))
    steps = (some - low) * ((LEVELS - 1) / max(high - low, 1e-12))
    codes[known] = 1 + np.clip(np.round(steps), 0, LEVELS - 1).astype(np.uint16)
    return Colouring(codes, none, low, high)


def uncoloured(n: int) -> Colouring:
    """Nothing is told of any image."""
    return Colouring(np.zeros(n, np.uint16), np.zeros(1, np.int64))


def anchors(positions: Positions, colouring: Colouring) -> dict[int, tuple[float, float]]:
    """Where to write the name of each group: where most of it lies. The largest groups first."""
    ids = positions.sample_ids
    if colouring.is_scale or not len(ids):
        return {}
    left, bottom, right, top = positions.extent
    cell = max(right - left, top - bottom, 1e-6) / _ANCHOR_CELLS
    columns = ((positions.layout[ids, 0] - left) / cell).astype(np.int64)
    rows = ((positions.layout[ids, 1] - bottom) / cell).astype(np.int64)
    cells = np.minimum(rows, _ANCHOR_CELLS) * (_ANCHOR_CELLS + 1)
    cells += np.minimum(columns, _ANCHOR_CELLS)
    codes = colouring.codes[ids]
    largest = np.argsort(-colouring.counts, kind="stable")[:_MOST_ANCHORS]
    place_of = np.full(len(colouring.counts) + 1, -1, np.int64)
    place_of[largest + 1] = np.arange(len(largest))
    place = place_of[codes]
    named = place >= 0
    n_cells = (_ANCHOR_CELLS + 1) ** 2
    counts = np.bincount(place[named] * n_cells + cells[named], minlength=len(largest) * n_cells)
    densest = counts.reshape(len(largest), n_cells).argmax(axis=1)
    middles_x = left + (densest % (_ANCHOR_CELLS + 1) + 0.5) * cell
    middles_y = bottom + (densest // (_ANCHOR_CELLS + 1) + 0.5) * cell
    there = np.bincount(place[named], minlength=len(largest)) > 0
    return {
        int(group): (float(x), float(y))
        for group, x, y, known in zip(largest, middles_x, middles_y, there, strict=True)
        if known
    }
