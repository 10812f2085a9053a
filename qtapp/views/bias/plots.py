"""One small histogram for each class over that of all images; a bar or a range filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QScrollArea, QToolTip, QWidget

from models.review.bias import EVERY, SUSPECTS, Spread
from qtapp.views import theme as look
from qtapp.views.bias.wording import bin_text, group_name, tr, value_text
from qtapp.views.parts import LEFT, RIGHT, mirrored, plain_tip, small_font, takes_keys
from qtapp.views.theme import Theme

_CELL_PX, _BARS_PX = 118, 34  # least width of a cell; height of its bars
_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space),
)


@dataclass(frozen=True)
class Bins:
    """Some neighbouring bins of one group."""

    group: int
    first: int
    last: int


class SmallHistograms(QWidget):
    """Drag over bars to keep them, click a name to look at the group.

    Arrow keys move from bar to bar and from cell to cell, Shift with left and right takes
    several bars, Enter keeps them, Space looks at the group.
    """

    kept = Signal(object)  # Bins
    looked_at = Signal(int)  # group
    moved = Signal(object)  # QRect in sight for the keyboard

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._spread: Spread | None = None
        self._groups: list[int] = []
        self._names: Sequence[str] = ()
        self._group = EVERY  # that is looked at
        self._in_force: Bins | None = None
        self._held: Bins | None = None  # while the pointer drags; first is where it began
        self._cursor: Bins | None = None  # of the keyboard
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Distribution in each class"))
        self._describe()
        theme.changed.connect(self.update)

    def show_spread(self, spread: Spread | None, groups: list[int], names: Sequence[str]) -> None:
        """`groups` in the order of their cells; `names` by class code."""
        before = None if self._spread is None else (self._spread.edges, self._groups)
        if spread is None or (spread.edges, groups) != before:
            self._cursor = self._held = None
        self._spread, self._groups, self._names = spread, groups, names
        self._fit()
        self._describe()
        self.update()

    def mark(self, group: int, in_force: Bins | None) -> None:
        """Frame the group that is looked at, and the bins that are filtered by."""
        self._group, self._in_force = group, in_force
        self.update()

    # -- places ----------------------------------------------------------------------------
    @property
    def _columns(self) -> int:
        return max(1, self.width() // _CELL_PX)

    @property
    def _cell_height(self) -> int:
        text = QFontMetrics(small_font(self.font())).height()
        return 2 * text + _BARS_PX + look.space_3

    def _cell(self, place: int) -> QRect:
        row, column = divmod(place, self._columns)
        width = self.width() // self._columns
        whole = QRect(column * width, row * self._cell_height, width, self._cell_height)
        return whole.adjusted(1, 0, 1 - look.space_2, -look.space_1)

    def _bars(self, cell: QRect) -> QRect:
        text = QFontMetrics(small_font(self.font())).height()
        return QRect(cell.left() + 2, cell.top() + text + 2, cell.width() - 4, _BARS_PX)

    def _edges(self, bars: QRect) -> list[int]:
        assert self._spread is not None
        n_bins = len(self._spread.every)
        edges: list[int] = (
            np.linspace(bars.left(), bars.right() + 1, n_bins + 1).round().astype(int).tolist()
        )
        return edges

    def _bins_at(self, at: QPoint) -> tuple[int, int] | None:
        """The place of a cell, and the bin there; -1 on its name."""
        width = max(self.width() // self._columns, 1)
        row, column = at.y() // self._cell_height, at.x() // width
        place = row * self._columns + column
        if self._spread is None or column >= self._columns or not 0 <= place < len(self._groups):
            return None
        bars = self._bars(self._cell(place))
        if at.y() < bars.top():
            return place, -1
        return place, self._bin_at(bars, at.x())

    def _bin_at(self, bars: QRect, x: int) -> int:
        assert self._spread is not None
        n_bins = len(self._spread.every)
        return min(max((x - bars.left()) * n_bins // max(bars.width(), 1), 0), n_bins - 1)

    def _fit(self) -> None:
        self.setMinimumHeight(-(-len(self._groups) // self._columns) * self._cell_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(3 * _CELL_PX, self.minimumHeight())

    # -- drawing -----------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._spread is None:
            return
        painter = QPainter(self)
        painter.setFont(small_font(self.font()))
        seen = event.rect()
        first = max(seen.top() // self._cell_height, 0) * self._columns
        last = (seen.bottom() // self._cell_height + 1) * self._columns
        for place in range(first, min(last, len(self._groups))):
            self._draw_cell(painter, place, self._spread)

    def _draw_cell(self, painter: QPainter, place: int, spread: Spread) -> None:
        group, cell = self._groups[place], self._cell(place)
        bars, metrics = self._bars(cell), painter.fontMetrics()
        if group == self._group:
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.setBrush(self._theme.color("tile_current"))
            painter.drawRoundedRect(cell.adjusted(-1, 0, 1, 0), 3, 3)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        counts = spread.counts(group)
        # As high as the font says, a rectangle cuts off an underscore.
        title = QRect(cell.left() + 3, cell.top(), cell.width() - 6, metrics.height() + 2)
        n_text = f"{int(counts.sum()):,}"
        painter.setPen(self._theme.color("text_muted"))
        painter.drawText(title, RIGHT, n_text)
        room = title.adjusted(0, 0, -metrics.horizontalAdvance(n_text) - look.space_1, 0)
        painter.setPen(self._theme.color("text"))
        name = group_name(group, self._names)
        cut = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(mirrored(painter, title, room), LEFT, cut)
        self._draw_bars(painter, bars, spread, group)
        below = QRect(bars.left(), bars.bottom() + 2, bars.width(), metrics.height())
        painter.setPen(self._theme.color("text_muted"))
        reading = painter.layoutDirection()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as the bars
        painter.drawText(below, LEFT, value_text(spread.edges[0]))
        painter.drawText(below, RIGHT, value_text(spread.edges[-1]))
        painter.setLayoutDirection(reading)

    def _draw_bars(self, painter: QPainter, bars: QRect, spread: Spread, group: int) -> None:
        """Shares of the group, over the shares of all images, at one scale for both."""
        edges = self._edges(bars)
        own, every = _shares(spread.counts(group)), _shares(spread.every)
        top = max(float(own.max()), float(every.max()), 1e-9)
        token = "suggested" if group == SUSPECTS else "bar" if group == EVERY else "accent"
        behind, colour = self._theme.color("bar_muted"), self._theme.color(token)
        for at, (share, of_all) in enumerate(zip(own.tolist(), every.tolist(), strict=True)):
            left, width = edges[at], max(edges[at + 1] - edges[at], 1)
            for value, inset, shade in ((of_all, 0, behind), (share, 1, colour)):
                height = round(value / top * (bars.height() - 2))
                if value > 0:
                    height, thin = max(height, 1), min(inset, (width - 1) // 2)
                    painter.fillRect(
                        left + thin, bars.bottom() - height, width - 2 * thin, height, shade
                    )
        painter.fillRect(bars.left(), bars.bottom(), bars.width(), 1, self._theme.color("border"))
        self._draw_marks(painter, bars, edges, group)

    def _draw_marks(self, painter: QPainter, bars: QRect, edges: Sequence[int], group: int) -> None:
        for marked, shown in (
            (self._in_force, self._held is None),
            (_ordered(self._held), True),
            (_ordered(self._cursor), self.hasFocus()),
        ):
            if marked is not None and shown and marked.group == group:
                left, right = edges[marked.first], edges[marked.last + 1]
                painter.setPen(QPen(self._theme.color("text"), 1))
                painter.drawRect(QRect(left, bars.top(), max(right - left - 1, 2), bars.height()))

    # -- pointer -------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._bins_at(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place, at = found
        if at < 0:
            self.looked_at.emit(self._groups[place])
        else:
            self._held = Bins(self._groups[place], at, at)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            bars = self._bars(self._cell(self._groups.index(self._held.group)))
            at = self._bin_at(bars, event.position().toPoint().x())
            self._held = Bins(self._held.group, self._held.first, at)
            self.update()
            return
        self.setCursor(
            Qt.CursorShape.ArrowCursor
            if self._bins_at(event.position().toPoint()) is None
            else Qt.CursorShape.PointingHandCursor
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = _ordered(self._held), None
        if held is not None:
            self.kept.emit(held)
            self.update()

    # -- keys ------------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._bins_at(event.pos())
            if found is not None:
                place, at = found
                said = self._said(Bins(self._groups[place], at, at))
                QToolTip.showText(event.globalPos(), plain_tip(said), self)
            return True
        return takes_keys(event, _KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._spread is None or event.key() not in _KEYS:
            super().keyPressEvent(event)
            return
        cursor = self._cursor or Bins(self._group, 0, 0)
        if cursor.group not in self._groups:
            cursor = Bins(EVERY, 0, 0)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.kept.emit(_ordered(cursor))
        elif event.key() == Qt.Key.Key_Space:
            self.looked_at.emit(cursor.group)
        else:
            extends = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            cursor = self._moved(cursor, Qt.Key(event.key()), extends=extends)
        self._cursor = cursor
        self._describe()
        self.moved.emit(self._cell(self._groups.index(cursor.group)))
        self.update()

    def _moved(self, cursor: Bins, key: Qt.Key, *, extends: bool) -> Bins:
        assert self._spread is not None
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        rows, bins = steps.get(key, (1 if key == Qt.Key.Key_Down else -1, 0))
        place = self._groups.index(cursor.group) + rows * self._columns
        group = self._groups[place] if 0 <= place < len(self._groups) else cursor.group
        last = min(max(cursor.last + bins, 0), len(self._spread.every) - 1)
        return Bins(group, cursor.first if extends or not bins else last, last)

    def _said(self, bins: Bins) -> str:
        if self._spread is None:
            return ""
        if bins.first < 0:
            return group_name(bins.group, self._names)
        return bin_text(self._spread, bins.first, bins.last, bins.group, self._names)

    def _describe(self) -> None:
        cursor = _ordered(self._cursor)
        how = tr("A bar is a filter; arrows move between bars, Enter takes one.")
        self.setAccessibleDescription((cursor and self._said(cursor)) or how)


class HistogramArea(QScrollArea):
    """Scrolls the cells up and down, and after the keyboard."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = SmallHistograms(theme)
        self.cells.setProperty("panel", True)
        self.cells.moved.connect(self._follow)
        self.setWidget(self.cells)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _follow(self, cell: QRect) -> None:
        middle = cell.center()
        self.ensureVisible(middle.x(), middle.y(), 0, cell.height() // 2)


def _shares(
    counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    shares: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = counts / max(int(counts.sum()), 1)
    return shares


def _ordered(bins: Bins | None) -> Bins | None:
    """With its ends the right way round."""
    if bins is None:
        return None
    return Bins(bins.group, min(bins.first, bins.last), max(bins.first, bins.last))
