"""Keys that work while they are down: they end on release, focus loss and deactivation."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from qtapp.commands.registry import Hold, Registry


class Holding(QObject):
    """The window passes its unhandled key events here."""

    def __init__(self, registry: Registry, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._registry = registry
        self._down: dict[int, Hold] = {}  # by Qt.Key

    def press(self, event: QKeyEvent) -> bool:
        """Begin what this key holds; whether it holds anything."""
        if event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        hold = self._registry.holds().get(QKeySequence(event.key()).toString())
        if hold is None:
            return False
        if not event.isAutoRepeat() and event.key() not in self._down:
            self._down[event.key()] = hold
            hold.press()
        return True

    def release(self, event: QKeyEvent) -> bool:
        """End what this key held; whether it held anything."""
        if event.isAutoRepeat():
            return event.key() in self._down
        hold = self._down.pop(event.key(), None)
        if hold is not None:
            hold.release()
        return hold is not None

    def release_all(self) -> None:
        """The window lost the keyboard; no release event will come."""
        while self._down:
            self._down.popitem()[1].release()
