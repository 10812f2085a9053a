"""How many images each class has in each split, as bars in a table of any length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from qtapp.views import theme as look
from qtapp.views.data.wording import images_text, tr
from qtapp.views.parts import (
    LEFT,
    RIGHT,
    FittedRows,
    mirrored,
    paint_bar,
    plain_tip,
    takes_keys,
)
from qtapp.views.theme import Theme

CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_NO_INDEX = QModelIndex()
_NAME_LEAST_PX, _NAME_SHARE = 90, 0.36  # of the table's width, for names
_MEASURED = 2_000  # names whose width is looked at
_BAR_PX = 5
_Index = QModelIndex | QPersistentModelIndex


class ClassItemModel(QAbstractTableModel):
    """One row a class, sorted by any column; column 0 is the name, the others are counts."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self._titles: Sequence[str] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)  # (k, titles)
        self._others, self._other_name = self._counts, ""  # what they are compared with
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)  # code of each row
        self._sorted_by = (1, Qt.SortOrder.DescendingOrder)

    def set_counts(
        self,
        names: Sequence[str],
        titles: Sequence[str],
        counts: NDArray[np.int64],
        others: NDArray[np.int64],
        other_name: str,
    ) -> None:
        """Names of the classes, and images of each under each title, (k, titles); `others` are
        counts of the same by other labels, `other_name`."""
        self.beginResetModel()
        self._names, self._titles, self._counts = names, titles, counts
        self._others, self._other_name = others, other_name
        self._sort()
        self.endResetModel()

    def code(self, row: int) -> int:
        return int(self._order[row])

    def count(self, row: int, title: int) -> int:
        return int(self._counts[self._order[row], title])

    def share(self, row: int, title: int) -> float:
        """Of the largest class under the same title."""
        most = int(self._counts[:, title].max(initial=0))
        return self.count(row, title) / most if most else 0.0

    def other_share(self, row: int, title: int) -> float | None:
        """Likewise by the other labels; None where both counts agree."""
        most = int(self._counts[:, title].max(initial=0))
        other = int(self._others[self._order[row], title])
        return None if other == self.count(row, title) or not most else other / most

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 1 + len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        name = self._names[self.code(index.row())]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{self.count(index.row(), column - 1):,}" if column else name
        if role == Qt.ItemDataRole.ToolTipRole:
            other = tr("Click to see these images")
            if column and self.other_share(index.row(), column - 1) is not None:
                other_n = int(self._others[self.code(index.row()), column - 1])
                other = f"{self._other_name}: {images_text(other_n)}\n{other}"
            return plain_tip(f"{name}\n{other}")
        if role == Qt.ItemDataRole.AccessibleTextRole and column:
            number = images_text(self.count(index.row(), column - 1))
            return f"{name}, {self._titles[column - 1]}: {number}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            if not section:
                return tr("Class")
            return tr("Images") if len(self._titles) == 1 else self._titles[section - 1]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._sorted_by = column, order
        self._sort()
        self.layoutChanged.emit()

    def _sort(self) -> None:
        """By names in the order of the class list, or by counts; ties stay in that order."""
        column, order = self._sorted_by
        descending = order == Qt.SortOrder.DescendingOrder
        if not column or column > len(self._titles):
            self._order = np.arange(len(self._names))
            self._order = self._order[::-1] if descending else self._order
            return
        counts = self._counts[:, column - 1]
        self._order = np.argsort(-counts if descending else counts, kind="stable")


