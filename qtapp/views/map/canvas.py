"""The map itself: painted from pictures of a worker, moved at once, drawn anew a moment later."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from qtapp.jobs.map_drawing import Frame
from qtapp.jobs.map_pictures import MapPictures, Picture, Wish
from qtapp.state.mapping import MapState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.views.map import wording
from qtapp.views.map.camera import Camera
from qtapp.views.map.lasso import Lasso
from qtapp.views.map.marks import mark_current, write_names
from qtapp.views.map.palette import ink_for
from qtapp.views.parts import takes_keys
from qtapp.views.theme import Theme

_MARGIN = 0.25  # drawn beyond each side, so that moving shows no empty stripe
_WHEEL_STEP = 1.2
_KEY_STEP_PX = 48
_REACH_PX = 8  # how near the pointer must be to an image
_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0),
)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PAN = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MapCanvas(QWidget):
    """Drag draws a lasso, with Shift a box, with Ctrl more of it; the middle button, or Alt and
    the left one, moves; the wheel zooms at the pointer."""

    hovered = Signal(object)  # sample id under the pointer, or NOTHING
    opened = Signal(object)  # sample id that was double-clicked
    selected_wanted = Signal()  # Enter

    def __init__(
        self,
        state: MapState,
        selection: SelectionState,
        pictures: MapPictures,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._selection = state, selection
        self._pictures, self._theme = pictures, theme
        self.camera = Camera()
        self.picture: Picture | None = None
        self._by, self._n_groups, self._names = "label", 0, tuple[str, ...]()
        self._lasso = Lasso()
        self._panned_from: QPointF | None = None
        self._follows_all = True  # the whole map stays in sight until the person moves
        self.setAccessibleName(self.tr("Map of all images"))
        self.setAccessibleDescription(wording.gestures())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        pictures.arrived.connect(self._take)
        state.moved.connect(self._follow_layout)
        selection.changed.connect(self.update)
        selection.current_changed.connect(self.update)
        theme.changed.connect(self.draw)

    def sizeHint(self) -> QSize:
        return QSize(420, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def colour_by(self, by: str, names: tuple[str, ...]) -> None:
        """Colour by a group of `names`, or by a score, which has none."""
        self._by, self._names, self._n_groups = by, names, len(names)
        self.draw()

    def draw(self) -> None:
        """Ask for a picture of what is seen now."""
        self.update()
        if self._state.shown is None or not self.isVisible() or not self.width():
            self._pictures.want(None)
            return
        ratio = self.devicePixelRatioF()
        share = 1 + 2 * _MARGIN
        size = (round(self.width() * share * ratio), round(self.height() * share * ratio))
        frame = Frame(self.camera.extent(self.width(), self.height(), _MARGIN), *size)
        ink = ink_for(self._by, self._n_groups, self._theme, ratio)
        self._pictures.want(Wish(frame, self._by, ink))

    def fit(self) -> None:
        """See the whole map, and go on seeing it while it changes."""
        self._follows_all = True
        self._move(self._whole())

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        point = at or QPointF(self.width() / 2, self.height() / 2)
        size, self._follows_all = (self.width(), self.height()), False
        self._move(self.camera.zoomed(factor, (point.x(), point.y()), *size, self._whole()))

    def _pan(self, dx_px: float, dy_px: float) -> None:
        self._follows_all = False
        self._move(self.camera.panned(dx_px, dy_px))

    def _move(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self.draw()

    def _whole(self) -> Camera:
        shown = self._state.shown
        if shown is None:
            return Camera()
        return Camera.fitting(shown.positions.extent, self.width(), self.height())

    def _follow_layout(self) -> None:
        if self._state.shown is None:
            self.picture = None
            self._follows_all = True
        if self._follows_all:
            self.camera = self._whole()
        self.draw()

    def _take(self, picture: Picture) -> None:
        self.picture = picture
        self.update()

    # -- painting ------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        if self.picture is not None:
            left, bottom, right, top = self.picture.frame.extent
            x1, y1 = self._on_screen((left, top))
            x2, y2 = self._on_screen((right, bottom))
            painter.drawImage(QRectF(x1, y1, x2 - x1, y2 - y1), self.picture.image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.picture.by == self._by:
                names_at = self.picture.names_at.items()
                places = [
                    (self._names[g], self._on_screen(at))
                    for g, at in names_at
                    if g < len(self._names)
                ]
                write_names(painter, self.rect(), places, self._theme)
        shown = self._state.shown
        place = shown.positions.where(self._selection.current) if shown else None
        if place is not None:
            mark_current(painter, self._on_screen(place), self._theme)
        self._lasso.paint(painter, self._theme.color("accent"))
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _on_screen(self, place: tuple[float, float]) -> tuple[float, float]:
        return self.camera.to_screen(place, self.width(), self.height())

    def _on_map(self, point: QPointF) -> tuple[float, float]:
        return self.camera.to_map((point.x(), point.y()), self.width(), self.height())

    # -- pointer -------------------------------------------------------------------------
    def image_at(self, point: QPointF) -> int:
        """The image nearest to a point of the screen, or NOTHING."""
        shown = self._state.shown
        if shown is None:
            return NOTHING
        found = shown.positions.nearest(*self._on_map(point), _REACH_PX / self.camera.scale)
        return NOTHING if found is None else found

    def mousePressEvent(self, event: QMouseEvent) -> None:
        with_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and with_alt):
            self._panned_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.hovered.emit(NOTHING)
        elif left and self._state.shown is not None:
            is_box = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._lasso.begin(event.position(), is_box=is_box)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panned_from is not None:
            moved = event.position() - self._panned_from
            self._panned_from = event.position()
            self._pan(moved.x(), moved.y())
        elif self._lasso.is_held:
            self._lasso.extend(event.position())
            self.hovered.emit(NOTHING)
            self.update()
        else:
            self.hovered.emit(self.image_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._panned_from = None
        self.unsetCursor()
        if not self._lasso.is_held:
            return
        adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        corners = self._lasso.end()
        self.update()
        if corners:
            polygon = np.array([self._on_map(corner) for corner in corners])
            self._pictures.select_inside(polygon, adds=adds)
            return
        found = self.image_at(event.position())
        if found != NOTHING:
            self._selection.set_current(found)
            if adds:
                self._selection.toggle(found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self.image_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found != NOTHING:
            self.opened.emit(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_WHEEL_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(NOTHING)

    # -- keys and sizes --------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        keys = (*_KEYS, *_ENTER) if self._selection.count else _KEYS
        return takes_keys(event, keys) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _PAN:
            across, down = _PAN[key]
            self._pan(across * _KEY_STEP_PX, down * _KEY_STEP_PX)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_WHEEL_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / _WHEEL_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in _ENTER and self._selection.count:
            self.selected_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._follows_all:
            self.camera = self._whole()
        self.draw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.draw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pictures.want(None)
