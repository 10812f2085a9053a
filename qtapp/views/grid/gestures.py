"""What the mouse does in the grid: clicks, a rubber band, and dragging files out of it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QMimeData, QObject, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from models.types import SampleIds
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.views.grid.rubber_band import RubberBand

_NO_POINT = QPoint(-1, -1)
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier


class Ground(Protocol):
    """What lies where in the grid."""

    def sample_under(self, point: QPoint) -> int: ...
    def card_under(self, point: QPoint) -> int: ...
    def group_under(self, point: QPoint) -> int: ...
    def samples_touched(self, area: QRect) -> SampleIds: ...


class Gestures(QObject):
    """A press on a tile moves the keyboard at once; on a selected one only when the button is
    let go, because it may become a drag of all that is selected. Between tiles, or anywhere
    with Alt, a drag draws a rubber band."""

    def __init__(
        self,
        area: QAbstractScrollArea,
        ground: Ground,
        order: OrderState,
        selection: SelectionState,
        thumbnails: Thumbnails,
    ) -> None:
        super().__init__(area)
        self._area, self._ground, self._order = area, ground, order
        self._selection, self._thumbnails = selection, thumbnails
        self._band = RubberBand(area, selection, ground.samples_touched)
        self._pressed_at = _NO_POINT
        self._click_is_due = False  # when the button is let go
        self._drags_files = False

    def press(self, event: QMouseEvent) -> None:
        """The left button went down."""
        point, modifiers = event.position().toPoint(), event.modifiers()
        group = self._ground.group_under(point)
        if group != NOTHING:
            self._select_group(group, adding=bool(modifiers & (_CTRL | _SHIFT)))
            return
        self._pressed_at = point
        card = NOTHING if modifiers & _ALT else self._ground.card_under(point)
        self._drags_files = card != NOTHING
        self._click_is_due = bool(modifiers & _ALT)
        if card != NOTHING:
            self._thumbnails.want_files(self._dragged(card))
            self._click_is_due = self._selection.contains(card) and not modifiers
        if not self._click_is_due:
            self._click(point, modifiers)

    def move(self, event: QMouseEvent) -> None:
        """The pointer went on with the left button down."""
        point = event.position().toPoint()
        if self._band.is_drawn:
            self._band.stretch_to(point)
            return
        far = (point - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        if self._pressed_at == _NO_POINT or not far:
            return
        if self._drags_files:
            self._drag_files()
        else:
            self._click_is_due = False
            self._band.begin(self._pressed_at, adding=bool(event.modifiers() & (_CTRL | _SHIFT)))
            self._band.stretch_to(point)

    def release(self, event: QMouseEvent) -> None:
        """The left button was let go."""
        if self._click_is_due:
            self._click(self._pressed_at, event.modifiers() & ~_ALT)
        self._band.end()
        self._pressed_at, self._click_is_due = _NO_POINT, False

    def _click(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        sample_id, selection = self._ground.sample_under(point), self._selection
        if modifiers & _SHIFT and sample_id != NOTHING:
            anchor, row = self._order.row_of(selection.anchor), self._order.row_of(sample_id)
            first, last = sorted((row if anchor == NOT_SHOWN else anchor, row))
            selection.select(self._order.rows[first : last + 1])
            selection.set_current(sample_id, keep_anchor=anchor != NOT_SHOWN)
        elif modifiers & _CTRL and sample_id != NOTHING:
            selection.toggle(sample_id)
            selection.set_current(sample_id)
        elif not modifiers & (_SHIFT | _CTRL):
            selection.clear()
            if sample_id != NOTHING:
                selection.set_current(sample_id)

    def _select_group(self, group: int, *, adding: bool) -> None:
        assert self._order.groups is not None
        first, past_last = self._order.groups.span(group)
        samples = self._order.rows[first:past_last]
        if adding:
            self._selection.add(samples)
        else:
            self._selection.select(samples)
        if not first <= self._order.row_of(self._selection.current) < past_last:
            self._selection.set_current(int(samples[0]))

    def _dragged(self, sample_id: int) -> SampleIds:
        """What a drag of this tile takes along."""
        if self._selection.contains(sample_id):
            return self._selection.sample_ids
        return self._order.rows[self._order.row_of(sample_id) :][:1]

    def _drag_files(self) -> None:
        """Hand the files over, once they are known; of arrays there are none."""
        files = self._thumbnails.files
        if not files:
            return
        self._pressed_at, self._click_is_due = _NO_POINT, False
        drag, data = QDrag(self._area), QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in files])
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)
