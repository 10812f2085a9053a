"""Where the parts of a tile lie, for one tile size and one font."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QFontMetrics

from qtapp.views import theme as look

NO_CAPTION_BELOW_PX = 64


@dataclass(frozen=True)
class TileLayout:
    """Rectangles relative to the tile's corner. Captions drop away as tiles get small: first
    the line of numbers, where it would not fit, then the classes."""

    thumb_px: int
    image: QRect
    size: tuple[int, int]  # of the tile
    class_lines: tuple[QRect, ...]  # predicted, given; or none
    numbers: QRect | None
    marker_px: int  # side of the shape before a class name
    gap: int  # between tiles, at least

    @property
    def cell(self) -> tuple[int, int]:
        """Smallest room a tile takes with the gap around it."""
        return self.size[0] + self.gap, self.size[1] + self.gap

    @property
    def has_caption(self) -> bool:
        return bool(self.class_lines)


def tile_layout(thumb_px: int, font: QFont, small: QFont, widest_numbers: str) -> TileLayout:
    """Lay out a tile whose image fits a square of `thumb_px`."""
    has_caption = thumb_px >= NO_CAPTION_BELOW_PX
    pad = look.space_1 + 2 if has_caption else 2
    image = QRect(pad, pad, thumb_px, thumb_px)
    bottom = image.bottom() + 1
    lines: list[QRect] = []
    numbers = None
    metrics, small_metrics = QFontMetrics(font), QFontMetrics(small)
    if has_caption:
        height = metrics.height()
        bottom += look.space_1
        for _ in range(2):
            lines.append(QRect(pad, bottom, thumb_px, height))
            bottom += height
        if small_metrics.horizontalAdvance(widest_numbers) <= thumb_px:
            numbers = QRect(pad, bottom + 1, thumb_px, small_metrics.height())
            bottom = numbers.bottom() + 1
    size = (thumb_px + 2 * pad, bottom + (look.space_1 if has_caption else pad))
    marker_px = max(7, round(metrics.ascent() * 0.75)) | 1  # odd, so that a tip is one pixel
    gap = look.space_2 if has_caption else look.space_1
    return TileLayout(thumb_px, image, size, tuple(lines), numbers, marker_px, gap)
