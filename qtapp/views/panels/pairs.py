"""The ranked list of pairs of classes that are confused most."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from models.review.confusion import Cell, Pair
from qtapp.views.choice_table import PADDING_PX, ChoiceTable
from qtapp.views.panels.matrix_text import counted, interval_text, joined, share_text, tr
from qtapp.views.parts import LEFT, RIGHT, plain_tip

_NO_INDEX = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class PairItemModel(QAbstractTableModel):
    """Pair, images, share of the label with its interval."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pairs: Sequence[Pair] = ()
        self.figures: Sequence[tuple[str, str]] = ()  # of each row, in words
        self._names: Sequence[str] = ()

    def set_pairs(self, pairs: Sequence[Pair], names: Sequence[str]) -> None:
        """`names` by class code."""
        if (pairs, names) != (self.pairs, self._names):
            self.beginResetModel()
            self.pairs, self._names = pairs, names
            self.figures = [(f"{pair.count:,}", _share_of(pair)) for pair in pairs]
            self.endResetModel()

    def names_of(self, row: int) -> tuple[str, str]:
        pair = self.pairs[row]
        return self._names[pair.label], self._names[pair.predicted]

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.pairs)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        pair, names = self.pairs[index.row()], self._names
        if role == Qt.ItemDataRole.DisplayRole:
            pair_text = joined(*self.names_of(index.row()))
            return (pair_text, *self.figures[index.row()])[index.column()]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = counted(pair.count, pair.n_label, names[pair.label], names[pair.predicted])
            said += " " + tr("95% interval: {interval}%.").format(interval=interval_text(pair))
            return plain_tip(said) if role == Qt.ItemDataRole.ToolTipRole else said
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if index.column() else LEFT
        return None


def _share_of(pair: Pair) -> str:
    return tr("{share} ({interval})").format(
        share=share_text(pair.rate), interval=interval_text(pair)
    )


class _PairDelegate(QStyledItemDelegate):
    """Both names where there is too little room for them, rather than one and half the other."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        table = self.parent()
        assert isinstance(table, PairTable)
        option.text = fitting(
            *table.item_model.names_of(index.row()),
            QFontMetrics(option.font),
            option.rect.width() - 2 * PADDING_PX,
        )


def fitting(label: str, predicted: str, metrics: QFontMetrics, room_px: int) -> str:
    """A pair in so much room; the longer name gives way first."""
    room_px -= metrics.horizontalAdvance(joined("", ""))
    widths = metrics.horizontalAdvance(label), metrics.horizontalAdvance(predicted)
    if sum(widths) > room_px:
        most = max(room_px // 2, room_px - min(widths))
        elide = Qt.TextElideMode.ElideMiddle
        label = metrics.elidedText(label, elide, most)
        predicted = metrics.elidedText(predicted, elide, most)
    return joined(label, predicted)


class PairTable(ChoiceTable):
    """The pair that is filtered by stays marked."""

    chosen = Signal(object)  # Cell

    def __init__(self, parent: QWidget | None = None) -> None:
        item_model = PairItemModel()
        super().__init__(item_model, parent)
        self.item_model = item_model
        self.setItemDelegateForColumn(0, _PairDelegate(self))
        self.setAccessibleName(tr("Most confused pairs of classes"))
        self.setAccessibleDescription(
            tr("Enter shows the images of a pair, and all of them again.")
        )

    def set_pairs(self, pairs: Sequence[Pair], names: Sequence[str]) -> None:
        """`names` by class code. Columns are as wide as their widest figure: that costs a fraction
        of what the table needs to find out by itself."""
        self.item_model.set_pairs(pairs, names)
        metrics = QFontMetrics(self.font())
        for column, figures in enumerate(zip(*self.item_model.figures, strict=True), 1):
            widest = max(map(metrics.horizontalAdvance, figures))
            self.horizontalHeader().resizeSection(column, widest + 2 * PADDING_PX)

    def mark_cell(self, cell: Cell | None) -> None:
        """Mark the pair of a cell, if it is listed."""
        cells = [Cell(pair.label, pair.predicted) for pair in self.item_model.pairs]
        self.mark(cells.index(cell) if cell in cells else None)

    def choose(self, row: int) -> None:
        pair = self.item_model.pairs[row]
        self.chosen.emit(Cell(pair.label, pair.predicted))
