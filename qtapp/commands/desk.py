"""Puts a dataset on the desk, and clears it once every decision is on disk."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.errors import SourceChanged, SourceMissing
from models.types import Event, OpenRequest
from qtapp.commands.edits import Edits
from qtapp.commands.runs import Runs
from qtapp.jobs.agreeing import Agreeing
from qtapp.jobs.arranging import Arranger
from qtapp.jobs.auditing import Auditor
from qtapp.jobs.balance import BalanceCounter
from qtapp.jobs.bias import BiasTester
from qtapp.jobs.blind_export import BlindExporter
from qtapp.jobs.clusters import ClusterFinder
from qtapp.jobs.confusion import MatrixCounter
from qtapp.jobs.describing import Describer
from qtapp.jobs.learning import VerdictLearner
from qtapp.jobs.map_pictures import MapPictures
from qtapp.jobs.mapping import Mapper
from qtapp.jobs.neighbours import NeighbourFinder
from qtapp.jobs.opening import (
    ProjectChange,
    ReadyToShow,
    changing,
    matching,
    merging,
    opening,
    opening_demo,
)
from qtapp.jobs.paths import PathReader
from qtapp.jobs.properties import Measurer
from qtapp.jobs.publishing import Exporter, Publisher
from qtapp.jobs.query_keeping import QueryKeeper
from qtapp.jobs.remedying import RemedyWorker
from qtapp.jobs.review_session import SessionReader
from qtapp.jobs.saving import Saver
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.undoing_pictures import UndoingPictures
from qtapp.jobs.values import ValueCounter
from qtapp.jobs.weighing import Weigher
from qtapp.jobs.worker import Cancelled, JobThread, StartEvents
from qtapp.state.selection import NOTHING
from qtapp.state.workspace import Workspace

_REFUSALS = 2  # of corrected.h5 on closing: the first keeps the dataset open, after this it closes


@dataclass(frozen=True)
class Jobs:
    """Everything that works for an open project."""

    thumbnails: Thumbnails
    arranger: Arranger
    saver: Saver
    publisher: Publisher
    exporter: Exporter
    blind_exporter: BlindExporter
    describer: Describer
    learner: VerdictLearner
    agreeing: Agreeing
    auditor: Auditor
    remedying: RemedyWorker
    undoing_pictures: UndoingPictures
    clusters: ClusterFinder
    paths: PathReader
    query_keeper: QueryKeeper
    measurer: Measurer
    bias: BiasTester
    counter: MatrixCounter
    balance: BalanceCounter
    values: ValueCounter
    neighbours: NeighbourFinder
    mapper: Mapper
    map_pictures: MapPictures
    session_reader: SessionReader
    weigher: Weigher
    runs: Runs


class Desk(QObject):
    """Opens and closes. Closing goes on by itself, step by step, as each job ends:

    training stops, what is pending gets written, corrected.h5 is folded, threads and children
    end, the lock is given back. Nothing waits on the window's thread but the last steps.
    """

    opened = Signal(object)  # ReadyToShow
    closing = Signal(object)  # settings dict, to be filled by whoever remembers something
    closed = Signal()
    failed = Signal(object)  # what could not be opened, or could not be published on closing

    def __init__(
        self, space: Workspace, jobs: Jobs, edits: Edits, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._space, self._jobs, self._edits = space, jobs, edits
        self._thread = JobThread(self)
        self._thread.setObjectName("opening")
        self._thread.progressed.connect(self._take)
        self._thread.progressed.connect(space.opening.accept)
        self._thread.ended.connect(self._end_opening)
        self._thread.finished.connect(self._open_next)
        self._on_desk: ReadyToShow | None = None
        self._next: StartEvents | None = None  # what to open once the desk is clear
        self._changes: dict[Hashable, ProjectChange] = {}  # to be made of the project by then
        self._reviewer = self._opens_for = ""  # who decides; who did when opening began
        self._wanted = 0  # number of the opening whose outcome goes on the desk; 0: none's
        self._is_closing = False
        self._n_refused = 0  # how often in a row corrected.h5 was refused on closing
        self.astray: SourceMissing | SourceChanged | None = None  # of the last opening
        space.labels.saved_changed.connect(self._go_on)
        jobs.saver.named.connect(space.session.set_reviewer)
        jobs.runs.went_idle.connect(self._go_on)
        space.folding.ended.connect(self._note_fold)

    @property
    def is_clear(self) -> bool:
        is_opening = self._thread.isRunning() or self._space.opening.is_running
        return self._on_desk is None and not is_opening

    def open(self, request: OpenRequest, project: str = "") -> None:
        """Open files or a folder; what is open now is closed first."""
        self._open(lambda: opening(request, project, self._reviewer))

    def locate(self, request: OpenRequest) -> None:
        """Open the project whose dataset was not found, with the dataset's new place."""
        if self.astray is not None:
            self.open(request, self.astray.project)

    def match(self) -> None:
        """Open the project whose dataset changed; its decisions follow their images."""
        astray = self.astray
        if isinstance(astray, SourceChanged):
            self._open(lambda: matching(astray.request, astray.project, self._reviewer))

    def merge(self, other: str) -> None:
        """Bring the decisions of another project into the one on the desk, and lay it out anew."""
        project, truth = self._space.session.project_path, self._space.session.truth
        self._open(lambda: merging(project, other, self._reviewer, truth))

    def change(self, change: ProjectChange) -> None:
        """Change what the project on the desk says of its images, and lay it out anew; with all
        that was to be changed since it began to close, and each of that once."""
        project, truth = self._space.session.project_path, self._space.session.truth
        changes = {**self._changes, _about(change): change}
        self._open(lambda: changing(project, changes.values(), self._reviewer, truth), changes)

    def open_demo(self) -> None:
        self._open(lambda: opening_demo(self._reviewer))

    def name_reviewer(self, name: str) -> None:
        """Who decides from now on; the login name if empty."""
        self._reviewer = name
        self._jobs.saver.name_reviewer(name)

    def cancel(self) -> None:
        """Stop opening, and forget what was to be opened next."""
        self._forget_next()
        self._stop_opening()

    def close(self) -> None:
        """Begin to close; `closed` follows, or `failed` if corrected.h5 was refused: then the
        decisions are safe in the journal all the same, and a second close() tries once more and
        leaves."""
        self._forget_next()
        self._begin_closing()

    # -- opening --------------------------------------------------------------------------
    def _open(
        self, start: StartEvents, changes: dict[Hashable, ProjectChange] | None = None
    ) -> None:
        self._next, self._changes = start, changes or {}
        if self._on_desk is not None:
            self._begin_closing()
        else:
            self._stop_opening()  # of what was asked for before
            self._open_next()

    def _open_next(self) -> None:
        """Open what was asked for last, once the desk is clear and the thread is free."""
        if not self.is_clear:
            return
        start = self._next
        self._forget_next()
        if start is not None:
            self.astray, self._opens_for = None, self._reviewer
            self._wanted = self._space.opening.begin()
            self._thread.begin(self._wanted, start)

    def _stop_opening(self) -> None:
        self._wanted = 0
        self._thread.cancel()

    def _forget_next(self) -> None:
        self._next, self._changes = None, {}

    def _take(self, number: int, event: Event) -> None:
        if not isinstance(event, ReadyToShow):
            return
        if number == self._wanted:
            self._on_desk = event
            self._lay_out(event)
        else:
            event.review.close()  # it was ready when nobody wanted it any more

    def _end_opening(self, number: int, error: BaseException | None) -> None:
        self._space.opening.end(number, error)
        if isinstance(error, SourceMissing | SourceChanged):
            self.astray = error
        if error is not None and not isinstance(error, Cancelled):
            self.failed.emit(error)

    def _lay_out(self, ready: ReadyToShow) -> None:
        space, review = self._space, ready.review
        known, project = review.labelling, review.project
        n_samples = len(known.given)
        space.order.reset(0)  # nothing is shown while states are about two datasets
        space.view.point_at(NOTHING)
        self._jobs.saver.attach(project.journal, project.back_up)
        self._jobs.thumbnails.attach(review.reader)
        space.labels.lock.load(review.info.splits, known.test_unlocked, review.info.split_codes())
        space.labels.load(
            known.given,
            known.labels,
            known.status,
            known.classes,
            known.next_step,
            known.n_decisions,
            known.n_remarks,
            known.remedies,
        )
        space.remedying.load(ready.settled, ready.usual)
        space.audit.load(known.audit)
        space.blind.load(known.blind)
        space.causes.load(known.remarks)
        space.agreeing.load(known.agreeing)
        space.selection.reset(n_samples)
        space.scores.show(ready.scores)
        space.training.recall(ready.run.started, ready.run.curves, ready.run.result)
        space.order.reset(n_samples)
        self._edits.restore(known.edits, known.done)
        space.session.open(review.info, str(project.path), review.reviewer, ready.truth)
        if self._reviewer != self._opens_for:
            self._jobs.saver.name_reviewer(self._reviewer)
        space.order.apply_new()
        self._jobs.runs.refresh()
        self.opened.emit(ready)

    # -- closing --------------------------------------------------------------------------
    def _begin_closing(self) -> None:
        if self._thread.isRunning():
            self._thread.stop()
        self._wanted = 0
        if self._on_desk is None:
            self.closed.emit()
            return
        self._is_closing = True
        self._jobs.runs.abandon()
        self._jobs.exporter.cancel()
        self._go_on()

    def _note_fold(self, error: BaseException | None) -> None:
        if error is None:
            self._n_refused = 0
        elif self._is_closing and not isinstance(error, Cancelled):
            self._n_refused += 1
            if self._n_refused == 1:
                self._is_closing = False
                self._forget_next()
                self.failed.emit(error)
        self._go_on()

    def _go_on(self, _: object = None) -> None:
        """Take the next step of closing, if its turn has come."""
        if not self._is_closing:
            return
        labels = self._space.labels
        if labels.n_pending and labels.blocked_by is None:
            return
        if self._space.folding.is_running or self._jobs.runs.is_busy:
            return
        if self._jobs.publisher.is_needed and self._n_refused < _REFUSALS:
            self._jobs.publisher.fold()
            return
        self._clear()

    def _clear(self) -> None:
        assert self._on_desk is not None
        jobs, project = self._jobs, self._on_desk.review.project
        self._is_closing, self._n_refused = False, 0
        jobs.query_keeper.stop()  # first: it writes the settings too
        settings: dict[str, Any] = project.settings()
        self.closing.emit(settings)
        with suppress(OSError):  # a full disk costs a layout, and does not keep the window open
            project.save_settings(settings)
        jobs.arranger.stop()
        jobs.learner.stop()
        jobs.agreeing.stop()
        jobs.auditor.stop()
        jobs.remedying.stop()
        jobs.undoing_pictures.stop()
        jobs.clusters.stop()
        jobs.paths.stop()
        jobs.measurer.stop()
        jobs.bias.stop()
        jobs.counter.stop()
        jobs.balance.stop()
        jobs.values.stop()
        jobs.neighbours.stop()
        jobs.mapper.stop()
        jobs.map_pictures.stop()
        jobs.session_reader.stop()
        jobs.weigher.stop()
        jobs.publisher.stop()
        jobs.exporter.stop()
        jobs.blind_exporter.stop()
        jobs.describer.stop()
        jobs.saver.detach()
        jobs.thumbnails.detach()
        self._on_desk.review.close()
        self._on_desk = None
        self._space.session.close()
        self.closed.emit()
        self._open_next()


def _about(change: ProjectChange) -> Hashable:
    """What is changed: of two changes of the same the later one counts."""
    if isinstance(change, partial):
        return change.func, change.keywords.get("split")
    return change
