"""One image, large: fitted or zoomed, moved about, brighter or with more contrast."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from models.review.shades import black_and_white
from qtapp.jobs.pictures import Picture
from qtapp.state.image_look import Base, ImageLook, Levels, Pose
from qtapp.views import theme as look
from qtapp.views.picture_painter import PicturePainter, Shades
from qtapp.views.theme import Theme

_ZOOM_STEP = 1.25
_CLOSER = 3.0  # at least, by a double click
_IS_DRAG_PX = 4
_DRAG_SHARE = 1 / 256  # of the span of the values, for each pixel that the pointer moves


class ImageView(QWidget):
    """Shows an image as ImageLook says. The wheel zooms at the pointer, dragging moves the image,
    dragging with the right button moves brightness and contrast, a double click looks closer, at
    pixels of a large image, or at all of it again.
    """

    def __init__(self, image_look: ImageLook, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._theme = image_look, theme
        self._picture: Picture | None = None
        self._message = ""
        self._usual = (0.0, 255.0)  # black and white in this dataset
        self._painter: PicturePainter | None = None
        self._pointer: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self._dragged = False
        self.setMinimumSize(64, 64)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Image"))
        image_look.changed.connect(self._redraw)
        theme.changed.connect(self.update)

    # -- what is shown -------------------------------------------------------------------
    def show_image(
        self, picture: Picture | str | None, value_range: tuple[float, float] = (0.0, 255.0)
    ) -> None:
        """Show an image, or why there is none, or nothing yet. `value_range` is the dataset's."""
        self._picture = None if isinstance(picture, str) else picture
        self._message = picture if isinstance(picture, str) else ""
        self._painter = None
        if self._picture is not None:
            self._painter = PicturePainter(self._picture)
            self._usual = black_and_white(self._picture.pixels.dtype, value_range)
        self._redraw()

    @property
    def values(self) -> tuple[float, float]:
        """Which values of this image are black and white."""
        assert self._picture is not None
        base = {
            Base.USUAL: self._usual,
            Base.WHOLE: self._picture.whole,
            Base.MIDDLE: self._picture.middle,
        }
        return self._look.levels.between(*base[self._look.levels.base])

    def _redraw(self) -> None:
        self.setAccessibleDescription("   ".join(self._settings()))
        self.update()

    # -- geometry ------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    @property
    def scale(self) -> float:
        """Screen pixels per image pixel."""
        return self._scale_of(self._look.pose)

    def _scale_of(self, pose: Pose | None) -> float:
        if pose is not None and pose.per_pixel:
            return pose.zoom / self.devicePixelRatioF()
        width, height = self._size()
        fitted = min(self.width() / width, self.height() / height)
        return fitted * (pose.zoom if pose is not None else 1.0)

    def _size(self) -> tuple[int, int]:
        """Width and height in image pixels."""
        if self._picture is None:
            return 1, 1
        return self._picture.pixels.shape[1], self._picture.pixels.shape[0]

    def _target(self) -> QRectF:
        """Where the whole image lies in this widget, from one pixel of the screen on."""
        (width, height), scale = self._size(), self.scale
        ratio, pose = self.devicePixelRatioF(), self._look.pose or Pose()
        corner = QRectF(self.rect()).center() - QPointF(pose.x * width, pose.y * height) * scale
        left, top = (round(side * ratio) / ratio for side in (corner.x(), corner.y()))
        return QRectF(left, top, width * scale, height * scale)

    def image_point(self, point: QPointF) -> QPointF:
        """The image coordinates under a point of this widget."""
        return (point - self._target().topLeft()) / self.scale

    def _zoom_at(self, factor: float, at: QPointF) -> None:
        """Enlarge; the image point under `at` stays where it is."""
        if self._picture is None:
            return
        pose, under = self._look.zoomed(factor), self.image_point(at)
        if math.isclose(pose.zoom, 1.0) and not pose.per_pixel:
            self._look.fit()
        else:
            middle = QRectF(self.rect()).center()
            self._center(pose, under - (at - middle) / self._scale_of(pose))

    def _center(self, pose: Pose, point: QPointF) -> None:
        """Look at the surroundings of an image point."""
        width, height = self._size()
        self._look.take_pose(replace(pose, x=point.x() / width, y=point.y() / height))

    # -- painting ------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("image_backdrop"))
        painter.drawRoundedRect(self.rect(), look.radius, look.radius)
        if self._painter is None:
            self._paint_message(painter)
            return
        view, ratio = QRectF(self.rect()), self.devicePixelRatioF()
        painter.setClipRect(view)
        shades = Shades(*self.values, self._look.channel)
        self._painter.paint(painter, self._target(), view, ratio, shades)
        self._paint_badge(painter, "   ".join(self._settings()), at_left=True)
        self._paint_badge(painter, self._under_pointer(), at_left=False)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.color("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), look.radius, look.radius)

    def _paint_message(self, painter: QPainter) -> None:
        painter.setPen(self._theme.color("badge_text"))
        inside = self.rect().adjusted(look.space_3, look.space_3, -look.space_3, -look.space_3)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere
        painter.drawText(inside, int(flags), self._message)

    def _paint_badge(self, painter: QPainter, text: str, *, at_left: bool) -> None:
        if not text:
            return
        metrics = painter.fontMetrics()
        room = self.width() - 4 * look.space_2
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(text) + 2 * look.space_2
        height = metrics.height() + look.space_1
        left = look.space_2 if at_left else self.width() - width - look.space_2
        top = look.space_2 if not at_left else self.height() - height - look.space_2
        box = QRect(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("badge"))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self._theme.color("badge_text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # -- in words ------------------------------------------------------------------------
    def _settings(self) -> list[str]:
        """What is not as usual: size, values from black to white, channel."""
        said: list[str] = []
        if self._picture is None:
            return said
        if self._look.pose is not None:
            said.append(f"{self.scale * self.devicePixelRatioF():.0%}")
        if self._look.levels != Levels():
            low, high = self.values
            whole = self._picture.pixels.dtype.kind in "ui"
            said.append(f"{low:.0f} – {high:.0f}" if whole else f"{low:.4g} – {high:.4g}")
        if self._look.channel is not None and self._picture.pixels.shape[2] > 1:
            names = self.tr("red"), self.tr("green"), self.tr("blue")
            said.append(names[self._look.channel])
        return said

    def _under_pointer(self) -> str:
        """Column and row of the pixel under the pointer, and its values."""
        if self._picture is None or self._pointer is None or self._dragged:
            return ""
        point, (width, height) = self.image_point(self._pointer), self._size()
        x, y = math.floor(point.x()), math.floor(point.y())
        if not (0 <= x < width and 0 <= y < height):
            return ""
        pixel = self._picture.pixels[y, x].tolist()
        return f"{x}, {y}:  " + "  ".join(
            f"{value:.4g}" if isinstance(value, float) else str(int(value)) for value in pixel
        )

    # -- mouse ---------------------------------------------------------------------------
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self._zoom_at(_ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged_from, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._dragged_from is not None and self._picture is not None:
            self._drag(event, self._dragged_from)
        self.update()

    def _drag(self, event: QMouseEvent, since: QPointF) -> None:
        moved = event.position() - since
        if not self._dragged and moved.manhattanLength() < _IS_DRAG_PX:
            return
        self._dragged, self._dragged_from = True, event.position()
        if event.buttons() & Qt.MouseButton.RightButton:
            # To the right less contrast, up brighter: as viewers of X-ray images do.
            self._look.adjust(moved.x() * _DRAG_SHARE, moved.y() * _DRAG_SHARE)
        elif event.buttons() & Qt.MouseButton.LeftButton:
            middle = QRectF(self.rect()).center() - moved
            self._center(self._look.pose or Pose(), self.image_point(middle))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        if event.button() == Qt.MouseButton.RightButton and not self._dragged:
            self._open_menu(event.globalPosition().toPoint())
        self._dragged = False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._picture is None:
            return
        if self._look.pose is not None:
            self._look.fit()
        else:
            to_pixels = 1 / (self.scale * self.devicePixelRatioF())
            self._zoom_at(max(to_pixels, _CLOSER), event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By key alone: with the mouse the menu waits for the release, it may be a drag."""
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            self._open_menu(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def _open_menu(self, at: QPoint) -> None:
        if not self.actions():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.popup(at)
