"""Draws the part of a picture that is seen, at any scale, without touching the rest of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from qtapp.jobs.pictures import Picture
from qtapp.views.shading import shaded

_MOST_PIXELS = 1_000_000  # are averaged for the screen at once, if fewer are sharp enough


@dataclass(frozen=True)
class Shades:
    """Which values become black and white, and of which channel (None: of each)."""

    low: float
    high: float
    channel: int | None


@dataclass(frozen=True)
class _Part:
    """Some pixels of a version of the picture, and how many of the screen's they become."""

    halvings: int
    left: int
    top: int
    right: int
    bottom: int
    size: tuple[int, int] | None  # None: each a sharp square


class PicturePainter:
    """Remembers what it drew last: most paints change nothing but what lies over the image.

    A pixel of an enlarged picture stays a sharp square; a reduced one is averaged from the
    version that holds enough pixels, once, to just those of the screen.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._last: tuple[_Part, Shades, QImage] | None = None

    def paint(
        self, painter: QPainter, target: QRectF, view: QRectF, ratio: float, shades: Shades
    ) -> None:
        """Draw as if all of the picture lay in `target`, where that meets `view`; `ratio` is
        that of the screen's pixels to the painter's."""
        seen = target.intersected(view).translated(-target.topLeft())
        if seen.isEmpty():
            return
        step, halvings = self._version(target, seen, ratio)
        height, width = self._picture.levels[halvings].shape[:2]
        left, top = min(int(seen.left() / step), width - 1), min(int(seen.top() / step), height - 1)
        right = min(math.ceil(seen.right() / step), width)
        bottom = min(math.ceil(seen.bottom() / step), height)
        place = QRectF(left * step, top * step, (right - left) * step, (bottom - top) * step)
        place.translate(target.topLeft())
        size = None
        if step * ratio < 1:
            size = max(1, round(place.width() * ratio)), max(1, round(place.height() * ratio))
            corner = round(place.x() * ratio) / ratio, round(place.y() * ratio) / ratio
            place = QRectF(*corner, size[0] / ratio, size[1] / ratio)
        part = _Part(halvings, left, top, right, bottom, size)
        painter.drawImage(place, self._image(part, shades))

    def _version(self, target: QRectF, seen: QRectF, ratio: float) -> tuple[float, int]:
        """How large a pixel of the version to draw from is for the painter, and which one."""
        step, halvings = target.width() / self._picture.pixels.shape[1], 0
        while (
            step * ratio <= 0.5
            and seen.width() * seen.height() > _MOST_PIXELS * step**2
            and halvings + 1 < len(self._picture.levels)
        ):
            step, halvings = step * 2, halvings + 1
        return step, halvings

    def _image(self, part: _Part, shades: Shades) -> QImage:
        if self._last is None or self._last[:2] != (part, shades):
            pixels = self._picture.levels[part.halvings]
            pixels = pixels[part.top : part.bottom, part.left : part.right]
            image = shaded(pixels, shades.low, shades.high, shades.channel)
            if part.size is not None:
                image = image.scaled(
                    QSize(*part.size),
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            self._last = part, shades, image
        return self._last[2]
