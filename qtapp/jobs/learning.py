"""Learns from the person's verdicts on a thread, again and again while they go on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.learning import MIN_VERDICTS, REFIT_EVERY, Learned
from models.review.ordering import LEARNED
from models.review.verdicts import Ahead, chances, errors_ahead, learn_from_verdicts
from models.types import Event, Events, LabelVector, Mask, SampleIds, Scores, StatusVector
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.labels import LabelState
from qtapp.state.learning import LearningState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.session import SessionState

_LOOK_AHEAD_AFTER_MS = 150  # decisions come in bursts


@dataclass(frozen=True)
class Fitted(Event):
    """What the verdicts taught; None in place of an order that is no better."""

    fit: Learned
    chances: Scores | None


@dataclass(frozen=True)
class LookedAhead(Event):
    """What to expect of the images that come next."""

    ahead: Ahead | None


class VerdictLearner(QObject):
    """Fits once there are enough verdicts, every REFIT_EVERY more, and to each new set of scores.

    When verdicts were undone until there are too few, what was learned goes with them.
    """

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        state: LearningState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._order, self._state = order, state
        self._work = OneAtATime("learning", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._fitted_at = 0
        self._fit_wanted = self._look_wanted = False
        self._soon = QTimer(self, singleShot=True, interval=_LOOK_AHEAD_AFTER_MS)
        self._soon.timeout.connect(self._look_ahead)
        labels.changed.connect(self._note_decision)
        scores.changed.connect(self._note_scores)
        scores.stale_changed.connect(self._go_on)
        order.changed.connect(self._soon.start)
        session.changed.connect(self._go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        waiting = self._fit_wanted or self._look_wanted or self._soon.isActive()
        return not (self._work.is_busy or waiting)

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._soon.stop()
        self._work.stop()
        self._fit_wanted = self._look_wanted = False
        self._fitted_at = 0
        self._state.reset()

    def _n_decided(self) -> int:
        """At least as many as there are verdicts, known at no cost."""
        return sum(map(self._labels.count, (Status.KEPT, Status.CHANGED, Status.EXCLUDED)))

    def _note_decision(self) -> None:
        n, before = self._n_decided(), self._fitted_at
        crossed = (n >= MIN_VERDICTS) != (before >= MIN_VERDICTS)
        if crossed or (n >= MIN_VERDICTS and abs(n - before) >= REFIT_EVERY):
            self._fit_wanted = True
            self._go_on()
        self._soon.start()

    def _note_scores(self) -> None:
        self._fit_wanted |= max(self._n_decided(), self._fitted_at) >= MIN_VERDICTS
        self._go_on()

    def _look_ahead(self) -> None:
        self._look_wanted = True
        self._go_on()

    def _go_on(self) -> None:
        shown = self._scores.shown
        if self._work.is_busy or not self._session.is_open or shown is None:
            return
        if self._scores.is_stale:  # while a bulk change is rescored that has the processor
            return
        if self._fit_wanted:
            self._fit_wanted, self._look_wanted = False, True
            self._fitted_at = self._n_decided()
            given, classes = self._labels.given, self._labels.classes
            status, wholesale = self._labels.status.copy(), self._labels.wholesale
            self._work.begin(lambda: _fitting(shown, given, status, wholesale, classes))
        elif self._look_wanted:
            self._look_wanted = False
            self._begin_looking()

    def _begin_looking(self) -> None:
        fit = self._state.fit
        if fit is not None:
            rows, status = self._order.rows, self._labels.status.copy()
            self._work.begin(lambda: _looking_ahead(fit, rows, status))

    def _take(self, event: Event) -> None:
        if isinstance(event, Fitted):
            had_order = self._state.has_order
            self._scores.teach(event.chances)
            self._state.accept(event.fit)
            if self._order.wanted.sort_by == LEARNED and (had_order or event.fit.learned):
                self._order.offer_newer()
        elif isinstance(event, LookedAhead):
            self._state.expect(event.ahead)


def _fitting(
    shown: ScoreSet,
    given: LabelVector,
    status: StatusVector,
    wholesale: Mask,
    classes: ClassList,
) -> Events:
    fit = learn_from_verdicts(shown, shown.values["anomaly"], given, status, wholesale, classes)
    yield Fitted(fit, chances(fit) if fit.learned else None)


def _looking_ahead(fit: Learned, rows: SampleIds, status: StatusVector) -> Events:
    yield LookedAhead(errors_ahead(fit, rows, status))
