"""The guided first run: what a person tries next, and when that is done."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from models.review.decisions import NO_STEP, Edit
from qtapp.state.activity import ActivityState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState
from qtapp.state.view import BLIND, GRID, SINGLE, ViewState


class Step(Enum):
    """Each is one thing to try, in this order."""

    ORDER = auto()
    ENLARGE = auto()
    DECIDE = auto()
    UNDO = auto()
    GRID = auto()
    PEEK = auto()
    QUERY = auto()
    EXPORT = auto()


class TourState(QObject):
    """Begins by itself with the first demo, and goes on whenever the person did what it waits for.

    What was done already when its turn comes is passed over.
    """

    changed = Signal()  # another step, or whether it is in sight
    ended = Signal()  # gone through or skipped: it does not begin by itself again

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        view: ViewState,
        exporting: ActivityState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._view, self._exporting = session, view, exporting
        self.step: Step | None = None
        self._told: tuple[Step | None, bool] = (None, False)
        self.is_taken = False  # no need to begin by itself
        self._is_done: dict[Step, Callable[[], bool]] = {
            Step.ORDER: lambda: scores.shown is not None and not order.has_newer,
            Step.ENLARGE: lambda: view.mode == SINGLE,
            Step.GRID: lambda: view.mode == GRID,
            Step.PEEK: lambda: view.peeking,
            Step.QUERY: lambda: bool(order.wanted.filters.query),
            Step.EXPORT: lambda: exporting.is_running,
        }
        labels.committing.connect(self._note_edit)
        for changed in (
            *(view.changed, view.peeking_changed, exporting.changed, scores.changed),
            *(order.changed, order.wanted_changed, order.newer_changed),
        ):
            changed.connect(self._go_on)
        view.changed.connect(self._tell)
        session.changed.connect(self._follow_session)

    @property
    def is_in_sight(self) -> bool:
        """A blind session is no place for hints, and without a dataset there is nothing to try."""
        return self.step is not None and self._session.is_open and self._view.mode != BLIND

    def begin(self) -> None:
        """From the first step, also for somebody who took it before."""
        self._show(Step.ORDER)
        self._go_on()

    def next(self) -> None:
        """On to the next step without doing this one; the last one ends the tour."""
        if self.step is not None:
            self._leave(self.step)
            self._go_on()

    def skip(self) -> None:
        """End it; it does not come back by itself."""
        self.is_taken = True
        self._show(None)
        self.ended.emit()

    def _follow_session(self) -> None:
        is_demo = self._session.truth is not None
        if is_demo and not self.is_taken and self.step is None:
            self.begin()
        self._tell()

    def _note_edit(self, edit: Edit) -> None:
        """A decision or an undo; a note or a cause is neither."""
        wanted = Step.DECIDE if edit.undoes == NO_STEP else Step.UNDO
        if self.step is wanted and not edit.remark:
            self.next()

    def _go_on(self) -> None:
        """Pass over whatever is done."""
        while self.is_in_sight and self.step in self._is_done and self._is_done[self.step]():
            self._leave(self.step)

    def _leave(self, step: Step) -> None:
        steps = list(Step)
        if step is steps[-1]:
            self.skip()
        else:
            self._show(steps[steps.index(step) + 1])

    def _show(self, step: Step | None) -> None:
        self.step = step
        self._tell()

    def _tell(self) -> None:
        if (now := (self.step, self.is_in_sight)) != self._told:
            self._told = now
            self.changed.emit()
