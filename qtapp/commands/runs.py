"""Starts, pauses, stops and chooses training runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Status
from models.review.verdicts import judged
from models.types import Event, RunSummary
from qtapp.jobs.runs import RunsListed, choosing, choosing_newest, deleting, listing
from qtapp.jobs.trainer import ScoresLoaded, Trainer, training_request
from qtapp.jobs.worker import Cancelled, JobThread, StartEvents
from qtapp.state.activity import TrainingState
from qtapp.state.audit import AuditState
from qtapp.state.blind import BlindState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.remedying import RemedyState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.session import SessionState


class Runs(QObject):
    """What a person does with runs. Scores that arrive are shown; the order waits for N."""

    listed = Signal(object)  # tuple[RunSummary, ...], newest first
    learnt = Signal(object)  # LabelVector the run learned from that `again` begins with, or None
    failed = Signal(object)  # a run could not be listed, loaded or deleted
    went_idle = Signal()  # no thread of ours is running any more

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        audit: AuditState,
        blind: BlindState,
        training: TrainingState,
        remedying: RemedyState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels = session, labels
        self._scores, self._order = scores, order
        self._audit, self._blind = audit, blind
        self._training, self._remedying = training, remedying
        self._trainer = Trainer(training, self)
        self._trainer.progressed.connect(self._take)
        self._disk = JobThread(self)
        self._disk.setObjectName("runs")
        self._disk.progressed.connect(self._take)
        self._disk.ended.connect(self._note_end)
        self._disk.finished.connect(self._go_on)
        self._trainer.finished.connect(self._go_on)
        self._waiting: list[StartEvents] = []
        self._weights_run = 0
        self.chosen = 0  # the run whose scores the person wants to see; 0: the newest
        training.ended.connect(self.refresh)

    @property
    def is_busy(self) -> bool:
        return self._trainer.isRunning() or self._disk.isRunning()

    def can_start(self) -> bool:
        """Whether there is something to learn from and nothing is learning."""
        labels = self._labels.labels
        return self._session.is_open and not self._trainer.isRunning() and bool(len(labels))

    def start(self) -> None:
        """Train on the current labels; excluded samples are only scored."""
        self._begin()

    def again(self) -> None:
        """Train on the current labels from the weights of the last run."""
        self._begin(weights_run=self._weights_run)

    def baseline(self) -> None:
        """Train on the labels as they were given, with what was excluded since."""
        self._begin(as_given=True)

    def resume(self) -> None:
        """Go on with the run that a stop or a crash left unfinished."""
        self._begin(resume_run=self._training.resumable_run)

    def pause(self, paused: bool) -> None:
        if paused:
            self._trainer.pause()
        else:
            self._trainer.resume()

    def stop(self) -> None:
        """Write the scores so far, then end."""
        self._trainer.finish()

    def abandon(self) -> None:
        """The project closes: end the child; the run can be resumed from its checkpoint."""
        self._waiting.clear()
        self._trainer.cancel()
        self._disk.cancel()

    def refresh(self, _error: object = None) -> None:
        """List the runs again."""
        self._do(lambda: listing(self._project()))

    def use(self, run: int) -> None:
        """Show the scores of this run, after opening again too."""
        self.chosen = run
        self._do(lambda: choosing(self._project(), run))

    def delete(self, run: int) -> None:
        """Its scores go with it: those of another run are shown, as after opening again."""
        self.chosen = 0 if run == self.chosen else self.chosen
        self._do(lambda: deleting(self._project(), run))
        if run == self._scores.run:
            self._do(lambda: choosing_newest(self._project()))

    def _begin(self, *, resume_run: int = 0, weights_run: int = 0, as_given: bool = False) -> None:
        if not self.can_start():
            return
        assert self._session.info is not None
        self._training.resumable_run = self.chosen = 0
        request = training_request(
            project=self._project(),
            info=self._session.info,
            labels=(self._labels.given if as_given else self._labels.labels).copy(),
            included=(self._labels.status != Status.EXCLUDED) | as_given,
            class_names=self._labels.class_names,
            audited=np.union1d(self._audit.sample_ids, self._blind.sample_ids),
            decided=np.flatnonzero(judged(self._labels.status) & (not as_given)),
            resume_run=resume_run,
            weights_run=weights_run,
            class_weights=self._remedying.settled.class_weights,
        )
        self._trainer.begin_training(request)

    def _project(self) -> Path:
        return Path(self._session.project_path)

    def _do(self, start: StartEvents) -> None:
        if self._session.is_open:
            self._waiting.append(start)
            self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._disk.isRunning():
            self._disk.begin(0, self._waiting.pop(0))
        elif not self.is_busy:
            self.went_idle.emit()

    def _note_end(self, _number: int, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Cancelled):
            self.failed.emit(error)

    def _take(self, number: int, event: Event) -> None:
        if isinstance(event, RunsListed):
            self._note_runs(event.runs)
            self._weights_run = event.weights_run
            self.learnt.emit(event.learnt)
        elif isinstance(event, ScoresLoaded) and number in (0, self._training.number):
            self._take_scores(event.scores)

    def _take_scores(self, scores: ScoreSet | None) -> None:
        """Show them, unless they are of a run in training and another one was chosen meanwhile."""
        if self.chosen in (0, scores.run if scores else 0):
            self._scores.show(scores)
            self._order.offer_newer()

    def _note_runs(self, runs: tuple[RunSummary, ...]) -> None:
        newest = runs[0] if runs else None
        resumable = newest is not None and newest.resumable and not self._trainer.isRunning()
        self._training.set_resumable(newest.run if newest and resumable else 0)
        self.listed.emit(runs)
