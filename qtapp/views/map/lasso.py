"""The line a person draws around images: by hand, or as a box."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

_STEP_PX = 3.0  # between two corners of a line by hand
_CLICK_PX = 4.0  # a smaller one is a click


class Lasso:
    """Corners in pixels of the screen while the button is down."""

    def __init__(self) -> None:
        self._points: list[QPointF] = []
        self._is_box = False

    @property
    def is_held(self) -> bool:
        return bool(self._points)

    def begin(self, at: QPointF, *, is_box: bool) -> None:
        self._points, self._is_box = [at], is_box

    def extend(self, at: QPointF) -> None:
        if self._is_box:
            self._points = [self._points[0], at]
        elif (at - self._points[-1]).manhattanLength() >= _STEP_PX:
            self._points.append(at)

    def end(self) -> list[QPointF]:
        """The corners of what was drawn; none if it was a click."""
        around = QPolygonF(self._points).boundingRect()
        corners = self._corners()
        self._points = []
        return corners if max(around.width(), around.height()) > _CLICK_PX else []

    def paint(self, painter: QPainter, colour: QColor) -> None:
        corners = self._corners()
        if len(corners) < 2:
            return
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        colour.setAlphaF(0.12)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(corners))

    def _corners(self) -> list[QPointF]:
        if not self._is_box or len(self._points) < 2:
            return self._points
        box = QRectF(self._points[0], self._points[1])
        return [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]
