"""A list of values with counts; choosing some of them filters what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from qtapp.views import theme as look
from qtapp.views.parts import (
    LEFT,
    RIGHT,
    mirrored,
    paint_bar,
    paint_key_cap,
    plain_tip,
    small_font,
    takes_keys,
)
from qtapp.views.theme import Theme

KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
CHOOSING = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
MARK_PX = 18  # swatch or key cap
BAR_PX = 36
NO_PARENT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Facet:
    """One line: a value, how it is called, how many samples have it."""

    code: int
    name: str
    count: int
    swatch: str = ""  # token of its colour
    key: str = ""  # the digit that sets it
    decided: int | None = None  # how many of them, where that matters more than their share
    note: str = ""  # what it is, where the name does not say all


def _figures(facet: Facet) -> str:
    """How many there are, and before it how many of them are decided, if any."""
    return f"{facet.decided:,} / {facet.count:,}" if facet.decided else f"{facet.count:,}"


class FacetItemModel(QAbstractListModel):
    """The lines whose names contain what was searched for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: list[Facet] = []
        self._needle = ""
        self.lines: list[Facet] = []
        self.chosen: frozenset[int] = frozenset()
        self.most, self.widest, self.longest = 1, "", ""

    def set_facets(self, facets: Sequence[Facet]) -> None:
        """Other counts for the same values are a repaint; other values are a new list."""
        same = [f.name for f in facets] == [f.name for f in self._all]
        self._all = list(facets)
        self.most = max((facet.count for facet in facets), default=1) or 1
        self.widest = max(map(_figures, facets), key=len, default="")
        self.longest = max((facet.name for facet in facets), key=len, default="")
        if same:
            self.lines = self._found()
            self.dataChanged.emit(self.index(0), self.index(max(len(self.lines) - 1, 0)))
        else:
            self._reset()

    def search(self, needle: str) -> None:
        self._needle = needle.casefold()
        self._reset()

    def rowCount(self, parent: _Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        facet = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return facet.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{facet.name}: {facet.note}" if facet.note else facet.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{facet.name}, {_figures(facet)}"
        if role == Qt.ItemDataRole.CheckStateRole:  # for assistive technology; never drawn
            on = facet.code in self.chosen
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        self.lines = self._found()
        self.endResetModel()

    def _found(self) -> list[Facet]:
        if not self._needle:
            return self._all
        return [facet for facet in self._all if self._needle in facet.name.casefold()]


class FacetDelegate(QStyledItemDelegate):
    """Draws a line: swatch or key, name, bar, count."""

    def __init__(self, view: FacetList, theme: Theme) -> None:
        super().__init__(view)
        self._view, self._theme = view, theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, self._view.line_px)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        facet = self._view.item_model.lines[index.row()]
        rect: QRect = option.rect
        theme = self._theme
        painter.save()
        chosen = facet.code in self._view.item_model.chosen
        if chosen or option.state & option.state.State_MouseOver:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(theme.color("tile_current" if chosen else "raised"))
            outline = QPen(theme.color("accent"), 1) if chosen else Qt.PenStyle.NoPen
            painter.setPen(outline)
            painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self._view.hasFocus() and index == self._view.currentIndex():
            painter.setPen(QPen(theme.color("accent"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.toRectF().adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)
        inside = rect.adjusted(look.space_1, 0, -look.space_1, 0)
        left = self._mark(painter, facet, rect, inside)
        metrics = QFontMetrics(option.font)
        widest = metrics.horizontalAdvance(self._view.item_model.widest)
        count_rect = QRect(inside.right() - widest, inside.top(), widest + 1, inside.height())
        end = count_rect.left() - look.space_2 - BAR_PX
        has_bar = facet.decided is None and self._view.has_bars(end - look.space_2 - left)
        end = end if has_bar else count_rect.left()
        name = QRect(left, inside.top(), end - look.space_2 - left, inside.height())
        painter.setFont(option.font)
        painter.setPen(theme.color("text"))
        elided = metrics.elidedText(facet.name, Qt.TextElideMode.ElideMiddle, name.width())
        painter.drawText(mirrored(painter, rect, name), LEFT, elided)
        painter.setPen(theme.color("text" if chosen else "text_muted"))
        painter.drawText(mirrored(painter, rect, count_rect), RIGHT, _figures(facet))
        if has_bar:
            bar = QRect(end, rect.center().y() - 2, BAR_PX, 5)
            share = facet.count / self._view.item_model.most
            bar = mirrored(painter, rect, bar)
            paint_bar(painter, bar, share, theme, facet.swatch or "bar")
        painter.restore()

    def _mark(self, painter: QPainter, facet: Facet, rect: QRect, inside: QRect) -> int:
        """Draw what stands before the name; return where the name starts."""
        middle = inside.center().y()
        if facet.swatch:
            square = QRect(inside.left() + 1, middle - 4, 9, 9)
            painter.fillRect(mirrored(painter, rect, square), self._theme.color(facet.swatch))
            return square.right() + look.space_2
        if not self._view.has_keys:
            return inside.left()
        if facet.key:
            painter.setFont(small_font(painter.font()))
            cap = QRect(inside.left(), middle - 8, MARK_PX - 2, 17)
            paint_key_cap(painter, mirrored(painter, rect, cap), facet.key, self._theme)
        return inside.left() + MARK_PX + 2


class FacetList(QListView):
    """Click chooses one value or none, Ctrl+click several; so do Space and Ctrl+Space."""

    chosen_changed = Signal(object)  # frozenset of codes

    def __init__(
        self, name: str, theme: Theme, parent: QWidget | None = None, *, has_keys: bool = False
    ) -> None:
        super().__init__(parent)
        self.has_keys = has_keys
        self.item_model = FacetItemModel(self)
        self.setModel(self.item_model)
        self.setItemDelegate(FacetDelegate(self, theme))
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            self.tr("Space filters by a line, with Ctrl by several; once more shows all.")
        )
        self.setProperty("rail", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.viewport().update)

    @property
    def line_px(self) -> int:
        return QFontMetrics(self.font()).height() + 4

    def show_facets(self, facets: Sequence[Facet], chosen: frozenset[int]) -> None:
        self.item_model.set_facets(facets)
        self.item_model.chosen = chosen
        self.viewport().update()

    def has_bars(self, room_px: int) -> bool:
        """Whether bars leave every name its room; names of classes are cut anyway."""
        longest = QFontMetrics(self.font()).horizontalAdvance(self.item_model.longest)
        return self.has_keys or longest <= room_px

    def height_of(self, n_lines: int) -> int:
        """Height that shows so many lines without scrolling."""
        return n_lines * self.line_px + 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, (*KEYS, *CHOOSING)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in CHOOSING and self.currentIndex().isValid():
            adding = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._choose(self.currentIndex(), adding)
        elif event.key() in KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()  # letters are commands here, not a search

    def _choose(self, index: _Index, adding: bool) -> None:
        self.setCurrentIndex(index)
        code = frozenset([self.item_model.lines[index.row()].code])
        before = self.item_model.chosen
        alone: frozenset[int] = frozenset() if before == code else code
        self.item_model.chosen = before ^ code if adding else alone
        self.viewport().update()
        self.chosen_changed.emit(self.item_model.chosen)
