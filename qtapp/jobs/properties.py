"""Measures all images, with a reader of its own, when somebody asks for what comes of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.properties import measuring
from models.review.properties import PROPERTIES, Measured
from models.review.query import mentions
from models.types import Event
from qtapp.jobs.worker import Cancelled, JobThread
from qtapp.state.bias import BiasState
from qtapp.state.ordering import OrderState
from qtapp.state.properties import PropertyState
from qtapp.state.session import SessionState


class Measurer(QObject):
    """Begins when the bias view is first in sight or a query names a property.

    What a person stopped goes on only when asked to.
    """

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        order: OrderState,
        state: PropertyState,
        bias: BiasState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._order, self._state, self._bias = session, order, state, bias
        self._thread = _MeasuringThread(self)
        self._thread.progressed.connect(state.accept)
        self._thread.ended.connect(state.end)
        state.measured.connect(self._answer)
        state.ended.connect(self._after)
        order.wanted_changed.connect(self._measure_if_asked)
        session.changed.connect(self._measure_if_seen)
        bias.watched.connect(self._measure_if_seen)

    def measure(self) -> None:
        """Measure what is not measured yet."""
        info, state = self._session.info, self._state
        if info is None or state.is_running or state.is_complete:
            return
        self._thread.wait()  # its end came, it is at most a few instructions from there
        project = Path(self._session.project_path)
        self._thread.begin(state.begin(), partial(measuring, info, project))

    def cancel(self) -> None:
        """Keep what is measured so far."""
        self._thread.cancel()

    def stop(self) -> None:
        """The dataset is being closed: end the reader and forget."""
        self._thread.stop()
        self._state.reset()

    @property
    def _is_asked_for(self) -> bool:
        query = self._order.wanted.filters.query
        return bool(query) and mentions(query, *PROPERTIES)

    def _measure_if_asked(self) -> None:
        if self._state.error is None and not self._state.is_complete and self._is_asked_for:
            self.measure()

    def _measure_if_seen(self) -> None:
        if self._bias.in_sight and self._state.error is None:
            self.measure()

    def _answer(self) -> None:
        """The query can be answered now; until all are measured the images stay where they are."""
        if self._state.is_complete and self._is_asked_for:
            self._order.apply_new()

    def _after(self, error: BaseException | None) -> None:
        if not self._state.is_complete and self._is_asked_for:
            self._order.apply_new()  # by what is known
        if error is not None and not isinstance(error, Cancelled | WinnowError):
            self.failed.emit(error)


class _MeasuringThread(JobThread):
    """Finds out which properties there are before the window sees them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("measuring")

    def _prepared(self, event: Event) -> Event:
        if isinstance(event, Measured):
            _ = event.properties.columns, event.properties.varying
        return event
