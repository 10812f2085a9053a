"""The table of single images with something wrong."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from qtapp.views import theme as look
from qtapp.views.data.wording import Page, tr
from qtapp.views.parts import LEFT, FittedRows, plain_tip, takes_keys

CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_NO_INDEX = QModelIndex()
_MOST_ROWS = 8
_Index = QModelIndex | QPersistentModelIndex


def wrong_items(page: Page) -> list[tuple[int, str, str]]:
    """Broken images first, then blank ones."""
    blank = tr("blank: all pixels are alike")
    return [(item["sample_id"], item["path"], item["why"]) for item in page["broken"]] + [
        (item["sample_id"], item["path"], blank) for item in page["blank"]["items"]
    ]


class ItemsItemModel(QAbstractTableModel):
    """Single images with something wrong: number, where it lies, and what it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[tuple[int, str, str]] = []

    def set_items(self, items: list[tuple[int, str, str]]) -> None:
        if items != self.items:
            self.beginResetModel()
            self.items = items
            self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.items)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self.items[index.row()][index.column()]
        shown = f"{cell:,}" if isinstance(cell, int) else cell
        if role == Qt.ItemDataRole.DisplayRole:
            return shown
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tr("{0}\nDouble-click to see the image in the grid").format(shown))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return (tr("Image"), tr("Where it lies"), tr("What is wrong"))[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return LEFT
        return None


class ItemsTable(QTableView):
    """Double-click an image, or Enter on it, to see it in the grid."""

    chosen = Signal(object)  # list of sample ids

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item_model = ItemsItemModel(self)
        self.setModel(self.item_model)
        self.setAccessibleName(tr("Images with something wrong"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("rail", True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        FittedRows(self, look.space_2 + 2)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(1, 220)
        self.doubleClicked.connect(self._choose)

    def set_items(self, items: list[tuple[int, str, str]]) -> None:
        self.item_model.set_items(items)
        self.fit()

    def fit(self) -> None:
        """Be as high as the first few rows."""
        rows = min(len(self.item_model.items), _MOST_ROWS)
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + rows * self.verticalHeader().defaultSectionSize() + 6)

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, CHOOSING) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in CHOOSING and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        elif event.text().isprintable() and event.text():
            event.ignore()  # letters are commands here, not a search
        else:
            super().keyPressEvent(event)

    def _choose(self, index: _Index) -> None:
        self.chosen.emit([self.item_model.items[index.row()][0]])
