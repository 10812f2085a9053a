"""Two scores against each other; a box selects the images in it, here as everywhere."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from models.review.distributions import Cloud
from qtapp.views import theme as look
from qtapp.views.map.wording import colour_name
from qtapp.views.parts import LEFT, RIGHT, small_font, takes_keys
from qtapp.views.theme import Theme
from qtapp.views.values.axis import paint_below, paint_beside
from qtapp.views.values.wording import cloud_text, tr

_STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1),
          Qt.Key.Key_Down: (0, -1)}  # fmt: skip
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FAINTEST = 0.35  # how much of its colour a cell with one image has
_KEY_STEP = 4  # cells

Cell = tuple[int, int]  # column and row, from the left and from the bottom


class CloudPlot(QWidget):
    """Drag a box, with Ctrl to add; with the keyboard the arrows, with Shift larger, Enter."""

    pointed = Signal(str)  # what is marked or under the mouse, in words; "" for nothing
    boxed = Signal(object, bool)  # {score: range}; whether they are added

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cloud: Cloud | None = None
        self._image = QImage()
        self._anchor: Cell = (0, 0)
        self._cursor: Cell = (0, 0)
        self._is_held = False
        self.setAccessibleName(tr("Two scores against each other"))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # numbers grow to the right
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        theme.changed.connect(self._redraw)

    def show_cloud(self, cloud: Cloud) -> None:
        if self._cloud is None or self._cloud.asked != cloud.asked:
            self._anchor = self._cursor = (0, 0)
        self._cloud = cloud
        self._redraw()

    def sizeHint(self) -> QSize:
        return QSize(420, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def _redraw(self) -> None:
        if self._cloud is not None:
            self._image = _image_of(self._cloud, self._theme)
        self.update()

    # -- where things are ------------------------------------------------------------------
    @property
    def _plot(self) -> QRect:
        metrics = QFontMetrics(small_font(self.font()))
        left, line = metrics.horizontalAdvance("−0,000.0") + 8, metrics.height()
        return self.rect().adjusted(left, line + 2, -look.space_2, -line - 7)

    def _cell_at(self, point: QPointF) -> Cell:
        """The cell under a point, or the nearest one."""
        assert self._cloud is not None
        plot, across, up = self._plot, len(self._cloud.across), len(self._cloud.up)
        column = int((point.x() - plot.left()) * across / max(plot.width(), 1))
        row = int((plot.bottom() + 1 - point.y()) * up / max(plot.height(), 1))
        return min(max(column, 0), across - 1), min(max(row, 0), up - 1)

    @property
    def _box(self) -> tuple[int, int, int, int]:
        """First and last column, first and last row of what is marked."""
        (x1, y1), (x2, y2) = self._anchor, self._cursor
        return min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)

    def _box_rect(self) -> QRect:
        assert self._cloud is not None
        plot, across, up = self._plot, len(self._cloud.across), len(self._cloud.up)
        left, right, bottom, top = self._box
        x1, x2 = (plot.left() + plot.width() * x // across for x in (left, right + 1))
        y1, y2 = (plot.bottom() + 1 - plot.height() * y // up for y in (top + 1, bottom))
        return QRect(x1, y1, max(x2 - x1, 2), max(y2 - y1, 2))

    # -- painting --------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        painter.fillRect(self.rect(), self._theme.color("panel"))
        if self._cloud is None:
            return
        painter.setFont(small_font(self.font()))
        cloud, plot = self._cloud, self._plot
        painter.setPen(self._theme.color("text"))
        line = QRect(plot.left(), 0, plot.width(), plot.top() - 2)
        painter.drawText(line, LEFT, tr("↑ {0}").format(colour_name(cloud.asked.against)))
        painter.drawText(line, RIGHT, tr("→ {0}").format(colour_name(cloud.asked.score)))
        painter.drawImage(plot, self._image)
        border = self._theme.color("border")
        painter.fillRect(plot.left() - 1, plot.top(), 1, plot.height(), border)
        painter.fillRect(plot.left(), plot.bottom() + 1, plot.width(), 1, border)
        paint_below(painter, plot, cloud.across, self._theme)
        paint_beside(painter, plot, cloud.up, self._theme)
        if self._is_held or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 1.5, Qt.PenStyle.DashLine))
            painter.drawRect(self._box_rect())

    # -- events ----------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._cloud is not None and event.button() == Qt.MouseButton.LeftButton:
            self._anchor = self._cursor = self._cell_at(event.position())
            self._is_held = True
            self._tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._cloud is None:
            return
        cell = self._cell_at(event.position())
        if self._is_held:
            self._cursor = cell
            self._tell()
        elif self._plot.contains(event.position().toPoint()):
            self.pointed.emit(cloud_text(self._cloud, (cell[0], cell[0], cell[1], cell[1])))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_held and event.button() == Qt.MouseButton.LeftButton:
            self._is_held = False
            self._choose(adds=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tell()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, (*_STEPS, *_CHOOSING)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if self._cloud is None or key not in (*_STEPS, *_CHOOSING):
            event.ignore()  # letters are commands here
        elif key in _CHOOSING:
            self._choose(adds=bool(modifiers & Qt.KeyboardModifier.ControlModifier))
        else:
            most = len(self._cloud.across) - 1, len(self._cloud.up) - 1
            column, row = (
                min(max(at + _KEY_STEP * step, 0), end)
                for at, step, end in zip(self._cursor, _STEPS[key], most, strict=True)
            )
            self._cursor = column, row
            if not modifiers & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = self._cursor
            self._tell()

    def _choose(self, *, adds: bool) -> None:
        if self._cloud is None:
            return
        left, right, bottom, top = self._box
        asked = self._cloud.asked
        box = {
            asked.score: self._cloud.across.range(left, right),
            asked.against: self._cloud.up.range(bottom, top),
        }
        self.boxed.emit(box, adds)
        self.update()

    def _tell(self) -> None:
        """Say what is marked, to whoever looks and to whoever listens."""
        if self._cloud is not None:
            said = cloud_text(self._cloud, self._box)
            self.setAccessibleDescription(said)
            self.pointed.emit(said)
        self.update()


def _image_of(cloud: Cloud, theme: Theme) -> QImage:
    """A cell is the darker the more images it has; selected ones have the colour of text."""
    pixels = np.empty((*cloud.every.shape, 3), np.float32)
    pixels[:] = _rgb(theme.color("panel"))
    for counts, token in (
        (cloud.every, "bar_muted"),
        (cloud.shown, "accent"),
        (cloud.selected, "text"),
    ):
        most = np.log1p(max(int(counts.max(initial=0)), 1))
        weight = np.where(counts, _FAINTEST + (1 - _FAINTEST) * np.log1p(counts) / most, 0)
        pixels += weight[..., None] * (_rgb(theme.color(token)) - pixels)
    upright = np.ascontiguousarray(pixels[::-1].round().astype(np.uint8))  # high values above
    height, width = upright.shape[:2]
    return QImage(upright.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _rgb(colour: QColor) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)
