"""The bias view: which property of which group is looked at, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from models.review.bias import EVERY, Ends, Report, Spread
from qtapp.state.watched import WatchedState


@dataclass(frozen=True)
class BiasAsked:
    """One property of one group; without a name, whatever is associated most."""

    name: str = ""
    group: int = EVERY


class BiasState(WatchedState):
    """A worker tests and counts while somebody looks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = BiasAsked()
        self.report: Report | None = None
        self.spread: Spread | None = None
        self.ends: Ends | None = None

    def ask(self, asked: BiasAsked) -> None:
        if asked != self.asked:
            self.asked = asked
            self.asked_changed.emit()

    def accept_report(self, report: Report | None) -> None:
        """Take over what the tests found; None where there is nothing to test."""
        self.report = report
        if report is None:
            self.spread = self.ends = None
        self.changed.emit()

    def accept_view(self, spread: Spread, ends: Ends) -> None:
        """Take over the picture of one property."""
        self.spread, self.ends = spread, ends
        self.changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.asked = BiasAsked()
        self.accept_report(None)
