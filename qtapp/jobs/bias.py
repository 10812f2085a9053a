"""Tests properties against labels and suspicion on a thread, as long as somebody looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.bias import (
    EVERY,
    Ends,
    Report,
    Reviewed,
    Spread,
    Tested,
    associations,
    ends,
    report,
    spread,
)
from models.review.properties import Properties
from models.types import Event, Events, Heartbeat
from qtapp.jobs.while_seen import WhileSeen
from qtapp.jobs.worker import StartEvents
from qtapp.state.audit import AuditState
from qtapp.state.bias import BiasAsked, BiasState
from qtapp.state.labels import LabelState
from qtapp.state.properties import PropertyState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState

_TEST_AFTER_MS = 1_000  # decisions come in bursts, and one of them changes little


@dataclass(frozen=True)
class Reported(Event):
    """What all tests found."""

    report: Report


@dataclass(frozen=True)
class Pictured(Event):
    """One property, seen closely."""

    spread: Spread
    ends: Ends


class BiasTester(QObject):
    """Tests again when properties, labels or scores changed; looks closely at what is asked."""

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        audit: AuditState,
        properties: PropertyState,
        state: BiasState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._audit, self._properties, self._state = audit, properties, state
        self._is_tested = False  # what was found is not out of date
        self._work = WhileSeen("bias", self._prepared, lambda: state.in_sight, _TEST_AFTER_MS, self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        for at_once in (session.changed, scores.changed, properties.measured):
            at_once.connect(self._test)
        for in_time in (labels.changed, labels.classes_changed, scores.updated):
            in_time.connect(self._test_soon)
        state.asked_changed.connect(self._work.again)
        state.watched.connect(self._work.go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return self._work.is_idle

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._is_tested = False
        self._state.reset()

    def _test(self) -> None:
        self._is_tested = False
        self._work.again()

    def _test_soon(self) -> None:
        self._is_tested = False
        self._work.again_soon()

    def _prepared(self) -> StartEvents | None:
        properties = self._properties.properties
        if not self._session.is_open or properties is None or not properties.varying:
            self._state.accept_report(None)
            return None
        asked, reviewed = self._state.asked, self._reviewed()
        known = self._state.report if self._is_tested else None
        self._is_tested = True
        return lambda: _looking(asked, reviewed, properties, known)

    def _reviewed(self) -> Reviewed:
        """As things are now; images to be judged without a suggestion are suspected of nothing."""
        suspicion, labels = self._scores.values.get("suspicion"), self._labels
        if suspicion is not None:
            suspicion, audited = suspicion.copy(), self._audit.sample_ids
            suspicion[audited[self._audit.blind(audited)]] = np.nan
        return Reviewed(
            labels.labels.copy(),
            labels.given,
            labels.status.copy(),
            suspicion,
            labels.classes,
            labels.wholesale,
        )

    def _take(self, event: Event) -> None:
        if isinstance(event, Reported):
            self._state.accept_report(event.report)
        elif isinstance(event, Pictured):
            self._state.accept_view(event.spread, event.ends)


def _looking(
    asked: BiasAsked, reviewed: Reviewed, properties: Properties, known: Report | None
) -> Events:
    if known is None:
        tested: list[Tested] = []
        for one in associations(reviewed, properties):
            tested.append(one)
            yield Heartbeat()
        known = report(reviewed, properties, tested)
        yield Reported(known)
    strongest = known.strongest()
    if asked.name in properties.varying and asked.group < len(reviewed.classes.names):
        name, group = asked.name, asked.group
    elif strongest is not None:
        name, group = strongest.name, strongest.group
    else:
        name, group = next(iter(properties.varying)), EVERY
    yield Pictured(spread(reviewed, properties, name), ends(reviewed, properties, name, group))
