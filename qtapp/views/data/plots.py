"""The two small plots of the data page: how large images are, and how bright."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from qtapp.views import theme as look
from qtapp.views.data.wording import Page, images_text, size_text, tr, value_text
from qtapp.views.parts import CENTRE, LEFT, RIGHT, small_font
from qtapp.views.theme import Theme

PLOT_PX = (150, 280)  # height in a low and in a tall window
_TICKS = 3
_AXIS_ROOM = 1.12  # beyond the smallest and the largest size, as a factor
_DOT_PX = (2.5, 9.0)  # radius of a size of one image, and of the most frequent size
_NEAR_PX = 10


class Plot(QWidget):
    """A picture that fills its width, and says in words what it shows."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, PLOT_PX[0])

    def minimumSizeHint(self) -> QSize:
        return QSize(160, PLOT_PX[0])

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(small_font(self.font()))

    def _begin(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        painter.setPen(self._theme.color("text_muted"))

    def _say(self, painter: QPainter, text: str) -> None:
        painter.drawText(self.rect(), CENTRE, text)


class SizePlot(Plot):
    """A dot for each size, larger for more images; one size alone is drawn as a frame."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sizes of the images"), theme, parent)
        self._sizes = np.zeros((0, 3), np.int64)  # width, height, images
        self._waiting = True

    def show_sizes(self, shapes: Page | None) -> None:
        sizes = shapes["sizes"] if shapes else []
        listed = [(size["width"], size["height"], size["n"]) for size in sizes]
        self._sizes = np.array(listed, np.int64).reshape(-1, 3)
        said = [f"{size_text(w, h)}: {images_text(n)}" for w, h, n in listed[:10]]
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._begin(painter)
        if not len(self._sizes):
            self._say(painter, tr("Sizes appear while the images are looked at."))
        elif len(self._sizes) == 1:
            self._draw_frame(painter, int(self._sizes[0, 0]), int(self._sizes[0, 1]))
        else:
            self._draw_dots(painter)

    def _draw_frame(self, painter: QPainter, width: int, height: int) -> None:
        line = self._metrics().height()
        room = QRectF(self.rect()).adjusted(90, 4, -90, -line - 8)
        scale = min(room.width() / width, room.height() / height)
        frame = QRectF(0, 0, width * scale, height * scale)
        frame.moveCenter(room.center())
        painter.setPen(QPen(self._theme.color("accent"), 1.5))
        painter.setBrush(self._theme.color("tile_current"))
        painter.drawRoundedRect(frame, 3, 3)
        painter.setPen(self._theme.color("text_muted"))
        below = QRectF(0, frame.bottom() + 4, self.width(), line)
        painter.drawText(below, CENTRE, tr("{0:,} px wide").format(width))
        beside = QRectF(frame.right() + 8, frame.top(), 90, frame.height())
        painter.drawText(beside, LEFT, tr("{0:,} px high").format(height))

    # -- mixed sizes: logarithmic, since half and double are alike far ---------------------
    def _area(self) -> QRect:
        left = self._metrics().horizontalAdvance("00,000") + look.space_1
        line = self._metrics().height()
        return self.rect().adjusted(left, line + 8, -12, -2 * line - 4)

    def _points(self) -> list[tuple[QPointF, float]]:
        """Middle and radius of each dot."""
        least, most = _DOT_PX
        radii = least + (most - least) * np.sqrt(self._sizes[:, 2] / self._sizes[:, 2].max())
        xs, ys = self._x_of(self._sizes[:, 0]), self._y_of(self._sizes[:, 1])
        return [
            (QPointF(x, y), r)
            for x, y, r in zip(xs.tolist(), ys.tolist(), radii.tolist(), strict=True)
        ]

    def _x_of(self, widths: NDArray[np.int64]) -> NDArray[np.float64]:
        area = self._area()
        return area.left() + _on_axis(widths, self._sizes[:, 0]) * area.width()

    def _y_of(self, heights: NDArray[np.int64]) -> NDArray[np.float64]:
        area = self._area()
        return area.bottom() - _on_axis(heights, self._sizes[:, 1]) * area.height()

    def _draw_dots(self, painter: QPainter) -> None:
        area, line = self._area(), self._metrics().height()
        heights, widths = _ticks(self._sizes[:, 1]), _ticks(self._sizes[:, 0])
        for value, y in zip(heights.tolist(), self._y_of(heights).tolist(), strict=True):
            self._grid_line(painter, QPointF(area.left(), y), QPointF(area.right(), y))
            label = QRectF(0, y - line / 2, area.left() - look.space_1, line)
            painter.drawText(label, RIGHT, f"{value:,}")
        for value, x in zip(widths.tolist(), self._x_of(widths).tolist(), strict=True):
            self._grid_line(painter, QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawText(QRectF(x - 40, area.bottom() + 3, 80, line), CENTRE, f"{value:,}")
        painter.drawText(QRect(0, 0, self.width(), line), LEFT, tr("height in pixels"))
        below = QRect(0, self.height() - line, area.right(), line)
        painter.drawText(below, RIGHT, tr("width in pixels"))
        fill = self._theme.color("accent")
        painter.setPen(QPen(self._theme.color("panel"), 1))
        fill.setAlphaF(0.65)
        painter.setBrush(fill)
        for middle, radius in self._points():
            painter.drawEllipse(middle, radius, radius)

    def _grid_line(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        painter.save()
        painter.setPen(QPen(self._theme.color("bar_muted"), 1))
        painter.drawLine(start, end)
        painter.restore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and len(self._sizes) > 1:
            at = QPointF(event.pos())
            near = [(abs(m.x() - at.x()) + abs(m.y() - at.y())) for m, _ in self._points()]
            closest = int(np.argmin(near))
            if near[closest] < _NEAR_PX:
                width, height, n = self._sizes[closest].tolist()
                said = f"{size_text(width, height)}: {images_text(n)}"
                QToolTip.showText(event.globalPos(), said, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


class BrightnessPlot(Plot):
    """How many images have which mean value."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(tr("Mean brightness of the images"), theme, parent)
        self._means: Page | None = None

    def show_values(self, values: Page | None) -> None:
        self._means = values["means"] if values else None
        if values:
            low, high = values["range"]
            self.setAccessibleDescription(
                tr("from {0} to {1}, on average {2}").format(
                    value_text(low), value_text(high), value_text(values["mean"])
                )
            )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._begin(painter)
        if self._means is None:
            self._say(painter, tr("Values appear while the images are looked at."))
            return
        counts: Sequence[int] = self._means["counts"]
        line = self._metrics().height()
        floor = self.height() - line - 6
        edges = np.linspace(0, self.width(), len(counts) + 1).round().astype(int).tolist()
        most = max(*counts, 1)
        painter.drawText(QRect(0, 0, self.width(), line), LEFT, tr("images"))
        painter.fillRect(0, floor, self.width(), 1, self._theme.color("border"))
        for n, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
            if n:
                height = max(round(n / most * (floor - line - 4)), 2)
                bar = QRect(left, floor - height, max(right - left - 1, 1), height)
                painter.fillRect(bar, self._theme.color("accent"))
        below = QRect(0, floor + 3, self.width(), line)
        painter.drawText(below, LEFT, value_text(self._means["low"]))
        painter.drawText(below, RIGHT, value_text(self._means["high"]))
        painter.drawText(below, CENTRE, tr("mean value of an image"))


def _on_axis(values: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where values lie between the ends of an axis that shows all of `of`: 0 to 1."""
    low, high = of.min() / _AXIS_ROOM, of.max() * _AXIS_ROOM
    shares: NDArray[np.float64] = np.log(values / low) / math.log(high / low)
    return shares


def _ticks(of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Round numbers on such an axis; at least one."""
    low, high = of.min() / _AXIS_ROOM, of.max() * _AXIS_ROOM
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        candidates = np.array([digit * 10**power for power in range(7) for digit in digits])
        inside = candidates[(candidates >= low) & (candidates <= high)].astype(np.int64)
        if len(inside) >= _TICKS:
            return np.unique(inside)
    return np.unique(inside) if len(inside) else np.array([int(of.max())])
