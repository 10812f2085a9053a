"""Shows the map that is kept, or has one made by a child process, when it comes in sight."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from models.processes.mapping import MapRequest, make_map, show_map
from models.review.positions import Positions
from models.types import Event, Events, MapLaidOut
from qtapp.jobs.worker import JobThread
from qtapp.state.activity import TrainingState
from qtapp.state.mapping import MapShown, MapState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState


class Mapper(QObject):
    """Begins when the map is first in sight; while a run trains, only if asked to.

    A map takes the processor that the run needs, and its embedding is about to change: so beside
    a run a map is made by the person's wish alone. Nor does a map on the screen give way to a
    newer one unasked, for a person finds her way by where things lie.
    """

    def __init__(
        self,
        session: SessionState,
        scores: ScoreState,
        training: TrainingState,
        state: MapState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._scores, self._training = session, scores, training
        self._state = state
        self._thread = _MapThread(self)
        self._thread.progressed.connect(state.accept)
        self._thread.ended.connect(state.end)
        self._in_sight = False
        self._looked_for: int | None = None  # the run whose map was looked for
        self._is_asked_for = False  # what is being made
        session.changed.connect(self._begin_if_new)
        scores.changed.connect(self._begin_if_new)
        state.ended.connect(self._begin_if_new)
        training.changed.connect(self._make_way)

    def set_in_sight(self, in_sight: bool) -> None:
        """The panel came in sight, or went."""
        self._in_sight = in_sight
        self._begin_if_new()

    def make(self) -> None:
        """Make the map of what is known now, whether there is one or not."""
        if self._session.is_open and not self._state.is_running:
            self._begin(make_map, is_asked_for=True)

    def cancel(self) -> None:
        """Stop making it; the map before comes back."""
        self._thread.cancel()

    def stop(self) -> None:
        """The dataset is being closed: end the child and forget."""
        self._thread.stop()
        self._looked_for = None
        self._state.reset()

    def _begin_if_new(self, _error: object = None) -> None:
        """Look for the map of the run whose scores are shown, once for each run."""
        is_new = self._session.is_open and self._scores.run != self._looked_for
        if is_new and self._in_sight and not self._state.is_running:
            makes = self._state.shown is None and not self._training.is_running
            self._begin(partial(show_map, make=makes), is_asked_for=False)

    def _make_way(self) -> None:
        """A run begins: what nobody asked for is not made beside it."""
        if self._training.is_running and self._state.is_running and not self._is_asked_for:
            self._thread.cancel()

    def _begin(self, start: Callable[[MapRequest], Events], *, is_asked_for: bool) -> None:
        info = self._session.info
        assert info is not None
        self._thread.wait()  # its end came, it is at most a few instructions from there
        self._looked_for, self._is_asked_for = self._scores.run, is_asked_for
        project = Path(self._session.project_path)
        request = MapRequest(project, info.request, info.n, self._scores.run)
        self._thread.begin(self._state.begin(), lambda: start(request))


class _MapThread(JobThread):
    """Indexes each layout before the window sees it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("mapping")

    def _prepared(self, event: Event) -> Event:
        if not isinstance(event, MapLaidOut):
            return event
        event.layout.flags.writeable = False
        positions = Positions(event.layout)
        return MapShown(positions, event.run, event.epoch, event.n_laid_out, event.final)
