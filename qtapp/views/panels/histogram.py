"""One score as a small histogram, with a brush that keeps a range of it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from models.review.ordering import N_BINS, Histogram
from qtapp.views.parts import LEFT, RIGHT, small_font, takes_keys
from qtapp.views.theme import Theme

BARS_PX = 34
HANDLE_PX = 7  # how near the pointer must be to take hold of a handle
EVERYTHING = (-math.inf, math.inf)
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Delete)


class RangeHistogram(QWidget):
    """Drag a handle, or the arrow keys: plain for the low one, with Shift for the high one.

    A handle at its end stands for infinity, so that the range does not cut off what later
    scores put beyond the ends of today's.
    """

    chosen = Signal(object)  # (low, high), or None for everything

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._histogram: Histogram | None = None
        self._range = EVERYTHING
        self._held: int | None = None  # 0 = low handle, 1 = high handle
        self.setAccessibleName(name)
        self.setToolTip(
            self.tr(
                "Drag to keep a range; double-click for all.\n"
                "Keys: ← → move the low end, Shift+← → the high end, Delete shows all."
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # numbers grow to the right
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def range(self) -> tuple[float, float] | None:
        """The range kept, or None for everything."""
        return None if self._range == EVERYTHING else self._range

    def show_counts(self, histogram: Histogram, kept: tuple[float, float] | None) -> None:
        """Draw other counts, and the range that the filters hold."""
        shown = self._range if self._held is not None else kept or EVERYTHING
        if histogram is self._histogram and shown == self._range:
            return
        self._histogram, self._range = histogram, shown
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, BARS_PX + QFontMetrics(small_font(self.font())).height() + 3)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    # -- drawing -------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._histogram is None:
            return
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        self._draw_bars(painter, self._histogram)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.range or self.hasFocus() or self.underMouse():
            self._draw_handles(painter)
        painter.setFont(small_font(self.font()))
        painter.setPen(self._theme.color("text" if self.range else "text_muted"))
        below = QRect(0, BARS_PX + 3, self.width(), self.height() - BARS_PX - 3)
        low, high = self._ends()
        painter.drawText(below, LEFT, number_text(low))
        painter.drawText(below, RIGHT, number_text(high))

    def _draw_bars(self, painter: QPainter, histogram: Histogram) -> None:
        # Logarithms: most scores crowd at one end, and the few suspects must still be seen.
        scale = (BARS_PX - 2) / np.log1p(max(int(histogram.every.max()), 1))
        every = np.log1p(histogram.every) * scale
        shown = np.log1p(histogram.shown) * scale
        edges = np.linspace(0, self.width(), N_BINS + 1).round().astype(int)
        for counts, heights, token in (
            (histogram.every, every, "bar_muted"),
            (histogram.shown, shown, "accent"),
        ):
            colour = self._theme.color(token)
            for at in np.flatnonzero(counts):
                height = max(round(float(heights[at])), 2)
                left, right = int(edges[at]), int(edges[at + 1])
                painter.fillRect(left, BARS_PX - height, max(right - left - 1, 1), height, colour)
        painter.fillRect(0, BARS_PX, self.width(), 1, self._theme.color("border"))

    def _draw_handles(self, painter: QPainter) -> None:
        colour = self._theme.color("accent" if self.hasFocus() else "text_muted")
        for end in self._ends():
            x = min(max(self._x_of(end), 1.0), self.width() - 1.0)
            painter.setPen(QPen(colour, 1))
            painter.drawLine(round(x), 0, round(x), BARS_PX)
            painter.setPen(QPen(colour, 1.4))
            painter.setBrush(self._theme.color("panel"))
            grip = QRectF(x - 3, BARS_PX / 2 - 6, 6, 12)
            grip.moveLeft(min(max(grip.left(), 0.7), self.width() - 6.7))
            painter.drawRoundedRect(grip, 2, 2)

    # -- the brush -----------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._histogram is None or event.button() != Qt.MouseButton.LeftButton:
            return
        distances = [abs(event.position().x() - self._x_of(end)) for end in self._ends()]
        self._held = int(np.argmin(distances))
        self._move(self._held, self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._move(self._held, self._value_at(event.position().x()))
            return
        near = any(abs(event.position().x() - self._x_of(e)) < HANDLE_PX for e in self._ends())
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._held = None
            self.chosen.emit(self.range)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._reset()

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._histogram is None or event.key() not in KEYS:
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Delete:
            self._reset()
            return
        handle = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        bin_width = (self._histogram.high - self._histogram.low) / N_BINS
        step = bin_width if event.key() == Qt.Key.Key_Right else -bin_width
        self._move(handle, self._ends()[handle] + step)
        self.chosen.emit(self.range)

    def _reset(self) -> None:
        self._held, self._range = None, EVERYTHING
        self._describe()
        self.update()
        self.chosen.emit(None)

    def _move(self, handle: int, value: float) -> None:
        assert self._histogram is not None
        low, high = self._ends()
        span = self._histogram.high - self._histogram.low
        if handle == 0:
            low = min(value, high)
        else:
            high = max(value, low)
        tiny = span * 1e-6  # rounding must not leave a handle just short of its end
        self._range = (
            -math.inf if low <= self._histogram.low + tiny else low,
            math.inf if high >= self._histogram.high - tiny else high,
        )
        self._describe()
        self.update()

    def _ends(self) -> tuple[float, float]:
        """The handles as values within the histogram."""
        if self._histogram is None:
            return 0.0, 1.0
        low, high = self._range
        bottom, top = self._histogram.low, self._histogram.high
        return min(max(low, bottom), top), max(min(high, top), bottom)

    def _x_of(self, value: float) -> float:
        if self._histogram is None:
            return 0.0
        span = self._histogram.high - self._histogram.low
        return (value - self._histogram.low) / span * self.width()

    def _value_at(self, x: float) -> float:
        assert self._histogram is not None
        share = min(max(x / max(self.width(), 1), 0.0), 1.0)
        return self._histogram.low + share * (self._histogram.high - self._histogram.low)

    def _describe(self) -> None:
        low, high = self._ends()
        self.setAccessibleDescription(
            self.tr("from {} to {}").format(number_text(low), number_text(high))
        )


def number_text(value: float) -> str:
    """A score as short as it can be told: 0.71, 11.3, 1,204."""
    size = abs(value)
    digits = 2 if size < 10 else 1 if size < 100 else 0
    return f"{value:,.{digits}f}".replace("-", "−")
