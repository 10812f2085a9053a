"""The two small plots of the data page: how large images are, and how bright."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from qtapp.views import theme as look
from qtapp.views.data.wording import Page, images_text, size_text, tr, value_text
from qtapp.views.parts import CENTRE, LEFT, RIGHT, small_font, takes_keys
from qtapp.views.theme import Theme

PLOT_PX = (150, 280)  # height in a low and in a tall window
_TICKS = 3
_AXIS_ROOM = 1.12  # beyond the smallest and the largest size, as a factor
_DOT_PX = (2.5, 9.0)  # radius of a size of one image, and of the most frequent size
_NEAR_PX = 10
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
NOTHING = -1


class Plot(QWidget):
    """A picture that fills its width, and says in words what it shows. What it is made of can be
    clicked, or chosen by the arrow keys and Enter."""

    chosen = Signal(int)  # one of its parts

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setAccessibleDescription(tr("appears while the images are looked at"))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # numbers grow to the right
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self._cursor = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, PLOT_PX[0])

    def minimumSizeHint(self) -> QSize:
        return QSize(160, PLOT_PX[0])

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(small_font(self.font()))

    def _begin(self, painter: QPainter) -> None:
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        painter.setPen(self._theme.color("text_muted"))

    def _say(self, painter: QPainter, text: str) -> None:
        painter.drawText(self.rect(), CENTRE | Qt.TextFlag.TextWordWrap, text)

    # -- its parts -------------------------------------------------------------------------
    def _parts(self) -> Sequence[int]:
        """Those that can be chosen, in the order of the keyboard."""
        raise NotImplementedError

    def _part_at(self, point: QPointF) -> int:
        """The part under a point, or NOTHING."""
        raise NotImplementedError

    def _words(self, part: int) -> str:
        """What a part is, and how many images it stands for."""
        raise NotImplementedError

    @property
    def _current(self) -> int:
        """The part that the keyboard is at, or NOTHING."""
        parts = self._parts()
        return parts[min(self._cursor, len(parts) - 1)] if parts else NOTHING

    @property
    def _marked(self) -> int:
        """The part that is seen to be current, or NOTHING."""
        return self._current if self.hasFocus() else NOTHING

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or the release would go to what lies behind

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        part = self._part_at(event.position())
        if part != NOTHING and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(part)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        is_over = self._part_at(event.position()) != NOTHING
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.setCursor(hand if is_over else arrow)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            part = self._part_at(QPointF(event.pos()))
            said = "" if part == NOTHING else self._words(part)
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return takes_keys(event, (*_CHOOSING, *_STEPS)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, n = Qt.Key(event.key()), len(self._parts())
        if key in _STEPS and n:
            self._cursor = min(max(self._cursor + _STEPS[key], 0), n - 1)
            self._tell()
        elif key in _CHOOSING and self._current != NOTHING:
            self.chosen.emit(self._current)
        else:
            event.ignore()  # letters are commands here

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _tell(self) -> None:
        if self._current != NOTHING:
            self.setAccessibleDescription(self._words(self._current))
        self.update()


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
        if said:
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
        line, high = self._metrics().height(), tr("{0:,} px high").format(height)
        beside_px = self._metrics().horizontalAdvance(high) + 8
        room = QRectF(self.rect()).adjusted(beside_px, 4, -beside_px, -line - 8)
        scale = min(room.width() / width, room.height() / height)
        frame = QRectF(0, 0, width * scale, height * scale)
        frame.moveCenter(room.center())
        painter.setPen(QPen(self._theme.color("accent"), 1.5))
        painter.setBrush(self._theme.color("tile_current"))
        painter.drawRoundedRect(frame, 3, 3)
        if self._marked != NOTHING:
            painter.setPen(QPen(self._theme.color("text"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(frame.adjusted(-3, -3, 3, 3))
        painter.setPen(self._theme.color("text_muted"))
        below = QRectF(0, frame.bottom() + 4, self.width(), line)
        painter.drawText(below, CENTRE, tr("{0:,} px wide").format(width))
        beside = QRectF(frame.right() + 8, frame.center().y() - line / 2, beside_px, line)
        painter.drawText(beside, LEFT, high)

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
        current = self._marked
        for part, (middle, radius) in enumerate(self._points()):
            painter.drawEllipse(middle, radius, radius)
            if part == current:
                painter.save()
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._theme.color("text"), 1.5))
                painter.drawEllipse(middle, radius + 3, radius + 3)
                painter.restore()

    def _grid_line(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        painter.save()
        painter.setPen(QPen(self._theme.color("bar_muted"), 1))
        painter.drawLine(start, end)
        painter.restore()

    def _parts(self) -> Sequence[int]:
        return range(len(self._sizes))

    def _part_at(self, point: QPointF) -> int:
        if len(self._sizes) < 2:  # a frame: anywhere in the plot
            return 0 if len(self._sizes) else NOTHING
        near = [abs(m.x() - point.x()) + abs(m.y() - point.y()) for m, _ in self._points()]
        closest = int(np.argmin(near))
        return closest if near[closest] < _NEAR_PX else NOTHING

    def _words(self, part: int) -> str:
        width, height, n = self._sizes[part].tolist()
        return _offered(f"{size_text(width, height)}: {images_text(n)}")


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
        counts, edges = self._counts, self._edges()
        line = self._metrics().height()
        floor = self.height() - line - 6
        most, current = max(*counts, 1), self._marked
        painter.drawText(QRect(0, 0, self.width(), line), LEFT, tr("images"))
        painter.fillRect(0, floor, self.width(), 1, self._theme.color("border"))
        for part, (n, left, right) in enumerate(zip(counts, edges, edges[1:], strict=False)):
            if n:
                height = max(round(n / most * (floor - line - 4)), 2)
                bar = QRect(left, floor - height, max(right - left - 1, 1), height)
                painter.fillRect(bar, self._theme.color("accent"))
            if part == current:
                painter.setPen(QPen(self._theme.color("text"), 1, Qt.PenStyle.DotLine))
                painter.drawRect(QRect(left, line, max(right - left - 1, 2), floor - line))
                painter.setPen(self._theme.color("text_muted"))
        below = QRect(0, floor + 3, self.width(), line)
        painter.drawText(below, LEFT, value_text(self._means["low"]))
        painter.drawText(below, RIGHT, value_text(self._means["high"]))
        painter.drawText(below, CENTRE, tr("mean value of an image"))

    @property
    def _counts(self) -> Sequence[int]:
        counts: Sequence[int] = self._means["counts"] if self._means else ()
        return counts

    def _edges(self) -> list[int]:
        edges: list[int] = np.linspace(0, self.width(), len(self._counts) + 1).astype(int).tolist()
        return edges

    def _parts(self) -> Sequence[int]:
        return [part for part, n in enumerate(self._counts) if n]

    def _part_at(self, point: QPointF) -> int:
        n = len(self._counts)
        part = int(point.x() * n / max(self.width(), 1))
        return part if 0 <= part < n and self._counts[part] else NOTHING

    def _words(self, part: int) -> str:
        assert self._means is not None
        low, high, n = self._means["low"], self._means["high"], len(self._counts)
        ends = [value_text(low + at * (high - low) / n) for at in (part, part + 1)]
        images = images_text(self._counts[part])
        return _offered(tr("{0} to {1}: {2}").format(*ends, images))


def _offered(said: str) -> str:
    return tr("{0}\nClick to see these images").format(said)


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
