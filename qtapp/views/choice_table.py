"""A table without grid or headers, one of whose rows is chosen by click, Enter or Space."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from qtapp.views.parts import FittedRows, takes_keys

PADDING_PX = 10  # of an item in the style sheet, and a little
_SPARE_PX = 5  # of a row, around its words

_MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ChoiceTable(QTableView):
    """The first column takes the room that the others leave. A subclass says what choosing does."""

    def __init__(self, model: QAbstractTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setProperty("rail", True)
        self.setShowGrid(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setTabKeyNavigation(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        FittedRows(self, _SPARE_PX)

    def choose(self, row: int) -> None:
        """What a click on a row, or Enter, does."""
        raise NotImplementedError

    def mark(self, row: int | None) -> None:
        """Show one row as the chosen one, or none."""
        if row is None:
            self.clearSelection()
        else:
            self.selectRow(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.choose(index.row())

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, (*_MOVING, *_CHOOSING)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHOOSING and self.currentIndex().isValid():
            self.choose(self.currentIndex().row())
        elif event.key() in _MOVING:
            super().keyPressEvent(event)
        else:
            event.ignore()  # letters are commands here, not a search
