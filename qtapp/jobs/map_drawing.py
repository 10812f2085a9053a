"""Draws the map as an array of pixels: a point an image while they are few, density above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.review.positions import Extent, Positions
from models.types import Mask, SampleIds

POINTS_MOST = 12_000  # in sight; more are drawn as density

Canvas = NDArray[np.uint8]  # (h, w, 4) blue, green, red, alpha; premultiplied
Layer = NDArray[np.float32]  # (h, w, 4) red, green, blue, alpha in 0..1; premultiplied
Coverage = NDArray[np.float64]
_Number = TypeVar("_Number", bound=np.generic)
Shape = Callable[[Coverage, Coverage], Mask]
Colours = NDArray[np.float32]  # (codes, 3) red, green, blue in 0..255

_FAINT = 0.22  # what is not selected, while something is
_THIN, _DENSE = 0.5, 0.995  # opacity of one image in a cell; share of cells below full opacity
_CROWD_PX = 16
_SHARP = 8  # subdivisions of a pixel at the rim of a point


@dataclass(frozen=True)
class Frame:
    """The part of the map that is drawn, and on how many device pixels."""

    extent: Extent
    width: int
    height: int


@dataclass(frozen=True)
class Ink:
    """How codes look. Shapes repeat with another period than colours, so that groups that share
    a colour differ in shape, and neighbours differ in both."""

    colours: Colours
    weights: NDArray[np.float32]  # (codes,) how much one image counts where many share a cell
    shapes: NDArray[np.uint8]  # (codes,) of SHAPES
    radius_px: float
    cell_px: int


def draw(
    positions: Positions,
    codes: NDArray[np.uint16],
    selected: Mask,
    n_selected: int,
    frame: Frame,
    ink: Ink,
) -> tuple[Canvas, bool]:
    """Draw what lies in the frame; also whether it was drawn as points.

    Every image costs a few comparisons, those in sight some more: 1M in about 0.1 s.
    """
    ids, xs, ys = _in_sight(positions, frame)
    few = len(ids) <= POINTS_MOST
    codes = codes[ids]
    if not n_selected:
        if few:
            return _to_bytes(_points(xs, ys, codes, frame, ink)), few
        (layer,) = _densities(xs, ys, codes, frame, ink)
        return _spread(_to_bytes(layer), frame, ink), few
    chosen = selected[ids]
    if np.count_nonzero(chosen) > POINTS_MOST:
        lower, upper = _densities(xs, ys, codes, frame, ink, chosen)
        return _spread(_to_bytes(_over(lower, upper)), frame, ink), few
    if few:
        lower = _points(xs, ys, codes, frame, ink)
    else:
        (lower,) = _densities(xs, ys, codes, frame, ink)
        lower = _spread(lower, frame, ink)
    upper = _points(xs[chosen], ys[chosen], codes[chosen], frame, ink)
    return _to_bytes(_over(lower, upper)), few


def _over(lower: Layer, upper: Layer) -> Layer:
    """What is selected, over all of it made faint."""
    return upper + lower * _FAINT * (1 - upper[:, :, 3:])


def _in_sight(
    positions: Positions, frame: Frame
) -> tuple[SampleIds, NDArray[np.float32], NDArray[np.float32]]:
    """Ids within the frame and their places in its pixels, y downwards."""
    left, bottom, right, top = frame.extent
    ids, x, y = positions.between(bottom, top)
    inside = np.flatnonzero((x >= left) & (x <= right))
    across, down = frame.width / (right - left), frame.height / (top - bottom)
    xs = (x[inside] - np.float32(left)) * np.float32(across)
    ys = (np.float32(top) - y[inside]) * np.float32(down)
    return ids[inside], xs, ys


def _densities(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    codes: NDArray[np.uint16],
    frame: Frame,
    ink: Ink,
    chosen: Mask | None = None,
) -> list[Layer]:
    """A pixel a cell: of all and, where some are chosen, of these alone; counted in one go."""
    step = ink.cell_px
    width, height = -(-frame.width // step), -(-frame.height // step)
    n_cells, n_layers = width * height, 1 if chosen is None else 2
    columns = np.minimum((xs * np.float32(1 / step)).astype(np.int32), width - 1)
    lines = np.minimum((ys * np.float32(1 / step)).astype(np.int32), height - 1)
    cells = (lines * np.int32(width) + columns).astype(np.intp)
    if chosen is not None:
        cells += chosen * np.intp(n_cells)
    codes = codes.astype(np.intp)  # once: what counts by them needs them so
    weights = ink.weights.astype(np.float64)
    tables = (None, weights, *(ink.colours.T * (weights / 255)))
    sums = np.array(
        [
            np.bincount(cells, None if table is None else table[codes], n_layers * n_cells)
            for table in tables
        ]
    ).reshape(len(tables), n_layers, n_cells)
    if chosen is not None:
        sums[:, 0] += sums[:, 1]
    return [_shaded(sums[:, layer], height) for layer in range(n_layers)]


def _shaded(sums: NDArray[np.float64], height: int) -> Layer:
    """A pixel a cell, of its count, weight and weighted colours: (5, cells)."""
    counts, weights, *colours = sums
    filled = np.flatnonzero(counts)
    full = np.quantile(counts[filled], _DENSE) if len(filled) else 1
    strength = np.log1p(counts[filled]) / np.log1p(max(float(full), 2.0))
    alpha = np.clip(_THIN + (1 - _THIN) * strength, 0, 1)
    image = np.zeros((len(counts), 4), np.float32)
    image[filled, 3] = alpha
    for channel, of_channel in enumerate(colours):
        image[filled, channel] = of_channel[filled] / weights[filled] * alpha
    return image.reshape(height, -1, 4)


def _spread(cells: NDArray[_Number], frame: Frame, ink: Ink) -> NDArray[_Number]:
    """Cells as squares of pixels."""
    wide = cells.repeat(ink.cell_px, 0).repeat(ink.cell_px, 1)
    return np.ascontiguousarray(wide[: frame.height, : frame.width])


def _points(
    xs: NDArray[np.float32],
    ys: NDArray[np.float32],
    codes: NDArray[np.uint16],
    frame: Frame,
    ink: Ink,
) -> Layer:
    radius = _radius(xs, ys, frame, ink)
    reach = int(np.ceil(radius)) + 1
    wide = frame.width + 2 * reach
    image = np.zeros(((frame.height + 2 * reach) * wide, 4), np.float32)
    columns, rows = xs.astype(np.int64) + reach, ys.astype(np.int64) + reach
    at = np.minimum(rows, frame.height + reach) * wide + np.minimum(columns, frame.width + reach)
    colours = (ink.colours / 255).astype(np.float32)
    for shape, covers in enumerate(SHAPES):
        of_shape = ink.shapes[codes] == shape
        if not of_shape.any():
            continue
        here, colour = at[of_shape], colours[codes[of_shape]]
        for dx, dy, alpha in _stamp(covers, radius, reach):
            where = here + (dy * wide + dx)
            below = image[where]
            below *= 1 - alpha
            below[:, :3] += alpha * colour
            below[:, 3] += alpha
            image[where] = below
    whole = image.reshape(frame.height + 2 * reach, wide, 4)
    return whole[reach:-reach, reach:-reach]


def _radius(xs: NDArray[np.float32], ys: NDArray[np.float32], frame: Frame, ink: Ink) -> float:
    """So large that points of the crowds in sight touch, between dots and whole shapes."""
    if not len(xs):
        return ink.radius_px
    columns = -(-frame.width // _CROWD_PX)
    crowds = (ys / _CROWD_PX).astype(np.int32) * columns + (xs / _CROWD_PX).astype(np.int32)
    room = len(np.unique(crowds)) * _CROWD_PX**2
    touching = 0.5 * float(np.sqrt(room / len(xs)))
    return float(np.clip(touching, ink.radius_px / 3, ink.radius_px))


def _circle(x: Coverage, y: Coverage) -> Mask:
    return x**2 + y**2 <= 1


def _square(x: Coverage, y: Coverage) -> Mask:
    return np.maximum(np.abs(x), np.abs(y)) <= 0.88


def _triangle(x: Coverage, y: Coverage) -> Mask:
    return (y <= 0.75) & (y >= 2 * np.abs(x) - 1.15)


def _diamond(x: Coverage, y: Coverage) -> Mask:
    return np.abs(x) + np.abs(y) <= 1.2


def _cross(x: Coverage, y: Coverage) -> Mask:
    within = np.maximum(np.abs(x), np.abs(y)) <= 1.1
    return within & (np.minimum(np.abs(x), np.abs(y)) <= 0.36)


SHAPES: tuple[Shape, ...] = (_circle, _square, _triangle, _diamond, _cross)


def _stamp(covers: Shape, radius_px: float, reach: int) -> list[tuple[int, int, np.float32]]:
    """The pixels of a shape around its middle: their offsets, and how much of each is covered."""
    fine = (np.arange((2 * reach + 1) * _SHARP) + 0.5) / _SHARP - reach - 0.5
    x, y = np.meshgrid(fine / radius_px, fine / radius_px)
    side = 2 * reach + 1
    shares = covers(x, y).reshape(side, _SHARP, side, _SHARP).mean(axis=(1, 3))
    return [
        (column - reach, row - reach, np.float32(shares[row, column]))
        for row, column in zip(*np.nonzero(shares), strict=True)
    ]


def _to_bytes(image: Layer) -> Canvas:
    canvas: Canvas = np.empty(image.shape, np.uint8)
    np.multiply(image[:, :, 2::-1], 255, out=canvas[:, :, :3], casting="unsafe")
    np.multiply(image[:, :, 3], 255, out=canvas[:, :, 3], casting="unsafe")
    return canvas
