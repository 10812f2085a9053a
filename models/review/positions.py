"""Where images lie on the 2-D map, kept so that looking around among a million is quick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types import SampleIds

Points = NDArray[np.float32]  # (m, 2)
Coordinates = NDArray[np.float32]  # (m,)
Extent = tuple[float, float, float, float]  # left, bottom, right, top

_POINTS_A_CELL = 8
_MOST_CELLS = 512  # along each side
_MOST_RINGS = 48  # of cells around a point that are searched


class Positions:
    """The images that have a place on the map.

    Parameters
    ----------
    layout : float32 (n, 2)
        NaN where an image has no place.
    """

    def __init__(self, layout: Points) -> None:
        if layout.ndim != 2 or layout.shape[1] != 2:
            raise ValueError(f"a map has two coordinates an image, not {layout.shape}")
        self.layout = layout
        placed = np.flatnonzero(np.isfinite(layout).all(axis=1))
        by_height = placed[np.argsort(layout[placed, 1], kind="stable")]
        self._by_height: SampleIds = by_height
        self._xs = np.ascontiguousarray(layout[by_height, 0])
        self._ys = np.ascontiguousarray(layout[by_height, 1])
        self.extent = self._extent()
        self._sort_into_cells()

    def __len__(self) -> int:
        return len(self._by_height)

    @property
    def sample_ids(self) -> SampleIds:
        """All that have a place."""
        return self._by_height

    def where(self, sample_id: int) -> tuple[float, float] | None:
        """The place of an image; None where it has none."""
        if not 0 <= sample_id < len(self.layout):
            return None
        x, y = self.layout[sample_id]
        return (float(x), float(y)) if np.isfinite(x + y) else None

    def between(self, bottom: float, top: float) -> tuple[SampleIds, Coordinates, Coordinates]:
        """The images in a stripe of the map: ids, x and y, lowest first."""
        low, high = np.searchsorted(self._ys, np.array([bottom, top], np.float32))
        return self._by_height[low:high], self._xs[low:high], self._ys[low:high]

    def inside(self, polygon: NDArray[np.float64]) -> SampleIds:
        """The images within a polygon (v, 2), by the even-odd rule, sorted by id.

        Each edge is compared with the images between its two heights alone: these lie together,
        so a lasso costs a few passes over the images and not one for each of its edges.
        """
        corners = np.asarray(polygon, np.float64)
        if len(corners) < 3:
            return np.empty(0, np.int64)
        crossed = np.zeros(len(self._ys), np.bool_)
        low_to_high = np.searchsorted(self._ys, corners[:, 1])
        for i, (x1, y1) in enumerate(corners):
            x2, y2 = corners[i - 1]
            between = slice(*sorted((int(low_to_high[i]), int(low_to_high[i - 1]))))
            if between.start < between.stop:
                slope = (x2 - x1) / (y2 - y1)
                crossed[between] ^= self._xs[between] < x1 + slope * (self._ys[between] - y1)
        found = np.zeros(len(self.layout), np.bool_)
        found[self._by_height[crossed]] = True
        return np.flatnonzero(found)

    def nearest(self, x: float, y: float, reach: float) -> int | None:
        """The image nearest to a point, if one is within `reach`."""
        if not len(self):
            return None
        rings = min(int(reach / self._cell) + 1, _MOST_RINGS)
        column, row = self._cell_of(np.array([x]), np.array([y]))
        rows = np.arange(max(int(row[0]) - rings, 0), min(int(row[0]) + rings, self._rows - 1) + 1)
        first = max(int(column[0]) - rings, 0)
        last = min(int(column[0]) + rings, self._columns - 1)
        starts = self._starts[rows * self._columns + first]
        ends = self._starts[rows * self._columns + last + 1]
        spans = [self._by_cell[a:b] for a, b in zip(starts, ends, strict=True)]
        near = np.concatenate(spans)
        if not len(near):
            return None
        distance = np.hypot(self.layout[near, 0] - x, self.layout[near, 1] - y)
        best = int(distance.argmin())
        return int(near[best]) if distance[best] <= reach else None

    def _extent(self) -> Extent:
        if not len(self._xs):
            return (0.0, 0.0, 1.0, 1.0)
        left, right = float(self._xs.min()), float(self._xs.max())
        return (left, float(self._ys[0]), right, float(self._ys[-1]))

    def _sort_into_cells(self) -> None:
        left, bottom, right, top = self.extent
        across = int(np.clip(np.sqrt(len(self) / _POINTS_A_CELL), 1, _MOST_CELLS))
        self._cell = max(right - left, top - bottom, 1e-6) / across
        self._columns = int((right - left) / self._cell) + 1
        self._rows = int((top - bottom) / self._cell) + 1
        columns, rows = self._cell_of(self._xs, self._ys)
        cells = rows * self._columns + columns
        order = np.argsort(cells, kind="stable")
        self._by_cell = self._by_height[order]
        counts = np.bincount(cells, minlength=self._columns * self._rows)
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def _cell_of(self, xs: NDArray[np.floating], ys: NDArray[np.floating]) -> tuple[SampleIds, ...]:
        left, bottom, _, _ = self.extent
        columns = ((xs - left) / self._cell).astype(np.int64)
        rows = ((ys - bottom) / self._cell).astype(np.int64)
        return np.clip(columns, 0, self._columns - 1), np.clip(rows, 0, self._rows - 1)
