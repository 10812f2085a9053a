"""Which shapes hold images, how their axes lie, and what flat rows of pixels are rows of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.source import StoredArray
from models.types import OpenRequest, Progress

LAYOUTS = ("nhw", "nhwc", "nchw")
_CHANNELS = (1, 3, 4)
_SMALLEST_GUESSED = 8  # side of the images that flat rows are taken for
_NARROW = 16  # (480, 640, 3) is rather one photo than 480 images 3 pixels wide
_LOOKED_AT = 64  # rows that decide between two ways of seeing them
_CLEARLY = 1.1  # times smoother


@dataclass(frozen=True)
class View:
    """A way of seeing an array as images: the shape its rows are given, and its axes."""

    layout: str
    shape: tuple[int, ...]  # (n, ...), one side for each letter of the layout

    @property
    def sides(self) -> dict[str, int]:
        return dict(zip(self.layout, self.shape, strict=True))

    @property
    def in_words(self) -> str:
        """For example "32x32 in colour, plane by plane" (width x height)."""
        sides = self.sides
        size = f"{sides['w']}x{sides['h']}"
        if sides.get("c", 1) == 1:
            return size
        return f"{size} in colour, {'plane by plane' if self.layout == 'nchw' else 'interleaved'}"


def holds_images(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape may hold one image a row, its axes still apart."""
    return bool(_unfolded(shape))


def holds_flat_images(shape: tuple[int, ...]) -> bool:
    """Whether each row may be the pixels of one image in one piece, (n, h * w * c)."""
    return len(shape) in (2, 3) and bool(_folded(shape))


def views(shape: tuple[int, ...], request: OpenRequest) -> list[View]:
    """Every way of seeing this shape as images that agrees with the answers given.

    One is certain; of two the pixels may decide (`clearest`). Answers that cannot be: none.
    """
    if request.shape:
        found = list(_as_answered(shape, request.shape))
    else:
        found = _unfolded(shape) or _folded(shape)
        if request.layout and not any(view.layout == request.layout for view in found):
            found = _forced(shape, request.layout)
    if request.layout:
        return [view for view in found if view.layout == request.layout]
    square = [view for view in found if view.sides["h"] == view.sides["w"]]
    return square if len(square) == 1 else found


def is_doubtful(shape: tuple[int, ...], request: OpenRequest) -> bool:
    """Whether three axes are more likely those of a single photo."""
    answered = request.layout or request.shape
    return not answered and len(shape) == 3 and shape[2] == 3 and shape[1] >= _NARROW


def clearest(array: StoredArray, among: Sequence[View]) -> View | None:
    """The view whose images are clearly the smoothest; None if that cannot be told.

    Neighbours in a picture are alike. Colours taken for neighbours are not.
    """
    n = array.first_rows
    at = np.unique(np.linspace(0, n - 1, min(n, _LOOKED_AT)).astype(np.int64)).tolist()
    rows = np.concatenate([array.rows(i, i + 1) for i in at]).astype(np.float64)
    unevenness = [_unevenness(rows, view) for view in among]
    best = int(np.argmin(unevenness))
    others = [value for i, value in enumerate(unevenness) if i != best]
    certain = all(value > _CLEARLY * unevenness[best] for value in others)
    return among[best] if certain else None


class Reshaped(StoredArray):
    """An array whose rows are given another shape."""

    def __init__(self, array: StoredArray, shape: tuple[int, ...]) -> None:
        self.name, self.file, self.dtype, self.grain = (
            array.name,
            array.file,
            array.dtype,
            array.grain,
        )
        self.shape, self._array = shape, array

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        return self._array.rows(start, stop).reshape(stop - start, *self.shape[1:])

    def preparing(self) -> Iterator[Progress]:
        return self._array.preparing()

    @property
    def first_rows(self) -> int:
        return self._array.first_rows


def _unfolded(shape: tuple[int, ...]) -> list[View]:
    layouts = {3: ("nhw",), 4: ("nhwc", "nchw")}.get(len(shape), ())
    found = [View(layout, shape) for layout in layouts]
    if _folded(shape):
        return []  # (n, 1024, 3) is colours of 32x32 pixels, not images of 3x1024
    return [v for v in found if _is_possible(v)]


def _folded(shape: tuple[int, ...]) -> list[View]:
    """Square images, grey or in colour, that rows of this shape may be the pixels of."""
    n, row = shape[0], shape[1:]
    if len(row) == 1:
        if side := _side(row[0]):
            return [View("nhw", (n, side, side))]
        if side := row[0] % 3 == 0 and _side(row[0] // 3):
            return [View("nchw", (n, 3, side, side)), View("nhwc", (n, side, side, 3))]
    if len(row) == 2 and row[1] in (1, 3) and (side := _side(row[0])):
        return [View("nhwc", (n, side, side, row[1]))]
    if len(row) == 2 and row[0] in (1, 3) and (side := _side(row[1])):
        return [View("nchw", (n, row[0], side, side))]
    return []


def _as_answered(shape: tuple[int, ...], answer: tuple[int, ...]) -> Iterator[View]:
    """The answer is (h, w) or (h, w, c); rows may hold the colours first or last."""
    if len(shape) < 2 or prod(shape[1:]) != prod(answer) or len(answer) not in (2, 3):
        return
    n, (height, width) = shape[0], answer[:2]
    if len(answer) == 2:
        yield View("nhw", (n, height, width))
        return
    channels_last = View("nhwc", (n, height, width, answer[2]))
    channels_first = View("nchw", (n, answer[2], height, width))
    if shape in (channels_last.shape, channels_first.shape):
        yield from (view for view in (channels_last, channels_first) if view.shape == shape)
    else:
        yield channels_last
        if answer[2] > 1:
            yield channels_first


def _forced(shape: tuple[int, ...], layout: str) -> list[View]:
    """What a person says, as long as it can be."""
    if len(layout) != len(shape):
        return []
    view = View(layout, shape)
    return [view] if view.sides.get("c", 1) in _CHANNELS else []


def _is_possible(view: View) -> bool:
    sides = view.sides
    return min(sides["h"], sides["w"]) >= 2 and sides.get("c", 1) in _CHANNELS


def _side(n_pixels: int) -> int:
    """Of a square image of that many pixels; 0 if there is none, or too small to be likely."""
    side = isqrt(n_pixels)
    return side if side * side == n_pixels and side >= _SMALLEST_GUESSED else 0


def _unevenness(rows: NDArray[np.float64], view: View) -> float:
    """How much neighbouring pixels differ on average."""
    images = rows.reshape(len(rows), *view.shape[1:])
    down, across = view.layout.index("h"), view.layout.index("w")
    return float(
        np.abs(np.diff(images, axis=down)).mean() + np.abs(np.diff(images, axis=across)).mean()
    )
