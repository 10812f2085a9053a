"""A layout that breaks a row of widgets into lines where the room is too narrow for one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget


class Flow(QLayout):
    """Lays out in reading direction; lines begin together, or each stands in the middle."""

    def __init__(self, parent: QWidget | None = None, *, centred: bool = False) -> None:
        super().__init__(parent)
        self._centred = centred
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}  # by width, as long as no item changes: Qt asks often
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, at: int) -> QLayoutItem | None:
        return self._items[at] if 0 <= at < len(self._items) else None

    def takeAt(self, at: int) -> QLayoutItem | None:
        if not 0 <= at < len(self._items):
            return None
        taken = self._items.pop(at)
        self.invalidate()
        return taken

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            lines = self._lines(width)
            self._heights[width] = sum(map(_height, lines)) + self._gaps(lines)
        return self._heights[width]

    def minimumSize(self) -> QSize:
        """One item under the other, at worst; `heightForWidth` says how high that makes it."""
        shown = [item for item in self._items if not item.isEmpty()]
        widest = max((item.minimumSize().width() for item in shown), default=0)
        return QSize(widest, max((item.minimumSize().height() for item in shown), default=0))

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self.spacing() * max(len(shown) - 1, 0)
        return QSize(width, max((size.height() for size in shown), default=0))

    def setGeometry(self, room: QRect) -> None:
        super().setGeometry(room)
        direction, top = self._direction(), room.top()
        for line in self._lines(room.width()):
            needed = sum(item.sizeHint().width() for item in line) + self._gaps(line)
            left = room.left()
            if self._centred:
                left += max(room.width() - needed, 0) // 2
            for item in line:
                place = QRect(QPoint(left, top), item.sizeHint())
                item.setGeometry(QStyle.visualRect(direction, room, place))
                left += place.width() + self.spacing()
            top += _height(line) + self.spacing()

    def _direction(self) -> Qt.LayoutDirection:
        parent = self.parentWidget()
        return parent.layoutDirection() if parent else Qt.LayoutDirection.LeftToRight

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = 0
        for item in self._items:
            if item.isEmpty():
                continue
            needed = item.sizeHint().width()
            if not lines or left + needed > width:
                lines.append([])
                left = 0
            lines[-1].append(item)
            left += needed + self.spacing()
        return lines

    def _gaps(self, of: list[list[QLayoutItem]] | list[QLayoutItem]) -> int:
        return self.spacing() * max(len(of) - 1, 0)


def _height(line: list[QLayoutItem]) -> int:
    return max(item.sizeHint().height() for item in line)
