"""The grid: any number of tiles, of which only those on the screen cost anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from qtapp.commands.registry import Registry
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.ordering import NOT_SHOWN
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import SINGLE, THUMB_SIZES_PX, ViewState
from qtapp.views.grid.delegate import TileDelegate
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.menu import TileMenu
from qtapp.views.theme import Theme

_MAX_HEIGHT_PX = (1 << 31) - 1  # of all lines together: Qt counts pixels in 32 bits
_PREFETCH_SCREENS = 2
_NOTCH_STEPS = 3  # a notch of the wheel is so many single steps in Qt, and one line here


@dataclass(frozen=True)
class Anchor:
    """What stays in place when tiles move: a point `depth` of the way down a row's tile lies
    `y` pixels below the top of the view."""

    row: int
    y: int = 0
    depth: float = 0.0


class GridView(QTableView):
    """Shows the order as tiles. A click moves the keyboard, Ctrl and Shift select."""

    def __init__(
        self,
        tiles: TileItemModel,
        selection: SelectionState,
        view: ViewState,
        thumbnails: Thumbnails,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tiles, self._selection, self._view = tiles, selection, view
        self._thumbnails, self._registry = thumbnails, registry
        self._delegate = TileDelegate(tiles, selection, theme, self)
        self._thumb_px = view.thumb_px  # that the tiles are laid out for
        self._hid_predictions = view.predictions_hidden
        self._current = NOTHING
        self._top_row = 0  # the image that a reflow keeps at the top
        self._is_reflowing = False
        self._scrolled_to = 0
        self._wheel_angle = 0
        self._pointed: Anchor | None = None  # while the wheel zooms
        self._shown_selected = np.empty(0, bool)
        self._set_up_table()
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        tiles.modelReset.connect(self._start_over)
        selection.changed.connect(self._show_selection)
        selection.current_changed.connect(self._follow_current)
        view.changed.connect(self._follow_view)
        theme.changed.connect(self.viewport().update)

    def _set_up_table(self) -> None:
        self.setObjectName("grid")
        self.setAccessibleName(self.tr("Images"))
        self.setModel(self._tiles)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("#grid { border: none; border-radius: 0; background: palette(window); }")
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # it is ours
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAutoScroll(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    # -- where things are ------------------------------------------------------------------
    @property
    def _line_px(self) -> int:
        return self._delegate.layout.cell[1]

    def sample_under(self, point: QPoint) -> int:
        """The sample whose tile is at a point of the viewport, or NOTHING."""
        return self._tiles.sample_at(self.indexAt(point))

    def _line_of(self, row: int) -> int:
        return row // self._tiles.columns

    def _visible_rows(self) -> tuple[int, int]:
        top = self.verticalScrollBar().value()
        first = top // self._line_px
        past_last = -(-(top + self.viewport().height()) // self._line_px)
        columns, n_samples = self._tiles.columns, self._tiles.n_samples
        return min(first * columns, n_samples), min(past_last * columns, n_samples)

    def scroll_to(self, sample_id: int) -> None:
        """Bring a tile into sight, by as little as it takes."""
        row = self._tiles.row_of(sample_id)
        if row == NOT_SHOWN:
            return
        bar, top = self.verticalScrollBar(), self._line_of(row) * self._line_px
        lowest = top + self._line_px - self.viewport().height()
        bar.setValue(min(max(bar.value(), lowest), top))

    # -- layout ----------------------------------------------------------------------------
    def _reflow(self, anchor: Anchor) -> None:
        """Lay out for this width, tile size and font."""
        self._is_reflowing = True
        columns = self._fit_tiles()
        self._tiles.set_columns(columns)
        self._view.columns = columns
        self.updateGeometries()
        line = self._line_of(anchor.row) + anchor.depth
        self.verticalScrollBar().setValue(round(line * self._line_px) - anchor.y)
        self._is_reflowing = False
        self._look_around()
        self.viewport().update()

    def _fit_tiles(self) -> int:
        """Choose tile size and columns; tiles are as large as was asked, or as Qt can count."""
        sizes = [size for size in reversed(THUMB_SIZES_PX) if size <= self._thumb_px]
        width = self.viewport().width()
        for thumb_px in sizes:
            self._delegate.set_look(thumb_px, self.font(), self.devicePixelRatioF())
            cell_px, line_px = self._delegate.layout.cell
            columns = max(1, width // cell_px)
            if -(-self._tiles.n_samples // columns) * line_px <= _MAX_HEIGHT_PX:
                break
        self.horizontalHeader().setDefaultSectionSize(max(cell_px, width // columns))
        self.verticalHeader().setDefaultSectionSize(line_px)
        self.verticalScrollBar().setSingleStep(-(-line_px // _NOTCH_STEPS))
        return columns

    def _start_over(self) -> None:
        """Another order: stay with the current image, else begin at the top."""
        if self._is_reflowing:
            return
        row = self._tiles.row_of(self._selection.current)
        middle = max(0, (self.viewport().height() - self._line_px) // 2)
        self._reflow(Anchor(row, middle) if row != NOT_SHOWN else Anchor(0))
        self._take_top()

    def _still_point(self) -> Anchor:
        """What a zoom leaves where it is: the pointer's image, else the current one if it is
        in sight, else the one at the top."""
        if self._pointed is not None:
            return self._pointed
        first, past_last = self._visible_rows()
        row = self._tiles.row_of(self._selection.current)
        if not first <= row < past_last:
            return Anchor(self._top_row)
        return Anchor(row, self._line_of(row) * self._line_px - self.verticalScrollBar().value())

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

    def _scrolled(self, value: int) -> None:
        if not self._is_reflowing:
            self._take_top()
            self._look_around()

    def _take_top(self) -> None:
        """From now on a reflow keeps this image at the top."""
        line = math.ceil(self.verticalScrollBar().value() / self._line_px)
        self._top_row = min(line * self._tiles.columns, max(0, self._tiles.n_samples - 1))

    def _look_around(self) -> None:
        """Say which rows are seen, and ask for their images and those that come next."""
        first, past_last = self._visible_rows()
        self._view.visible_rows = (first, past_last)
        visible = self._tiles.samples(first, past_last)
        self._shown_selected = self._selection.mask[visible]
        ahead = _PREFETCH_SCREENS * (past_last - first)
        if self.verticalScrollBar().value() >= self._scrolled_to:
            next_ones = self._tiles.samples(past_last, past_last + ahead)
        else:
            next_ones = self._tiles.samples(first - ahead, first)[::-1]
        self._scrolled_to = self.verticalScrollBar().value()
        size_px = math.ceil(self._delegate.layout.thumb_px * self.devicePixelRatioF())
        self._thumbnails.want(np.concatenate([visible, next_ones]), size_px)

    # -- events ----------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reflow(Anchor(self._top_row))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_around()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.model() is not None:
            self._reflow(Anchor(self._top_row))

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
        index = self.indexAt(point)
        row = self._tiles.row_of(self._tiles.sample_at(index))
        rect = self.visualRect(index)
        if row == NOT_SHOWN or not rect.height():
            return None
        return Anchor(row, point.y(), (point.y() - rect.y()) / rect.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        sample_id = self.sample_under(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton:
            self._click(sample_id, event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton and sample_id != NOTHING:
            if not self._selection.contains(sample_id):
                self._selection.clear()
            self._selection.set_current(sample_id)

    def _click(self, sample_id: int, modifiers: Qt.KeyboardModifier) -> None:
        selection = self._selection
        if sample_id == NOTHING:
            selection.clear()
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            anchor = self._tiles.row_of(selection.anchor)
            row = self._tiles.row_of(sample_id)
            first, last = sorted((row if anchor == NOT_SHOWN else anchor, row))
            selection.select(self._tiles.samples(first, last + 1))
            selection.set_current(sample_id, keep_anchor=True)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            selection.toggle(sample_id)
            selection.set_current(sample_id)
        else:
            selection.clear()
            selection.set_current(sample_id)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing: the press did it, and Qt's own selection is not used."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing: hovering is seen by viewportEvent, and a drag selects nothing."""

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
            menu = TileMenu(sample_id, self._thumbnails, self._registry, self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys are commands; what no shortcut took goes on to the window."""
        event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Nothing: Qt would compare the text of every tile."""
