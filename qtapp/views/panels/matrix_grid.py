"""The painted matrix: up to a thousand classes on either axis, of which only what is in sight
is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from models.review.confusion import Cell, Matrix
from qtapp.views.panels.matrix_geometry import HEADER, Geometry
from qtapp.views.panels.matrix_ink import MatrixInk
from qtapp.views.panels.matrix_text import sentence, tr
from qtapp.views.parts import plain_tip, takes_keys
from qtapp.views.theme import Theme

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
ZOOMING = {Qt.Key.Key_Plus: 1.25, Qt.Key.Key_Equal: 1.25, Qt.Key.Key_Minus: 0.8}
SMALLEST_PX, LARGEST_PX = 2, 96
_NOTCH = 120


class MatrixGrid(QAbstractScrollArea):
    """Labels down, predictions across. A click or Enter chooses a cell, a row or a column."""

    pointed = Signal(object)  # Cell under the mouse or the keyboard, or None
    chosen = Signal(object)  # Cell

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ink = MatrixInk(theme)
        self._matrix: Matrix | None = None
        self._names: Sequence[str] = ()  # by class code
        self._image = QImage()
        self._in_force: Cell | None = None
        self._cursor, self._hovered = (0, 0), (HEADER, HEADER)  # row and column
        self._zoom = 1.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the images
        self.setAccessibleName(tr("Confusion matrix"))
        self.setAccessibleDescription(
            tr("Arrows move between cells, Enter shows the images of one.")
        )
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # of axes
        self.viewport().setMouseTracking(True)
        self.setCornerWidget(QWidget())
        theme.changed.connect(self._redress)

    def show_matrix(self, matrix: Matrix | None, names: Sequence[str]) -> None:
        """`names` by class code."""
        same_axes = (
            matrix is not None
            and self._matrix is not None
            and matrix.codes.tolist() == self._matrix.codes.tolist()
            and list(names) == list(self._names)
        )
        self._matrix, self._names = matrix, names
        if matrix is not None:
            k = len(matrix.codes)
            shades = matrix.shades
            # The array outlives the image: both are held here.
            self._image = QImage(shades.data, k, k, k, QImage.Format.Format_Indexed8)
            self._image.setColorTable(self._ink.colours)
            self._ink.show(matrix, [names[code] for code in matrix.codes.tolist()], self.font())
        if not same_axes:
            self._cursor, self._hovered, self._zoom = (0, 0), (HEADER, HEADER), 1.0
            self._in_force = None  # to be brought into sight again
        self._fit()

    def mark(self, cell: Cell | None) -> None:
        """The cell that is filtered by now, brought into sight."""
        if cell != self._in_force:
            self._in_force = cell
            row, column = self._place_of(cell) if cell else (HEADER, HEADER)
            if (row, column) != (HEADER, HEADER):
                self._cursor = row, column
                self._bring_into_sight(in_the_middle=True)
            self.viewport().update()

    # -- where things are ------------------------------------------------------------------
    @property
    def _geometry(self) -> Geometry:
        shift = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        return self._ink.geometry(self.viewport().size(), shift, self._zoom)

    def _cell_at(self, row: int, column: int) -> Cell | None:
        if self._matrix is None or not len(self._matrix.codes) or row == column == HEADER:
            return None
        codes = self._matrix.codes
        return Cell(
            None if row == HEADER else int(codes[row]),
            None if column == HEADER else int(codes[column]),
        )

    def _place_of(self, cell: Cell) -> tuple[int, int]:
        codes = self._matrix.codes.tolist() if self._matrix else []
        places = [codes.index(c) if c in codes else HEADER for c in (cell.label, cell.predicted)]
        return places[0], places[1]

    def _fit(self) -> None:
        """Scroll bars for what does not fit."""
        whole, area = self._geometry.whole, self._geometry.area
        for bar, length, page in (
            (self.horizontalScrollBar(), whole.width(), area.width()),
            (self.verticalScrollBar(), whole.height(), area.height()),
        ):
            bar.setRange(0, max(0, length - page))
            bar.setPageStep(max(page, 1))
            bar.setSingleStep(max(self._geometry.cell.height(), 8))
        self.viewport().update()

    def _bring_into_sight(self, *, in_the_middle: bool = False) -> None:
        """Scroll no more than is needed, or so that the neighbours are seen too."""
        geometry, area = self._geometry, self._geometry.area
        cell = geometry.rect(*self._cursor)
        for bar, start, end, low, high in (
            (self.horizontalScrollBar(), cell.left(), cell.right(), area.left(), area.right()),
            (self.verticalScrollBar(), cell.top(), cell.bottom(), area.top(), area.bottom()),
        ):
            if HEADER in self._cursor and end < low:
                continue
            if low <= start and end <= high:
                continue
            middle = (start + end - low - high) // 2
            nearest = start - low if start < low else end - high
            bar.setValue(bar.value() + (middle if in_the_middle else nearest))

    # -- events ----------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        return QSize(420, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        painter.fillRect(self.viewport().rect(), self._theme.color("panel"))
        if self._matrix is None:
            return
        geometry = self._geometry
        self._ink.paint(painter, geometry, self._image, self._hovered)
        if self._in_force is not None:
            self._ink.paint_chosen(painter, geometry, *self._place_of(self._in_force))
        if self.hasFocus():
            self._ink.paint_cursor(painter, geometry, *self._cursor)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._cell_at(*self._geometry.at(QPointF(event.pos())))
            text = tr("Ctrl and the wheel, or + and −, make cells larger and smaller.")
            if cell is not None and self._matrix is not None:
                text = sentence(cell, self._matrix, self._names)
            QToolTip.showText(event.globalPos(), plain_tip(text), self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover((HEADER, HEADER))
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._geometry.at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._geometry.at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self._cell_at(*place) is not None:
            self._cursor = place
            self._choose()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tell(self._cursor)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_by(1.25 ** (event.angleDelta().y() / _NOTCH))
            event.accept()
        else:
            super().wheelEvent(event)

    def event(self, event: QEvent) -> bool:
        keys = (*STEPS, *CHOOSING, Qt.Key.Key_Home, Qt.Key.Key_End, *ZOOMING)
        return takes_keys(event, keys) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        k = len(self._matrix.codes) if self._matrix else 0
        if key in STEPS and k:
            places = zip(self._cursor, STEPS[key], strict=True)
            row, column = (max(HEADER, min(at + step, k - 1)) for at, step in places)
            if (row, column) != (HEADER, HEADER):
                self._move_to(row, column)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and k:
            self._move_to(self._cursor[0], 0 if key == Qt.Key.Key_Home else k - 1)
        elif key in ZOOMING:
            self._zoom_by(ZOOMING[key])
        elif key in CHOOSING:
            self._choose()
        else:
            event.ignore()

    def _choose(self) -> None:
        cell = self._cell_at(*self._cursor)
        if cell is not None:
            self._tell(self._cursor)
            self.chosen.emit(cell)
            self.viewport().update()

    def _move_to(self, row: int, column: int) -> None:
        self._cursor = row, column
        self._bring_into_sight()
        self._tell(self._cursor)
        self.viewport().update()

    def _hover(self, place: tuple[int, int]) -> None:
        if place != self._hovered:
            self._hovered = place
            self._tell(place)
            self.viewport().update()

    def _tell(self, place: tuple[int, int]) -> None:
        """Say what is there, to whoever looks and to whoever listens."""
        cell = self._cell_at(*place)
        if cell is not None and self._matrix is not None:
            self.setAccessibleDescription(sentence(cell, self._matrix, self._names))
        self.pointed.emit(cell)

    def _zoom_by(self, factor: float) -> None:
        """Larger or smaller cells; what the keyboard is at stays in sight."""
        if self._matrix is not None:
            self._zoom = self._geometry.zoomed(factor, SMALLEST_PX, LARGEST_PX)
            self._fit()
            self._bring_into_sight()

    def _redress(self) -> None:
        self._ink.redress()
        self._image.setColorTable(self._ink.colours)
        self.viewport().update()
