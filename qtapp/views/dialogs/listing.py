"""A field to type in over a list that follows it; the palette and the class picker are two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from qtapp.views import theme as look
from qtapp.views.parts import (
    LEFT,
    RIGHT,
    cap_width,
    mirrored,
    paint_key_cap,
    plain_tip,
    small_font,
)
from qtapp.views.theme import Theme

WIDTH_PX, LINES = 460, 11
MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
NO_PARENT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Choice:
    """One line to choose: what it is called, what stands at its right, what it means."""

    text: str
    meaning: object
    key: str = ""
    note: str = ""
    enabled: bool = True


def best_first(choices: Sequence[Choice], needle: str) -> list[Choice]:
    """Lines that hold every word typed; those that start with it come first."""
    words = needle.casefold().split()
    if not words:
        return list(choices)
    found = [c for c in choices if all(word in c.text.casefold() for word in words)]
    start = " ".join(words)
    return sorted(found, key=lambda c: not c.text.casefold().startswith(start))


class ChoiceItemModel(QAbstractListModel):
    """The lines shown now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choices: list[Choice] = []

    def set_choices(self, choices: list[Choice]) -> None:
        self.beginResetModel()
        self.choices = choices
        self.endResetModel()

    def rowCount(self, parent: _Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.choices)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.isValid() and not self.choices[index.row()].enabled:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        choice = self.choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(choice.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{choice.text}, {choice.key}" if choice.key else choice.text
        return None


class ChoiceDelegate(QStyledItemDelegate):
    """Draws text on the left, note and key on the right."""

    def __init__(self, model: ChoiceItemModel, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._theme = model, theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, QFontMetrics(option.font).height() + 2 * look.space_1 + 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        choice = self._model.choices[index.row()]
        rect: QRect = option.rect
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(rect.adjusted(1, 0, -1, 0), 4, 4)
        ink, faint = ("on_accent", "on_accent") if chosen else ("text", "text_muted")
        inside = rect.adjusted(look.space_2, 0, -look.space_2, 0)
        if choice.key:
            painter.setFont(small_font(option.font))
            width = cap_width(choice.key, painter.fontMetrics())
            cap = QRect(inside.right() - width + 1, rect.center().y() - 9, width, 19)
            paint_key_cap(painter, mirrored(painter, rect, cap), choice.key, self._theme)
            inside.setRight(cap.left() - look.space_2)
        painter.setFont(option.font)
        metrics = painter.fontMetrics()
        if choice.note:
            painter.setPen(self._theme.color(faint))
            painter.drawText(mirrored(painter, rect, inside), RIGHT, choice.note)
            inside.setRight(inside.right() - metrics.horizontalAdvance(choice.note) - look.space_2)
        painter.setPen(self._theme.color(ink if choice.enabled else "text_muted"))
        elided = metrics.elidedText(choice.text, Qt.TextElideMode.ElideMiddle, inside.width())
        painter.drawText(mirrored(painter, rect, inside), LEFT, elided)
        painter.restore()


class ListingDialog(QDialog):
    """Type, choose with the arrows, Enter takes. The field keeps the keyboard."""

    taken = Signal(object)  # meaning of the line taken

    def __init__(self, title: str, hint: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.field = QLineEdit()
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(hint)
        self.field.setClearButtonEnabled(True)
        self.item_model = ChoiceItemModel(self)
        self.list = QListView()
        self.list.setModel(self.item_model)
        self.list.setItemDelegate(ChoiceDelegate(self.item_model, theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_2, look.space_2, look.space_2, look.space_2)
        column.setSpacing(look.space_2)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._take)

    def ask(self) -> None:
        """Open with an empty field."""
        self.field.clear()
        self._search("")
        self._fit()
        self.open()
        self.field.setFocus()

    def _fit(self) -> None:
        """Of the same size each time, whatever is listed; larger for a large font or long words."""
        metrics = self.field.fontMetrics()
        self.list.setFixedHeight(LINES * (metrics.height() + 2 * look.space_1 + 2) + 4)
        words = metrics.horizontalAdvance(self.field.placeholderText())
        self.setFixedWidth(max(WIDTH_PX, words + 4 * look.space_4))

    def choices_for(self, typed: str) -> list[Choice]:
        """Lines to offer for what was typed; best first."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() in MOVING:
                self.list.event(event)
                return True
            entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.type() == QEvent.Type.KeyPress and entered:
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _search(self, typed: str) -> None:
        self.item_model.set_choices(self.choices_for(typed.strip()))
        for row, choice in enumerate(self.item_model.choices):
            if choice.enabled:
                self.list.setCurrentIndex(self.item_model.index(row))
                break

    def _take(self, index: QModelIndex) -> None:
        if index.isValid() and self.item_model.choices[index.row()].enabled:
            meaning = self.item_model.choices[index.row()].meaning
            self.accept()
            self.taken.emit(meaning)
