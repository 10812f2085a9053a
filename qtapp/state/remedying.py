"""What remedies made of the project's settings, and the new split that is thought about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.review.remedies import Settled
from models.types import Event
from qtapp.state.activity import ActivityState


@dataclass(frozen=True)
class Division:
    """How a dataset is to be divided; with the same one the same images come out the same."""

    shares: Mapping[str, float]
    kept: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Proposed(Event):
    """What a division would come to: the report of `winnow split --json`."""

    division: Division
    report: Mapping[str, Any]


class RemedyState(ActivityState):
    """The settings of the open project that remedies change; the activity is thinking about a
    new split."""

    settled_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settled = Settled()
        self.usual = Division({})  # into splits like those there are
        self.proposed: Proposed | None = None

    def load(self, settled: Settled, usual: Division) -> None:
        """Another project, or the same one with other splits."""
        self.number += 1
        self.is_running, self.progress, self.error = False, None, None
        self.usual, self.proposed = usual, None
        self.settle(settled)
        self.changed.emit()

    def settle(self, settled: Settled) -> None:
        """The settings on disk are others."""
        if settled != self.settled:
            self.settled = settled
            self.settled_changed.emit()

    def _forget(self) -> None:
        self.proposed = None

    def _take(self, event: Event) -> None:
        super()._take(event)
        if isinstance(event, Proposed):
            self.proposed = event
