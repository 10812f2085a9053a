"""The 2-D map on the screen: where images lie, what it was made of, and the making of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.review.positions import Positions
from models.types import Event, Progress
from qtapp.state.activity import ActivityState


@dataclass(frozen=True)
class MapShown(Event):
    """A map ready to be looked at."""

    positions: Positions
    run: int  # whose embedding it is made of; 0: of the pixels
    epoch: int
    n_laid_out: int  # the others stand between their nearest of these
    final: bool


class MapState(ActivityState):
    """The map that is shown; while another is made, that one as far as it is."""

    moved = Signal()  # other positions, or none

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: MapShown | None = None
        self._before: MapShown | None = None  # of a making that may be stopped

    def begin(self) -> int:
        self._before = self.shown
        return super().begin()

    def end(self, number: int, error: BaseException | None) -> None:
        if number == self.number and self.is_running:
            unfinished = self.shown is not None and not self.shown.final
            if unfinished and self.shown is not self._before:
                self._show(self._before)
        super().end(number, error)

    def reset(self) -> None:
        """Another dataset, or none."""
        self.number += 1  # what is still to come is about the dataset before
        self.is_running, self.progress, self.error = False, None, None
        self._before = None
        self._show(None)
        self.changed.emit()

    @property
    def problem(self) -> WinnowError | None:
        """What ended the making, if it was neither finished nor stopped."""
        return self.error if isinstance(self.error, WinnowError) else None

    def _take(self, event: Event) -> None:
        if isinstance(event, MapShown):
            self._show(event)
        elif isinstance(event, Progress):
            self.progress = event

    def _show(self, shown: MapShown | None) -> None:
        if shown is not self.shown:
            self.shown = shown
            self.moved.emit()
