"""Reads the paths of all images when a query first asks for them, with a reader of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.processes.reading import ReaderClient
from models.review.paths import Paths
from models.review.query import mentions
from models.types import Event, Events, Heartbeat, OpenRequest
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.ordering import OrderState
from qtapp.state.paths import PathState
from qtapp.state.session import SessionState

_AT_A_TIME = 10_000


@dataclass(frozen=True)
class PathsRead(Event):
    """Those of all images, in source order."""

    paths: Paths


class PathReader(QObject):
    """Nobody waits for paths who does not ask for them: a million take about ten seconds."""

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        order: OrderState,
        state: PathState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._order, self._state = session, order, state
        self._work = OneAtATime("paths", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self._tell)
        order.wanted_changed.connect(self._look)

    @property
    def is_idle(self) -> bool:
        return not self._work.is_busy

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._state.reset()

    def _look(self) -> None:
        info, query = self._session.info, self._order.wanted.filters.query
        if info is None or self._work.is_busy or self._state.paths is not None:
            return
        if query and mentions(query, "path"):
            request, n_samples = OpenRequest.from_message(info.request), info.n
            self._work.begin(lambda: _reading(request, n_samples))

    def _take(self, event: Event) -> None:
        if isinstance(event, PathsRead):
            self._state.accept(event.paths)
            if mentions(self._order.wanted.filters.query, "path"):
                self._order.apply_new()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, WinnowError):
            self._state.refuse(str(error))
        else:
            self.failed.emit(error)


def _reading(request: OpenRequest, n_samples: int) -> Events:
    reader = ReaderClient()
    try:
        yield from reader.opened(request)
        found: list[str] = []
        for start in range(0, n_samples, _AT_A_TIME):
            found += reader.paths(np.arange(start, min(start + _AT_A_TIME, n_samples)))
            yield Heartbeat()
        yield PathsRead(Paths(found))
    finally:
        reader.close()
