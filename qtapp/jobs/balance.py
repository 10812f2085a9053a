"""Counts the images of each class on a thread, as long as somebody looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from models.review.balance import ClassCounts, counted_twice
from models.review.classes import ClassList
from models.types import DatasetInfo, Event, Events, LabelVector
from qtapp.jobs.while_seen import WhileSeen
from qtapp.jobs.worker import StartEvents
from qtapp.state.balance import BalanceState
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState

_COUNT_AFTER_MS = 150  # decisions come in bursts


@dataclass(frozen=True)
class Counted(Event):
    """New counts."""

    counts: ClassCounts


class BalanceCounter(QObject):
    """Counts when another dataset is open, and when labels or classes changed."""

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        state: BalanceState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._state = session, labels, state
        self._work = WhileSeen(
            "balance", self._prepared, lambda: state.in_sight, _COUNT_AFTER_MS, self
        )
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        for at_once in (session.changed, labels.classes_changed):
            at_once.connect(self._work.again)
        labels.changed.connect(self._work.again_soon)
        state.watched.connect(self._work.go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return self._work.is_idle

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._state.accept(None)

    def _prepared(self) -> StartEvents | None:
        info, labels = self._session.info, self._labels
        if info is None:
            self._state.accept(None)
            return None
        return partial(_counting, labels.given, labels.labels.copy(), info, labels.classes)

    def _take(self, event: Event) -> None:
        if isinstance(event, Counted):
            self._state.accept(event.counts)


def _counting(
    given: LabelVector, now: LabelVector, info: DatasetInfo, classes: ClassList
) -> Events:
    splits = info.split_codes()
    yield Counted(counted_twice(given, now, splits, len(info.splits), classes))
