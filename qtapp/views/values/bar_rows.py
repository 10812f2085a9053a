"""A score as bars, one row for each group; a bar or a range of them leads to the images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from models.review.distributions import Bars
from qtapp.views import theme as look
from qtapp.views.parts import RIGHT, plain_tip, small_font, takes_keys
from qtapp.views.theme import Theme
from qtapp.views.values.axis import paint_below
from qtapp.views.values.wording import bars_text, tr

_LEAST_ROW_PX = 22
_NAMES_SHARE, _NAMES_PX = 0.24, 150  # of the width, and at most
_ABOVE_PX = 4  # between a row and the highest bar of the next one
_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0),
          Qt.Key.Key_Down: (1, 0)}  # fmt: skip
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)


class BarRows(QAbstractScrollArea):
    """Click a bar or drag over several; with the keyboard the arrows, with Shift several, Enter.

    Heights are logarithms: most scores crowd at one end, and the few suspects must be seen too.
    """

    pointed = Signal(str)  # what is under the mouse or the keyboard, in words; "" for nothing
    chosen = Signal(int, int, int)  # code of the group, first and last bin

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bars: Bars | None = None
        self._names: Sequence[str] = ()
        self._kept: tuple[int, int] | None = None  # the bins that are filtered by
        self._anchor, self._cursor = 0, (0, 0)  # a bin; row and bin
        self._hovered: tuple[int, int] | None = None
        self._is_held = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the images
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Distribution of the values"))
        self.setAccessibleDescription(
            tr("A bar is a filter; arrows move between bars, Enter takes one.")
        )
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # numbers grow to the right
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self.viewport().update)

    def show_bars(self, bars: Bars, names: Sequence[str], kept: tuple[int, int] | None) -> None:
        """`names` of the groups, in their order; `kept` are the bins that are filtered by."""
        is_other = self._bars is None or self._bars.asked != bars.asked
        self._bars, self._names, self._kept = bars, names, kept
        if is_other:
            self._anchor, self._cursor, self._hovered = 0, (0, 0), None
            self.verticalScrollBar().setValue(0)
        self._cursor = min(self._cursor[0], len(bars.codes) - 1), self._cursor[1]
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(420, 200)

    # -- where things are ------------------------------------------------------------------
    @property
    def _is_single(self) -> bool:
        return self._bars is None or not self._bars.asked.by

    @property
    def _plot(self) -> QRect:
        """Where rows are seen: right of the names, above the numbers."""
        whole = self.viewport().rect()
        names = 0 if self._is_single else min(_NAMES_PX, round(_NAMES_SHARE * whole.width()))
        below = QFontMetrics(small_font(self.font())).height() + 7
        return whole.adjusted(names, 0, -look.space_2, -below)

    @property
    def _row_px(self) -> int:
        n = len(self._bars.codes) if self._bars else 1
        return max(_LEAST_ROW_PX, self._plot.height() // max(n, 1))

    def _row_rect(self, row: int) -> QRect:
        plot = self._plot
        top = plot.top() + row * self._row_px - self.verticalScrollBar().value()
        return QRect(plot.left(), top, plot.width(), self._row_px)

    def _edges(self) -> list[int]:
        assert self._bars is not None
        plot, n = self._plot, len(self._bars.bins)
        edges: list[int] = np.linspace(plot.left(), plot.right() + 1, n + 1).astype(int).tolist()
        return edges

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        """Row and bin under a point."""
        plot = self._plot
        if self._bars is None or point.y() >= plot.bottom() or point.x() < plot.left():
            return None
        row = int(point.y() - plot.top() + self.verticalScrollBar().value()) // self._row_px
        return (row, self._bin_at(point.x())) if 0 <= row < len(self._bars.codes) else None

    def _bin_at(self, x: float) -> int:
        assert self._bars is not None
        plot, n = self._plot, len(self._bars.bins)
        return min(max(int((x - plot.left()) * n / max(plot.width(), 1)), 0), n - 1)

    def _fit(self) -> None:
        n = len(self._bars.codes) if self._bars else 0
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, n * self._row_px - self._plot.height()))
        bar.setPageStep(max(self._plot.height(), 1))
        bar.setSingleStep(self._row_px)
        self.viewport().update()

    # -- painting --------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        painter.fillRect(self.viewport().rect(), self._theme.color("panel"))
        if self._bars is None:
            return
        painter.setFont(small_font(self.font()))
        plot, edges = self._plot, self._edges()
        painter.save()
        painter.setClipRect(QRect(0, plot.top(), self.viewport().width(), plot.height()))
        first = self.verticalScrollBar().value() // self._row_px
        past_last = first + plot.height() // self._row_px + 2
        for row in range(first, min(past_last, len(self._bars.codes))):
            self._paint_row(painter, self._bars, row, edges)
        self._paint_marks(painter, edges)
        painter.restore()
        painter.fillRect(plot.left(), plot.bottom(), plot.width(), 1, self._theme.color("border"))
        paint_below(painter, plot, self._bars.bins, self._theme)

    def _paint_row(self, painter: QPainter, bars: Bars, row: int, edges: list[int]) -> None:
        rect = self._row_rect(row)
        if not self._is_single:
            names = QRect(0, rect.top(), rect.left() - look.space_2, rect.height())
            painter.setPen(self._theme.color("text"))
            elide = Qt.TextElideMode.ElideMiddle
            name = painter.fontMetrics().elidedText(self._names[row], elide, names.width())
            painter.drawText(names.adjusted(0, _ABOVE_PX, 0, 0), RIGHT, name)
        high = rect.height() - _ABOVE_PX
        scale = (high - 1) / np.log1p(max(int(bars.every[row].max()), 1))
        for counts, token in ((bars.every[row], "bar_muted"), (bars.shown[row], "accent")):
            heights = np.maximum(np.log1p(counts) * scale, 2).astype(int).tolist()
            colour = self._theme.color(token)
            for at in np.flatnonzero(counts).tolist():
                width = max(edges[at + 1] - edges[at] - 1, 1)
                top = rect.bottom() + 1 - heights[at]
                painter.fillRect(edges[at], top, width, heights[at], colour)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._theme.color("border"))

    def _paint_marks(self, painter: QPainter, edges: list[int]) -> None:
        """What is filtered by, what is pointed at, and where the keyboard is."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._kept is not None:
            first, last = self._kept
            plot = self._plot
            painter.setPen(QPen(self._theme.color("accent"), 2))
            width = edges[last + 1] - edges[first]
            painter.drawRect(QRect(edges[first], plot.top() + 1, width, plot.height() - 2))
        if self._is_held or self.hasFocus():
            row, first, last = self._reach
            rect = self._row_rect(row)
            rect.setLeft(edges[first])
            rect.setRight(edges[last + 1] - 1)
            painter.setPen(QPen(self._theme.color("text"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(rect.adjusted(0, 1, -1, -1))
        elif self._hovered is not None:
            row, at = self._hovered
            rect = self._row_rect(row)
            painter.setPen(QPen(self._theme.color("text_muted"), 1))
            width = max(edges[at + 1] - edges[at] - 1, 2)
            painter.drawRect(QRect(edges[at], rect.top() + 1, width, rect.height() - 2))

    @property
    def _reach(self) -> tuple[int, int, int]:
        """Row, first and last bin of what is marked."""
        row, at = self._cursor
        return row, min(at, self._anchor), max(at, self._anchor)

    # -- events ----------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._cursor, self._anchor, self._is_held = place, place[1], True
            self._tell()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_held:
            self._cursor = self._cursor[0], self._bin_at(event.position().x())
            self._tell()
            return
        hovered = self._at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.pointed.emit(self._words(hovered[0], hovered[1], hovered[1]) if hovered else "")
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_held and event.button() == Qt.MouseButton.LeftButton:
            self._is_held = False
            self._choose()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._at(QPointF(event.pos()))
            said = self._words(place[0], place[1], place[1]) if place else ""
            QToolTip.showText(event.globalPos(), plain_tip(said), self.viewport())
            return True
        if event.type() == QEvent.Type.Leave and self._hovered is not None:
            self._hovered = None
            self.pointed.emit("")
            self.viewport().update()
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tell()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, (*_STEPS, *_CHOOSING, *_ENDS)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._bars is None:
            event.ignore()
        elif key in _STEPS or key in _ENDS:
            row, at = self._cursor
            down, right = _STEPS.get(key, (0, 0))
            at = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._bars.bins) - 1}.get(key, at)
            row = min(max(row + down, 0), len(self._bars.codes) - 1)
            at = min(max(at + right, 0), len(self._bars.bins) - 1)
            self._cursor = row, at
            self._anchor = self._anchor if extends or down else at
            self._bring_into_sight(row)
            self._tell()
        elif key in _CHOOSING:
            self._choose()
        else:
            event.ignore()  # letters are commands here, not a search

    def _bring_into_sight(self, row: int) -> None:
        bar, plot, rect = self.verticalScrollBar(), self._plot, self._row_rect(row)
        if rect.top() < plot.top():
            bar.setValue(bar.value() + rect.top() - plot.top())
        elif rect.bottom() > plot.bottom():
            bar.setValue(bar.value() + rect.bottom() - plot.bottom())

    def _choose(self) -> None:
        if self._bars is not None and self._bars.codes:
            row, first, last = self._reach
            self.chosen.emit(self._bars.codes[row], first, last)
            self.viewport().update()

    def _tell(self) -> None:
        """Say what is marked, to whoever looks and to whoever listens."""
        if self._bars is not None and self._bars.codes:
            said = self._words(*self._reach)
            self.setAccessibleDescription(said)
            self.pointed.emit(said)
        self.viewport().update()

    def _words(self, row: int, first: int, last: int) -> str:
        assert self._bars is not None
        return bars_text(self._bars, row, first, last, "" if self._is_single else self._names[row])
