"""The grid: any number of tiles, of which only those on the screen cost anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QHoverEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from models.types import SampleIds
from qtapp.commands.registry import Registry
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.ordering import NOT_SHOWN
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import SINGLE, THUMB_SIZES_PX, ViewState
from qtapp.views.grid.delegate import TileDelegate
from qtapp.views.grid.gestures import Gestures
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import NO_INDEX, AnyIndex, TileItemModel
from qtapp.views.grid.menu import TileMenu
from qtapp.views.grid.places import Places
from qtapp.views.parts import plain_tip
from qtapp.views.theme import Theme

_MAX_HEIGHT_PX = (1 << 31) - 1  # of all lines together: Qt counts pixels in 32 bits
_PREFETCH_SCREENS = 2
_NOWHERE = QPoint(-1, -1)
_RESHAPING = (QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange)
_NOTCH_STEPS = 3  # a notch of the wheel is so many single steps in Qt, and one line here


@dataclass(frozen=True)
class Anchor:
    """What stays in place when tiles move: a point `depth` of the way down a row's tile lies
    `y` pixels below the top of the view."""

    row: int
    y: int = 0
    depth: float = 0.0


class GridView(QListView):
    """Shows the order as tiles. A click moves the keyboard, Ctrl and Shift select.

    To Qt it is a list, so that a screen reader walks it; where a tile lies and how it is
    painted is decided here, because Qt lays out every item and there may be millions.
    """

    def __init__(
        self,
        tiles: TileItemModel,
        headers: GroupHeaders,
        selection: SelectionState,
        view: ViewState,
        thumbnails: Thumbnails,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tiles, self._selection, self._view = tiles, selection, view
        self._order, self._thumbnails, self._registry = tiles.order, thumbnails, registry
        self._delegate = TileDelegate(tiles, selection, theme, self)
        self._headers = headers
        self._gestures = Gestures(self, self, tiles.order, selection, thumbnails)
        self._places = Places(tiles.order.lines(1), 1, 0)
        self._column_px = 1
        self._thumb_px = view.thumb_px  # that the tiles are laid out for
        self._hid_predictions = view.predictions_hidden
        self._current = self._hovered = self._hovered_group = NOTHING
        self._pointer = _NOWHERE
        self._top_row = 0  # the image that a reflow keeps at the top
        self._is_reflowing = False
        self._scrolled_to = 0
        self._wheel_angle = 0
        self._pointed: Anchor | None = None  # while the wheel zooms
        self._zoomed = _NOWHERE, NOTHING  # where the wheel zoomed, and which image was there
        self._shown_selected = np.empty(0, bool)
        self._set_up_list()
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        tiles.modelReset.connect(self._start_over)
        tiles.order.counted.connect(self.viewport().update)
        selection.changed.connect(self._show_selection)
        selection.current_changed.connect(self._follow_current)
        view.changed.connect(self._follow_view)
        theme.changed.connect(self.viewport().update)

    def _set_up_list(self) -> None:
        self.setObjectName("grid")
        self.setAccessibleName(self.tr("Images"))
        self.setAccessibleDescription(
            self.tr("Arrows move, with Shift they select; the keys of the menu decide.")
        )
        self.setModel(self._tiles)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("#grid { border: none; border-radius: 0; background: palette(window); }")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # it is ours
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAutoScroll(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # -- where things are ------------------------------------------------------------------
    @property
    def _is_outdated(self) -> bool:
        """Another order came, which others heard of before it was laid out here."""
        return self._places.lines is not self._order.lines(self._view.columns)

    @property
    def _scroll(self) -> int:
        return self.verticalScrollBar().value()

    def visualRect(self, index: AnyIndex) -> QRect:
        """The cell of a tile in the viewport."""
        known = not self._is_outdated and self._tiles.sample_at(index) != NOTHING
        return self._cell(index.row()) if known else QRect()

    def indexAt(self, point: QPoint) -> Any:
        row = self._row_under(point)
        return self._tiles.index(row) if row != NOT_SHOWN else NO_INDEX

    def _cell(self, row: int) -> QRect:
        line, column = self._places.lines.place(row)
        x, y = column * self._column_px, self._places.top_of(line) - self._scroll
        if self.isRightToLeft():
            x = self.viewport().width() - x - self._column_px
        return QRect(x, y, self._column_px, self._places.line_px)

    def _column_at(self, x: int) -> int:
        x = self.viewport().width() - 1 - x if self.isRightToLeft() else x
        return x // self._column_px

    def _row_under(self, point: QPoint) -> int:
        line = self._places.line_at(point.y() + self._scroll)
        if line is None or self.group_under(point) != NOTHING:
            return NOT_SHOWN
        first, past_last = self._places.lines.span(line)
        row = first + self._column_at(point.x())
        return row if first <= row < past_last else NOT_SHOWN

    def sample_under(self, point: QPoint) -> int:
        """The sample in whose cell a point of the viewport is, or NOTHING."""
        return self._tiles.sample_at(self.indexAt(point))

    def card_under(self, point: QPoint) -> int:
        """The sample on whose tile a point of the viewport is, and not beside it."""
        row = self._row_under(point)
        if row == NOT_SHOWN or not self._delegate.card_in(self._cell(row)).contains(point):
            return NOTHING
        return int(self._order.rows[row])

    def group_under(self, point: QPoint) -> int:
        """The group whose header is at a point of the viewport, or NOTHING."""
        for group in self._groups_between(point.y(), point.y() + 1):
            if self._header(group).contains(point):
                return group
        return NOTHING

    def samples_touched(self, area: QRect) -> SampleIds:
        """The samples whose tiles meet a rectangle of the whole order."""
        lines = self._places.lines_between(area.top(), area.bottom() + 1)
        ends = sorted((self._column_at(area.left()), self._column_at(area.right())))
        return self._order.rows[self._places.lines.block(lines, range(ends[0], ends[1] + 1))]

    def _groups_between(self, top: int, bottom: int) -> range:
        """The groups of which something lies between two heights of the viewport."""
        if not self._places.header_px or not self._places.lines.n_groups:
            return range(0)
        first = self._places.group_at(top + self._scroll)
        return range(first, self._places.group_at(bottom - 1 + self._scroll) + 1)

    def _header(self, group: int) -> QRect:
        """Where a header is in the viewport: that of the group at the top sticks there, until
        the next one pushes it out."""
        height = self._places.header_px
        y = max(int(self._places.header_tops[group]) - self._scroll, 0)
        y = min(y, self._places.end_of(group) - self._scroll - height)
        return QRect(0, y, self.viewport().width(), height)

    def _visible_rows(self) -> tuple[int, int]:
        return self._rows_between(0, self.viewport().height())

    def _rows_between(self, top: int, bottom: int) -> tuple[int, int]:
        places = self._places
        seen = places.lines_between(top + self._scroll, bottom + self._scroll)
        if not len(seen):
            return 0, 0
        return places.lines.span(seen[0])[0], places.lines.span(seen[-1])[1]

    def scroll_to(self, sample_id: int) -> None:
        """Bring a tile into sight, by as little as it takes."""
        row = self._tiles.row_of(sample_id)
        if row == NOT_SHOWN or self._is_outdated:
            return
        bar, places = self.verticalScrollBar(), self._places
        top = places.top_of(places.lines.place(row)[0])
        lowest = top + places.line_px - self.viewport().height()
        bar.setValue(min(max(bar.value(), lowest), top - places.header_px))

    def scrollTo(
        self,
        index: AnyIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        self.scroll_to(self._tiles.sample_at(index))

    # -- layout ----------------------------------------------------------------------------
    def doItemsLayout(self) -> None:
        """Without the list's own part: no tile is laid out before it is seen."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(max(1, height - self._places.header_px))
        bar.setSingleStep(-(-self._places.line_px // _NOTCH_STEPS))
        bar.setRange(0, max(0, self._places.height - height))
        bar.setEnabled(bar.maximum() > 0)  # there is no handle where everything is in sight

    def _reflow(self, anchor: Anchor) -> None:
        """Lay out for this order, width, tile size, font and screen."""
        self._is_reflowing = True
        if self._pointed is None:
            self._zoomed = _NOWHERE, NOTHING  # another image may lie there now
        self._fit_tiles()
        self.updateGeometries()
        places = self._places
        if places.lines.n_rows:
            line = places.lines.place(min(anchor.row, places.lines.n_rows - 1))[0]
            top = places.top_of(line) + round(anchor.depth * places.line_px)
            covered = places.header_px if not anchor.y else 0  # what sticks to the top
            self.verticalScrollBar().setValue(top - anchor.y - covered)
        self._is_reflowing = False
        self._hover(self._pointer)  # another image lies there now
        self._look_around()
        self.viewport().update()

    def _fit_tiles(self) -> None:
        """Choose tile size and columns; tiles are as large as was asked, or as Qt can count."""
        sizes = [size for size in reversed(THUMB_SIZES_PX) if size <= self._thumb_px]
        width, ratio = self.viewport().width(), self.devicePixelRatioF()
        self._headers.set_font(self.font(), ratio)
        for thumb_px in sizes:
            self._delegate.set_look(thumb_px, self.font(), ratio)
            cell_px, line_px = self._delegate.layout.cell
            columns = max(1, width // cell_px)
            self._places = Places(self._order.lines(columns), line_px, self._headers.height)
            if self._places.height <= _MAX_HEIGHT_PX:
                break
        self._column_px = max(cell_px, width // columns)
        self._view.columns, self._view.from_right = columns, self.isRightToLeft()
        self._delegate.set_direction(self.layoutDirection())

    def _start_over(self) -> None:
        """Another order: stay with the current image, else begin at the top."""
        row = self._tiles.row_of(self._selection.current)
        middle = max(0, (self.viewport().height() - self._places.line_px) // 2)
        self._reflow(Anchor(row, middle) if row != NOT_SHOWN else Anchor(0))
        self._take_top()

    def _still_point(self) -> Anchor:
        """What a zoom leaves where it is: the pointer's image, else the current one if it is
        in sight, else the one at the top."""
        if self._pointed is not None:
            return self._pointed
        first, past_last = self._visible_rows()
        row = self._tiles.row_of(self._selection.current)
        return Anchor(row, self._cell(row).y()) if first <= row < past_last else self._top()

    def _top(self) -> Anchor:
        return Anchor(self._top_row)

    # -- following the states --------------------------------------------------------------
    def _follow_view(self) -> None:
        if self._view.predictions_hidden != self._hid_predictions:
            self._hid_predictions = self._view.predictions_hidden
            self.viewport().update()
        if self._view.thumb_px != self._thumb_px:
            anchor = self._still_point()
            self._thumb_px = self._view.thumb_px
            self._reflow(anchor)
            self._take_top()

    def _follow_current(self, sample_id: int) -> None:
        for changed in (self._current, sample_id):
            self._update_tile(changed)
        self._current = sample_id
        self.selectionModel().setCurrentIndex(  # what a screen reader follows
            self._tiles.index_of(sample_id),
            self.selectionModel().SelectionFlag.NoUpdate,
        )
        self.scroll_to(sample_id)

    def _show_selection(self) -> None:
        if self._is_outdated:
            return
        samples = self._tiles.samples(*self._visible_rows())
        selected = self._selection.mask[samples]
        if len(selected) != len(self._shown_selected):
            self.viewport().update()
        else:
            for sample_id in samples[selected != self._shown_selected].tolist():
                self._update_tile(sample_id)
        self._shown_selected = selected

    def _update_tile(self, sample_id: int) -> None:
        index = self._tiles.index_of(sample_id)
        if index.isValid():
            self.update(index)

    def dataChanged(self, first: AnyIndex, last: AnyIndex, roles: Sequence[int] = ()) -> None:
        """Of more than one tile Qt would ask for every rectangle."""
        if first == last:
            QAbstractItemView.dataChanged(self, first, last)
        else:
            self.viewport().update()

    def _scrolled(self, value: int) -> None:
        if not self._is_reflowing:
            self._zoomed = _NOWHERE, NOTHING
            self._take_top()
            self._look_around()
            before = self._hovered
            self._hover(self._pointer)
            for row in (before, self._hovered):
                if row != NOT_SHOWN:
                    self.viewport().update(self._cell(row))

    def _take_top(self) -> None:
        """From now on a reflow keeps this image at the top."""
        covered = self._places.header_px + self._places.line_px - 1
        self._top_row = self._rows_between(covered, self.viewport().height() + covered)[0]

    def _look_around(self) -> None:
        """Say which rows are seen, and ask for their images and those that come next."""
        first, past_last = self._visible_rows()
        self._view.visible_rows = (first, past_last)
        visible = self._tiles.samples(first, past_last)
        self._shown_selected = self._selection.mask[visible]
        ahead = _PREFETCH_SCREENS * (past_last - first)
        if self._scroll >= self._scrolled_to:
            next_ones = self._tiles.samples(past_last, past_last + ahead)
        else:
            next_ones = self._tiles.samples(first - ahead, first)[::-1]
        self._scrolled_to = self._scroll
        size_px = math.ceil(self._delegate.layout.thumb_px * self.devicePixelRatioF())
        self._thumbnails.want(np.concatenate([visible, next_ones]), size_px)

    # -- painting --------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        for row in self._rows_in(event):
            option.rect = self._cell(row)
            hovered = row == self._hovered
            option.state = QStyle.StateFlag.State_MouseOver if hovered else QStyle.StateFlag(0)
            self._delegate.paint(painter, option, self._tiles.index(row))
        area = event.rect()
        for group in self._groups_between(area.top(), area.bottom() + 1):
            header = self._header(group)
            if header.intersects(area):
                hovered = group == self._hovered_group
                self._headers.paint(painter, header, group, hovered=hovered)

    def _rows_in(self, event: QPaintEvent) -> dict[int, None]:
        """The rows whose cells have to be painted, each once."""
        rows: dict[int, None] = {}
        for area in event.region():  # type: ignore[attr-defined] # PySide6's stubs forget it
            lines = self._places.lines_between(
                area.top() + self._scroll, area.bottom() + 1 + self._scroll
            )
            ends = sorted((self._column_at(area.left()), self._column_at(area.right())))
            block = self._places.lines.block(lines, range(ends[0], ends[1] + 1))
            rows.update(dict.fromkeys(block.tolist()))
        return rows

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted; a header that sticks to the top was moved along wrongly."""
        viewport, header_px = self.viewport(), self._places.header_px
        viewport.scroll(0, dy)
        if header_px:
            strip = QRect(0, 0, viewport.width(), header_px)
            viewport.update(strip)
            viewport.update(strip.translated(0, dy))

    # -- events ----------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reflow(self._top())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_around()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _RESHAPING and self.model() is not None:
            self._reflow(self._top())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHoverEvent):
            self._hover(event.position().toPoint())
        elif event.type() == QEvent.Type.Leave:
            self._hover(_NOWHERE)
        elif event.type() == QEvent.Type.DevicePixelRatioChange:
            self._reflow(self._top())  # another screen, with more pixels or fewer
        elif isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            group = self.group_under(event.pos())
            if group != NOTHING:
                self._explain(group, event.globalPos())
                return True
        return super().viewportEvent(event)

    def _hover(self, point: QPoint) -> None:
        """Qt has the tiles under the pointer painted, and nobody the headers."""
        self._pointer, self._hovered = point, self._row_under(point)
        group = self.group_under(point)
        if group != self._hovered_group:
            self._hovered_group = group
            shape = Qt.CursorShape.ArrowCursor
            if group != NOTHING:
                shape = Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def _explain(self, group: int, at: QPoint) -> None:
        key = self._registry.key_text("move.select_group")
        words = self.tr("{group}. Click to select them ({key})")
        text = words.format(group=self._headers.words(group), key=key)
        QToolTip.showText(at, plain_tip(text), self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._wheel_angle += event.angleDelta().y()
        steps = int(self._wheel_angle / 120)
        if steps:
            self._wheel_angle -= steps * 120
            self._pointed = self._anchor_at(event.position().toPoint())
            self._view.zoom(steps)
            self._pointed = None
        event.accept()

    def _anchor_at(self, point: QPoint) -> Anchor | None:
        """Of one notch after another at one point the first decides which image is meant.

        It keeps its height; its column follows from its row and the new number of columns. To
        keep that too, a line would have to begin in its middle, and the order could no longer be
        read from one line to the next as before.
        """
        if self._zoomed[0] != point:
            self._zoomed = point, self.sample_under(point)
        row = self._tiles.row_of(self._zoomed[1])
        if row == NOT_SHOWN:
            return None
        rect = self._cell(row)
        depth = (point.y() - rect.y()) / rect.height()
        return Anchor(row, point.y(), min(max(depth, 0.0), 1.0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        sample_id = self.sample_under(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton:
            self._gestures.press(event)
        elif event.button() == Qt.MouseButton.RightButton and sample_id != NOTHING:
            if not self._selection.contains(sample_id):
                self._selection.clear()
            self._selection.set_current(sample_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self.sample_under(event.position().toPoint()) != NOTHING:
            self._view.set_mode(SINGLE)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        point = event.pos()
        sample_id = self._selection.current if by_key else self.sample_under(point)
        index = self._tiles.index_of(sample_id)
        if index.isValid():
            at = self.visualRect(index).center() if by_key else point
            info = self._headers.session.info
            value_range = info.value_range if info is not None else (0.0, 255.0)
            menu = TileMenu(sample_id, self._thumbnails, self._registry, self, value_range)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys are commands; what no shortcut took goes on to the window."""
        event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Nothing: Qt would compare the text of every tile."""