class _ClassDelegate(QStyledItemDelegate):
    def __init__(self, table: ClassTable, theme: Theme) -> None:
        super().__init__(table)
        self._table, self._theme = table, theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60, QFontMetrics(option.font).height() + look.space_2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, rect, model = self._theme, option.rect, self._table.item_model
        painter.save()
        row_is_hovered = index.row() == self._table.hovered_row
        focused = self._table.hasFocus() and index.row() == self._table.currentIndex().row()
        if row_is_hovered or focused or option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("tile_current" if focused else "tile_hover"))
        inside = rect.adjusted(look.space_2, 0, -look.space_2, 0)
        metrics = QFontMetrics(option.font)
        painter.setFont(option.font)
        if not index.column():
            name = str(index.data())
            painter.setPen(theme.color("text"))
            elided = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, inside.width())
            painter.drawText(inside, LEFT, elided)
            painter.restore()
            return
        title = index.column() - 1
        digits = metrics.horizontalAdvance(self._table.widest(title))
        n = model.count(index.row(), title)
        painter.setPen(theme.color("text_muted" if n else "danger"))
        number = QRect(inside.left(), inside.top(), digits, inside.height())
        painter.drawText(mirrored(painter, inside, number), RIGHT, f"{n:,}")
        bar = QRect(number.right() + look.space_2, inside.center().y() - _BAR_PX // 2, 0, _BAR_PX)
        bar.setRight(inside.right())
        if bar.width() > 8:
            bar = mirrored(painter, inside, bar)
            paint_bar(painter, bar, model.share(index.row(), title), theme, "accent")
            other = model.other_share(index.row(), title)
            if other is not None:
                x = bar.left() + round(min(other, 1.0) * (bar.width() - 2))
                mark = QRect(x, bar.top() - 3, 2, bar.height() + 6)
                painter.fillRect(mark, theme.color("corrected"))
        painter.restore()


class ClassTable(QTableView):
    """Click a class, or Enter on it, to see its images; of one split if clicked there."""

    chosen = Signal(int, int)  # place in the list of classes, split or -1

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item_model = ClassItemModel(self)
        self.hovered_row = -1
        self._name_px, self._widest = _NAME_LEAST_PX, list[str]()
        self.setModel(self.item_model)
        self.setItemDelegate(_ClassDelegate(self, theme))
        self.setAccessibleName(tr("Images of each class"))
        self.setAccessibleDescription(tr("Enter shows the images of a class."))
        self.setProperty("rail", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        FittedRows(self, look.space_2)
        header = self.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSortingEnabled(True)
        self.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        theme.changed.connect(self.viewport().update)

    def set_counts(
        self,
        names: Sequence[str],
        splits: Sequence[str],
        counts: NDArray[np.int64],
        others: NDArray[np.int64],
        other_name: str,
    ) -> None:
        """Names of the classes, and images of each in each split, (k, splits); `others` are counts
        of the same by other labels, `other_name`."""
        columns = list(splits)
        if len(splits) > 1:
            columns = [tr("All"), *splits]
            counts = np.column_stack([counts.sum(axis=1), counts])
            others = np.column_stack([others.sum(axis=1), others])
        self._widest = [f"{int(column.max(initial=0)):,}" for column in counts.T]
        metrics = QFontMetrics(self.font())
        longest = max((metrics.horizontalAdvance(name) for name in names[:_MEASURED]), default=0)
        self._name_px = longest + 2 * look.space_2 + look.space_1
        self.item_model.set_counts(names, columns, counts, others, other_name)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self._fit_names()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_names()

    def _fit_names(self) -> None:
        header, widest = self.horizontalHeader(), round(self.viewport().width() * _NAME_SHARE)
        least = max(_NAME_LEAST_PX, header.sectionSizeHint(0))
        header.resizeSection(0, max(min(self._name_px, widest), least))

    def widest(self, title: int) -> str:
        """The longest number under a title."""
        return self._widest[title]

    def height_of(self, n_rows: int) -> int:
        """Height that shows so many classes without scrolling."""
        header = self.horizontalHeader().sizeHint().height()
        return header + n_rows * self.verticalHeader().defaultSectionSize() + 4

    # -- choosing ------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.setCurrentIndex(index)
            self._choose(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, CHOOSING) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in CHOOSING and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        elif event.text().isprintable() and event.text():
            event.ignore()  # letters are commands here, not a search
        else:
            super().keyPressEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    def _choose(self, index: _Index) -> None:
        split = index.column() - 2 if index.column() > 1 else -1  # columns: name, all, splits
        self.chosen.emit(self.item_model.code(index.row()), split)
