"""The list of associations, the strongest first: those of suspicion, then those of classes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from models.review.bias import SUSPECTS, Association
from qtapp.views.bias.wording import headline, sentence, share_of, tr
from qtapp.views.parts import LEFT, RIGHT, takes_keys
from qtapp.views.theme import Theme

_MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_PADDING_PX = 12  # of an item in the style sheet, and a little
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

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.associations)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.associations[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return share_of(one) if index.column() else headline(one, self._names)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return sentence(one, self._names)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if index.column() else LEFT
        if role == Qt.ItemDataRole.DecorationRole and not index.column():
            suspect = one.group == SUSPECTS
            glyph, token = ("diamond", "suggested") if suspect else ("square", "given")
            icon = self._theme.icon(glyph, token)
            icon.addPixmap(self._theme.pixmap(glyph, "on_accent", 16), QIcon.Mode.Selected)
            return icon
        return None


class AssociationTable(QTableView):
    """A click, Enter or Space chooses one; the one that is looked at stays marked."""

    chosen = Signal(object)  # Association

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item_model = AssociationItemModel(theme, self)
        self.setModel(self.item_model)
        self.setAccessibleName(tr("What labels and suspicions go along with"))
        self.setAccessibleDescription(tr("The strongest first; the chosen one is shown beside."))
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
        metrics = QFontMetrics(self.font())
        header = self.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, metrics.horizontalAdvance("100%") + 2 * _PADDING_PX)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(metrics.height() + 5)
        theme.changed.connect(self.viewport().update)

    def show_associations(
        self, associations: Sequence[Association], names: Sequence[str], marked: tuple[str, int]
    ) -> None:
        """Show other associations where the person has scrolled to, that of the property and the
        group that are looked at marked, if it is listed."""
        scrolled_to = self.verticalScrollBar().value()
        self.item_model.set_associations(associations, names)
        listed = [(one.name, one.group) for one in associations]
        if marked in listed:
            self.selectRow(listed.index(marked))
        else:
            self.clearSelection()
        self.verticalScrollBar().setValue(scrolled_to)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index.row())

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, (*_MOVING, *_CHOOSING)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHOOSING and self.currentIndex().isValid():
            self._choose(self.currentIndex().row())
        elif event.key() in _MOVING:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _choose(self, row: int) -> None:
        self.selectRow(row)
        self.chosen.emit(self.item_model.associations[row])
