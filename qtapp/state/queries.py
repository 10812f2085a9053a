"""The queries that were saved in the project."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal


class QueryState(QObject):
    """Texts of queries, in the order they were saved; the project's settings keep them."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.saved: tuple[str, ...] = ()

    def load(self, saved: Iterable[object]) -> None:
        """Start from what the settings of a project hold; what is no text is left out."""
        self._set(tuple(text for text in saved if isinstance(text, str) and text))

    def save(self, text: str) -> None:
        self._set(tuple(dict.fromkeys([*self.saved, text])))

    def remove(self, text: str) -> None:
        self._set(tuple(other for other in self.saved if other != text))

    def _set(self, saved: tuple[str, ...]) -> None:
        if saved != self.saved:
            self.saved = saved
            self.changed.emit()
