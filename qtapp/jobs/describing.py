"""Looks through the whole dataset for its data page, with a reader of its own."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from models.describing import describing
from models.types import OpenRequest
from qtapp.jobs.worker import JobThread
from qtapp.state.describing import DescribingState
from qtapp.state.session import SessionState
from qtapp.state.view import DATA, ViewState


class Describer(QObject):
    """Begins when the data page is first shown, and goes on whatever is shown then."""

    def __init__(
        self,
        session: SessionState,
        view: ViewState,
        state: DescribingState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._view, self._state = session, view, state
        self._thread = JobThread(self)
        self._thread.setObjectName("describing")
        self._thread.progressed.connect(state.accept)
        self._thread.ended.connect(state.end)
        view.changed.connect(self._begin_if_shown)

    def again(self) -> None:
        """Look through all images once more."""
        if self._session.info is not None:
            self._thread.stop()
            request = OpenRequest.from_message(self._session.info.request)
            self._thread.begin(self._state.begin(), partial(describing, request))

    def cancel(self) -> None:
        """Keep what is known so far."""
        self._thread.cancel()

    def stop(self) -> None:
        """The dataset is being closed: end the reader and forget."""
        self._thread.stop()
        self._state.reset()

    def _begin_if_shown(self) -> None:
        untouched = self._state.page is None and not self._state.is_running
        if self._view.mode == DATA and untouched:
            self.again()
