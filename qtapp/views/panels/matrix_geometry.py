"""Where each cell of a matrix lies, and which cell lies where."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QSize

HEADER = -1  # the place before the first: the name of a row or a column


@dataclass(frozen=True)
class Geometry:
    """A matrix of `k` classes in a viewport, scrolled by `shift`."""

    k: int
    corner: QSize  # room for the names
    cell: QSize
    area: QRect  # where cells are seen
    shift: QPoint
    zoom: float

    @property
    def whole(self) -> QSize:
        return self.cell * self.k

    def rect(self, row: int, column: int) -> QRect:
        """A cell; its name where one of the two is HEADER."""
        left = self.area.left() + column * self.cell.width() - self.shift.x()
        top = self.area.top() + row * self.cell.height() - self.shift.y()
        place = QRect(QPoint(left, top), self.cell)
        if column == HEADER:
            place.setX(0)
            place.setWidth(self.corner.width())
        if row == HEADER:
            place.setY(0)
            place.setHeight(self.corner.height())
        return place

    def at(self, point: QPointF) -> tuple[int, int]:
        """Row and column under a point; twice HEADER where there is nothing."""
        inside = point.toPoint() - self.area.topLeft() + self.shift
        row = HEADER if point.y() < self.area.top() else inside.y() // self.cell.height()
        column = HEADER if point.x() < self.area.left() else inside.x() // self.cell.width()
        return (row, column) if max(row, column) < self.k else (HEADER, HEADER)

    def seen(self) -> tuple[range, range]:
        """Rows and columns in sight."""
        rows, columns = (
            range(start // size, min(-(-(start + length) // size), self.k))
            for start, size, length in (
                (self.shift.y(), self.cell.height(), self.area.height()),
                (self.shift.x(), self.cell.width(), self.area.width()),
            )
        )
        return rows, columns

    def zoomed(self, factor: float, least_px: int, most_px: int) -> float:
        """The zoom that makes cells larger by a factor, within bounds for their height."""
        unzoomed = self.cell.height() / self.zoom
        return min(max(self.zoom * factor, least_px / unzoomed), most_px / unzoomed)
