"""How many images each class has, in each split, by the labels as given and as they are now."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.balance import ClassCounts


class BalanceState(QObject):
    """A worker counts while somebody looks."""

    changed = Signal()  # counts
    watched = Signal()  # somebody began to look

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.counts: ClassCounts | None = None
        self._watchers = set[int]()  # by id: it keeps no view alive

    @property
    def in_sight(self) -> bool:
        return bool(self._watchers)

    def watch(self, who: QObject, in_sight: bool) -> None:
        """Whether one of the views that show it can be seen."""
        if in_sight and id(who) not in self._watchers:
            self._watchers.add(id(who))
            self.watched.emit()
        elif not in_sight:
            self._watchers.discard(id(who))

    def accept(self, counts: ClassCounts | None) -> None:
        """Take over what a worker counted; None where nothing is open."""
        if counts is not None or self.counts is not None:
            self.counts = counts
            self.changed.emit()
