"""One image, large: fitted or zoomed, moved about, brighter or with more contrast."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from models.types import Pixels
from qtapp.views import theme as look
from qtapp.views.theme import Theme

_MAX_SCALE = 64.0
_ZOOM_STEP = 1.25
Pose = tuple[float, float, float]  # times the fitted size; centre as shares of width and height
_MAX_WINDOWED_PIXELS = 4_000_000  # larger ones are thinned out while their window is moved


class ImageView(QWidget):
    """Shows pixels of any type. The wheel zooms at the pointer, dragging moves the image,
    dragging with the right button moves brightness and contrast, a double click fits again.

    Each pixel of an enlarged image stays a sharp square.
    """

    view_changed = Signal()  # scale, window or level
    moved = Signal()  # the person zoomed, dragged or fitted it

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pixels: Pixels | None = None
        self._image: QImage | None = None
        self._reduced: QImage | None = None  # of _image, for a view much smaller than it
        self._message = ""
        self._low, self._high = 0.0, 255.0  # of the values shown from black to white
        self._full_range = (0.0, 255.0)
        self._scale: float | None = None  # screen pixels per image pixel; None = fitted
        self._centre = QPointF()  # image point in the middle of the view, unless fitted
        self._dragged_from: QPointF | None = None
        self._dragged = False
        self.setMinimumSize(64, 64)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Image"))
        self._make_actions()
        theme.changed.connect(self.update)

    # -- what is shown -------------------------------------------------------------------
    def show_image(
        self, pixels: Pixels | str | None, value_range: tuple[float, float] = (0.0, 255.0)
    ) -> None:
        """Show pixels (h, w, 1 or 3), or why there are none, or nothing yet.

        `value_range` is the dataset's: what stands for black and white in any type but uint8.
        """
        self._pixels = None if isinstance(pixels, str) else pixels
        self._message = pixels if isinstance(pixels, str) else ""
        self._scale = None
        if self._pixels is not None:
            whole = (0.0, 255.0) if self._pixels.dtype == np.uint8 else value_range
            self._full_range = whole
            self._low, self._high = whole
        self._render()
        self.view_changed.emit()

    @property
    def scale(self) -> float:
        """Screen pixels per image pixel."""
        return self._fit_scale() if self._scale is None else self._scale

    @property
    def window_level(self) -> tuple[float, float]:
        """Width and middle of the range of values shown from black to white."""
        return self._high - self._low, (self._high + self._low) / 2

    def fit(self) -> None:
        """Show the whole image, with all its values."""
        self._scale = None
        if (self._low, self._high) != self._full_range:
            self._low, self._high = self._full_range
            self._render()
        self._announce()
        self.moved.emit()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge by `factor`; the image point under `at` (the middle) stays where it is."""
        if self._image is None:
            return
        middle = QRectF(self.rect()).center()
        at = middle if at is None else at
        under = self.image_point(at)
        fitted = self._fit_scale()
        scale = min(max(self.scale * factor, min(fitted, 1.0)), max(_MAX_SCALE, fitted))
        self._scale = scale
        self._centre = under - (at - middle) / scale
        self._announce()
        self.moved.emit()

    @property
    def pose(self) -> Pose | None:
        """Which part is seen, in terms that fit an image of any size; None: all of it."""
        if self._pixels is None or self._scale is None:
            return None
        width, height = self._size()
        zoom = self._scale / self._fit_scale()
        return zoom, self._centre.x() / width, self._centre.y() / height

    def take_pose(self, pose: Pose | None) -> None:
        """Show the same part as another image shows of itself."""
        if self._pixels is None or pose is None:
            self._scale = None
        else:
            width, height = self._size()
            self._scale = pose[0] * self._fit_scale()
            self._centre = QPointF(pose[1] * width, pose[2] * height)
        self._announce()

    def set_window_level(self, width: float, level: float) -> None:
        """Show the values `level` ± `width` / 2 from black to white."""
        span = self._full_range[1] - self._full_range[0]
        width = max(width, span / 256)
        self._low, self._high = level - width / 2, level + width / 2
        self._render()
        self._announce()

    def _announce(self) -> None:
        self.view_changed.emit()
        self.update()

    def _render(self) -> None:
        self._reduced = None
        if self._pixels is None:
            self._image = None
        else:
            self._image = _windowed(self._pixels, self._low, self._high)
        self.update()

    # -- geometry ------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    def _size(self) -> tuple[int, int]:
        """Width and height in image pixels, thinned out or not."""
        assert self._pixels is not None
        return self._pixels.shape[1], self._pixels.shape[0]

    def _fit_scale(self) -> float:
        if self._pixels is None:
            return 1.0
        width, height = self._size()
        return min(self.width() / width, self.height() / height)

    def _target(self) -> QRectF:
        """Where the whole image lies in this widget."""
        width, height = self._size()
        scale = self.scale
        middle = QRectF(self.rect()).center()
        if self._scale is None:
            corner = middle - QPointF(width, height) * scale / 2
        else:
            corner = middle - self._centre * scale
        return QRectF(corner.x(), corner.y(), width * scale, height * scale)

    def image_point(self, point: QPointF) -> QPointF:
        """The image coordinates under a point of this widget."""
        return (point - self._target().topLeft()) / self.scale

    # -- painting ------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("image_backdrop"))
        painter.drawRoundedRect(self.rect(), look.radius, look.radius)
        if self._image is None:
            self._paint_message(painter)
            return
        target = self._target()
        physical_scale = self.scale * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, physical_scale < 1)
        painter.setClipRect(self.rect())
        painter.drawImage(target, self._sharp_enough(physical_scale))
        if (self._low, self._high) != self._full_range or self._scale is not None:
            self._paint_settings(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.color("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), look.radius, look.radius)

    def _sharp_enough(self, physical_scale: float) -> QImage:
        """A smaller version where drawing the whole one would alias and cost a frame."""
        assert self._image is not None
        shrink = 2 * physical_scale * self._size()[0] / self._image.width()
        if shrink >= 1:
            return self._image
        size = (self._image.size().toSizeF() * shrink).toSize().expandedTo(QSize(1, 1))
        if self._reduced is None or self._reduced.size() != size:
            self._reduced = self._image.scaled(size)
        return self._reduced

    def _paint_message(self, painter: QPainter) -> None:
        painter.setPen(self._theme.color("badge_text"))
        inside = self.rect().adjusted(look.space_3, look.space_3, -look.space_3, -look.space_3)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere
        painter.drawText(inside, int(flags), self._message)

    def _paint_settings(self, painter: QPainter) -> None:
        parts = [f"{self.scale:.0%}"]
        if (self._low, self._high) != self._full_range:
            parts.append(f"{self._low:.3g} – {self._high:.3g}")
        text = "   ".join(parts)
        width = painter.fontMetrics().horizontalAdvance(text) + 2 * look.space_2
        height = painter.fontMetrics().height() + look.space_1
        box = QRectF(look.space_2, self.height() - height - look.space_2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("badge"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self._theme.color("badge_text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # -- mouse and keys ------------------------------------------------------------------
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom(_ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged_from, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is None or self._image is None:
            return
        moved = event.position() - self._dragged_from
        if not self._dragged and moved.manhattanLength() < 4:
            return
        self._dragged, self._dragged_from = True, event.position()
        if event.buttons() & Qt.MouseButton.RightButton:
            self._drag_window(moved)
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self._centre = self.image_point(QRectF(self.rect()).center()) - moved / self.scale
            self._scale = self.scale
            self._announce()
            self.moved.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        if event.button() == Qt.MouseButton.RightButton and not self._dragged:
            self._open_menu(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By key alone: with the mouse the menu waits for the release, it may be a drag."""
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            self._open_menu(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view_changed.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.popup(at)

    def _drag_window(self, moved: QPointF) -> None:
        """To the right: less contrast; up: brighter. As viewers of X-ray images do."""
        width, level = self.window_level
        per_pixel = (self._full_range[1] - self._full_range[0]) / 256
        self.set_window_level(width + moved.x() * per_pixel, level + moved.y() * per_pixel)

    def _make_actions(self) -> None:
        for text, key, run in (
            (self.tr("Fit"), "Ctrl+0", self.fit),
            (self.tr("Zoom in"), "+", lambda: self.zoom(_ZOOM_STEP)),
            (self.tr("Zoom out"), "-", lambda: self.zoom(1 / _ZOOM_STEP)),
            (self.tr("Brighter"), "Ctrl+Up", lambda: self._step(0, -1)),
            (self.tr("Darker"), "Ctrl+Down", lambda: self._step(0, 1)),
            (self.tr("More contrast"), "Ctrl+Right", lambda: self._step(-1, 0)),
            (self.tr("Less contrast"), "Ctrl+Left", lambda: self._step(1, 0)),
        ):
            action = QAction(text, self)
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(run)
            self.addAction(action)

    def _step(self, width_steps: int, level_steps: int) -> None:
        self._drag_window(QPointF(width_steps * 16, level_steps * 16))


def _windowed(pixels: Pixels, low: float, high: float) -> QImage:
    """The image with `low` as black and `high` as white, in memory of its own."""
    step = math.ceil(math.sqrt(pixels.shape[0] * pixels.shape[1] / _MAX_WINDOWED_PIXELS))
    thinned = pixels[:: max(step, 1), :: max(step, 1)]
    if pixels.dtype == np.uint8:
        if (low, high) == (0.0, 255.0):
            shown: NDArray[np.uint8] = pixels
        else:
            shown = _scaled(np.arange(256), low, high)[thinned]
    else:
        shown = _scaled(thinned, low, high)
    height, width, channels = shown.shape
    grey = channels == 1
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    packed = np.ascontiguousarray(shown)
    return QImage(packed.data, width, height, width * channels, kind).copy()


def _scaled(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    scaled = (values.astype(np.float32) - low) * (255 / (high - low if high > low else 1.0))
    shades: NDArray[np.uint8] = np.nan_to_num(scaled).clip(0, 255).astype(np.uint8)
    return shades
