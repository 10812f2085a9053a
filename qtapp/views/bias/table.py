"""The list of associations, the strongest first: those of suspicion, then those of classes."""

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
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from models.review.bias import SUSPECTS, Association
from qtapp.views.bias.wording import group_name, headline, headline_of, sentence, share_of, tr
from qtapp.views.choice_table import PADDING_PX, ChoiceTable
from qtapp.views.parts import LEFT, RIGHT, plain_tip
from qtapp.views.theme import Theme

_TEXT_MARGIN_PX = 3  # that Qt leaves on both sides within the place of a text
_NO_INDEX = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class AssociationItemModel(QAbstractTableModel):
    """Who is what, and in how many pairs."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.associations: Sequence[Association] = ()
        self._names: Sequence[str] = ()

    def set_associations(self, associations: Sequence[Association], names: Sequence[str]) -> None:
        """`names` by class code."""
        if (associations, names) != (self.associations, self._names):
            self.beginResetModel()
            self.associations, self._names = associations, names
            self.endResetModel()

    def group_of(self, one: Association) -> str:
        return group_name(one.group, self._names)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.associations)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.associations[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return share_of(one) if index.column() else headline(one, self._names)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return sentence(one, self._names)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(sentence(one, self._names))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if index.column() else LEFT
        if role == Qt.ItemDataRole.DecorationRole and not index.column():
            suspect = one.group == SUSPECTS
            glyph, token = ("diamond", "suggested") if suspect else ("square", "given")
            return self._theme.icon(glyph, token)
        return None


class _HeadlineDelegate(QStyledItemDelegate):
    """Where there is too little room, the name of the class gives way, not what is said of it."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        table = self.parent()
        assert isinstance(table, AssociationTable)
        one, metrics = table.item_model.associations[index.row()], QFontMetrics(option.font)
        text = QStyle.SubElement.SE_ItemViewItemText
        room = table.style().subElementRect(text, option, table).width() - 2 * _TEXT_MARGIN_PX
        if metrics.horizontalAdvance(option.text) > room:
            name, middle = table.item_model.group_of(one), Qt.TextElideMode.ElideMiddle
            room -= metrics.horizontalAdvance(headline_of("", one))
            option.text = headline_of(metrics.elidedText(name, middle, room), one)


class AssociationTable(ChoiceTable):
    """The association that is looked at stays marked."""

    chosen = Signal(object)  # Association

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        item_model = AssociationItemModel(theme)
        super().__init__(item_model, parent)
        self.item_model = item_model
        self.setItemDelegateForColumn(0, _HeadlineDelegate(self))
        self.setAccessibleName(tr("What labels and suspicions go along with"))
        self.setAccessibleDescription(tr("The strongest first; the chosen one is shown beside."))
        theme.changed.connect(self.viewport().update)

    def show_associations(
        self, associations: Sequence[Association], names: Sequence[str], marked: tuple[str, int]
    ) -> None:
        """Show other associations where the person has scrolled to, that of the property and the
        group that are looked at marked, if it is listed."""
        widest = self.fontMetrics().horizontalAdvance("100%")
        self.horizontalHeader().resizeSection(1, widest + 2 * PADDING_PX)
        scrolled_to = self.verticalScrollBar().value()
        self.item_model.set_associations(associations, names)
        listed = [(one.name, one.group) for one in associations]
        self.mark(listed.index(marked) if marked in listed else None)
        self.verticalScrollBar().setValue(scrolled_to)

    def choose(self, row: int) -> None:
        self.selectRow(row)
        self.chosen.emit(self.item_model.associations[row])
