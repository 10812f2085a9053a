"""A rectangle drawn with the mouse selects the tiles it touches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QRubberBand

from models.types import Mask, SampleIds
from qtapp.state.selection import SelectionState

_SCROLL_EVERY_MS = 16


class RubberBand(QObject):
    """Held in pixels of the whole order, so that scrolling stretches it. At the edge of the
    view it scrolls by itself, the faster the further outside the pointer is."""

    def __init__(
        self,
        area: QAbstractScrollArea,
        selection: SelectionState,
        touched: Callable[[QRect], SampleIds],
    ) -> None:
        super().__init__(area)
        self._area, self._selection, self._touched = area, selection, touched
        self._frame = QRubberBand(QRubberBand.Shape.Rectangle, area.viewport())
        self._origin, self._pointer = QPoint(), QPoint()
        self._before: Mask | None = None  # what it adds to; None while there is no band
        self._timer = QTimer(self, interval=_SCROLL_EVERY_MS)
        self._timer.timeout.connect(self._scroll)
        area.verticalScrollBar().valueChanged.connect(self._stretch)

    @property
    def is_drawn(self) -> bool:
        return self._before is not None

    def begin(self, origin: QPoint, *, adding: bool) -> None:
        """From a point of the viewport."""
        mask = self._selection.mask
        self._before = mask.copy() if adding else np.zeros_like(mask)
        self._origin = self._pointer = origin + self._scrolled()
        self._pointer = origin

    def stretch_to(self, pointer: QPoint) -> None:
        self._pointer = pointer
        self._stretch()
        if self._overshoot():
            self._timer.start()
        else:
            self._timer.stop()

    def end(self) -> None:
        self._timer.stop()
        self._frame.hide()
        self._before = None

    def _stretch(self) -> None:
        if self._before is None:
            return
        corner = self._pointer + self._scrolled()
        whole = QRect(self._origin, corner).normalized()
        self._frame.setGeometry(whole.translated(-self._scrolled()))
        self._frame.show()
        mask = self._before.copy()
        mask[self._touched(whole)] = True
        self._selection.select(np.flatnonzero(mask))

    def _scroll(self) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + self._overshoot())

    def _overshoot(self) -> int:
        """How far above (negative) or below the viewport the pointer is."""
        y, height = self._pointer.y(), self._area.viewport().height()
        return min(y, 0) + max(y - height, 0)

    def _scrolled(self) -> QPoint:
        return QPoint(0, self._area.verticalScrollBar().value())
