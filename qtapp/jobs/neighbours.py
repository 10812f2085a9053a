"""Finds the images that look most like the current one: those a run kept, then among all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from models.review.likeness import Neighbourhood, distances, neighbourhood
from models.types import Embedding, Event, Events, LabelVector, StatusVector
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.labels import LabelState
from qtapp.state.neighbours import NeighbourState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.selection import NOTHING, SelectionState

# A search waits about as long as it takes: whoever leafs through a million images begins none.
_ROWS_PER_MS = 10_000


@dataclass(frozen=True)
class Found(Event):
    """The neighbours of one image among all."""

    neighbourhood: Neighbourhood


class NeighbourFinder(QObject):
    """Follows the current image and the labels.

    The ten that a run kept are shown at once. Where they do not hold enough images of both
    labels, the whole embedding is looked through on a thread.
    """

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        state: NeighbourState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores = labels, scores
        self._selection, self._state = selection, state
        self._work = OneAtATime("neighbours", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._wanted = False
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._search)
        for moved in (selection.current_changed, labels.changed, scores.changed):
            moved.connect(self._look)
        scores.stale_changed.connect(self._go_on)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return not (self._work.is_busy or self._wanted or self._soon.isActive())

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._soon.stop()
        self._wanted = False
        self._work.stop()
        self._state.show(None)

    def _look(self, _changed: object = None) -> None:
        """Show what the run kept, and begin to search if that is not enough."""
        self._soon.stop()
        current, shown = self._selection.current, self._set_of_current()
        if shown is None:
            self._state.show(None)
            return
        ids = shown.evidence.neighbours[current].astype(np.int64)
        distance = np.asarray(shown.evidence.neighbour_distance[current])
        kept = neighbourhood(
            *(current, ids, distance, self._labels.labels, self._labels.status),
            self._scores.suggested(current),
        )
        # What was found among all of the same image is not taken back for a moment.
        if kept.is_complete or self._state.of(current) is None:
            self._state.show(kept)
        if not kept.is_complete and len(shown.embedding):
            self._soon.start(len(shown.embedding) // _ROWS_PER_MS)

    def _set_of_current(self) -> ScoreSet | None:
        current = self._selection.current
        known = NOTHING < current < len(self._labels.labels)
        return self._scores.shown_of(current) if known else None

    def _search(self) -> None:
        self._wanted = True
        self._go_on()

    def _go_on(self) -> None:
        # While a bulk change is rescored that has the processor to itself.
        if self._work.is_busy or not self._wanted or self._scores.is_stale:
            return
        self._wanted = False
        shown, current = self._set_of_current(), self._selection.current
        if shown is not None:
            labels, status, rival = (
                *(self._labels.labels, self._labels.status),
                self._scores.suggested(current),
            )
            embedding = shown.embedding
            self._work.begin(lambda: _searching(current, embedding, labels, status, rival))

    def _take(self, event: Event) -> None:
        assert isinstance(event, Found)
        found = event.neighbourhood
        if found.sample_id == self._selection.current and self._set_of_current() is not None:
            self._state.show(found)


def _searching(
    sample_id: int,
    embedding: Embedding,
    labels: LabelVector,
    status: StatusVector,
    rival: int,
) -> Events:
    ids = np.arange(len(embedding))
    distance = distances(embedding, sample_id)
    yield Found(neighbourhood(sample_id, ids, distance, labels, status, rival))
