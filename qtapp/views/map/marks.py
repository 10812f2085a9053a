"""What is written and marked over the points of the map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from qtapp.views.map.camera import Place
from qtapp.views.parts import CENTRE, small_font
from qtapp.views.theme import Theme

_NAMES_MOST = 24
_RING_PX, _TICK_PX = 7.0, 12.0


def write_names(
    painter: QPainter, room: QRect, places: Sequence[tuple[str, Place]], theme: Theme
) -> None:
    """Names of groups where most of each lies, so that nobody goes by colour alone.

    The first ones win where two would touch.
    """
    painter.setFont(small_font(painter.font()))
    metrics, taken = painter.fontMetrics(), list[QRectF]()
    ground = theme.color("panel")
    ground.setAlphaF(0.78)
    for name, at in places[:_NAMES_MOST]:
        cut = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room.width() // 4)
        box = QRectF(0, 0, metrics.horizontalAdvance(cut) + 8, metrics.height() + 2)
        box.moveCenter(QPointF(*at))
        if not QRectF(room).contains(box) or any(box.intersects(other) for other in taken):
            continue
        taken.append(box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.color("text"))
        painter.drawText(box, CENTRE, cut)


def mark_current(painter: QPainter, place: Place, theme: Theme) -> None:
    """A ring with four ticks, dark and light, to be seen on any colour."""
    at, path = QPointF(*place), QPainterPath()
    path.addEllipse(at, _RING_PX, _RING_PX)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        path.moveTo(at + QPointF(dx, dy) * _RING_PX)
        path.lineTo(at + QPointF(dx, dy) * _TICK_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for token, width in (("panel", 4.5), ("text", 2.0)):
        painter.setPen(QPen(theme.color(token), width))
        painter.drawPath(path)
