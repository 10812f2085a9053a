"""Draws the map and finds what a lasso holds, on a thread: a million images never stop it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from models.review.colouring import Colouring, anchors, by_group, by_value, uncoloured
from models.review.decisions import Status
from models.review.positions import Positions
from models.types import Event, Events, Mask, SampleIds
from qtapp.jobs.map_drawing import Frame, Ink, draw
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.audit import AuditState
from qtapp.state.labels import LabelState
from qtapp.state.mapping import MapState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState

LABEL, PREDICTED, SPLIT, STATE, NOTHING_TOLD = "label", "predicted", "split", "state", "none"
_AFTER_MS = 100  # decisions come in bursts


@dataclass(frozen=True)
class Wish:
    """What is to be drawn: `by` is one of the names above, or that of a score."""

    frame: Frame
    by: str
    ink: Ink


@dataclass(frozen=True)
class Picture(Event):
    """A drawn map, and what it tells."""

    image: QImage
    frame: Frame
    by: str
    colouring: Colouring
    names_at: dict[int, tuple[float, float]]  # where a group is best named
    as_points: bool


@dataclass(frozen=True)
class Caught(Event):
    """What a lasso holds."""

    sample_ids: SampleIds
    adds: bool


@dataclass(frozen=True)
class _Told:
    """A colouring and what it was made of."""

    by: str
    positions: Positions
    colouring: Colouring
    names_at: dict[int, tuple[float, float]]


class MapPictures(QObject):
    """Answers the newest wish; draws again when labels, scores, positions or the selection
    change. What a lasso holds is selected."""

    arrived = Signal(object)  # Picture
    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        audit: AuditState,
        selection: SelectionState,
        state: MapState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._audit, self._selection, self._state = audit, selection, state
        self._work = OneAtATime("map pictures", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._wish: Wish | None = None
        self._is_due = False
        self._lassos: list[tuple[NDArray[np.float64], bool]] = []
        self._told: _Told | None = None
        self._version = 0  # of what is told; a thread may be at an older one
        self._soon = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._soon.timeout.connect(self._retell)
        for changed in (labels.changed, labels.loaded, labels.classes_changed):
            changed.connect(self._soon.start)
        for changed in (scores.changed, scores.updated, scores.taught, audit.changed):
            changed.connect(self._soon.start)
        selection.changed.connect(self._draw_again)
        state.moved.connect(self._retell)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        waiting = self._is_due or bool(self._lassos) or self._soon.isActive()
        return not (self._work.is_busy or waiting)

    def want(self, wish: Wish | None) -> None:
        """Draw this from now on; None while no map is in sight."""
        self._wish = wish
        self._draw_again()

    def select_inside(self, polygon: NDArray[np.float64], *, adds: bool) -> None:
        """Select the images within a polygon (v, 2) in the map's units, or add them."""
        self._lassos.append((polygon, adds))
        self._go_on()

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._soon.stop()
        self._lassos.clear()
        self._work.stop()
        self._told = None
        self._is_due = False

    def _retell(self) -> None:
        self._told = None
        self._version += 1
        self._draw_again()

    def _draw_again(self) -> None:
        self._is_due = True
        self._go_on()

    def _go_on(self) -> None:
        shown, wish = self._state.shown, self._wish
        if self._work.is_busy or shown is None or not self._session.is_open:
            return
        if self._lassos:
            polygon, adds = self._lassos.pop(0)
            self._work.begin(partial(_catching, shown.positions, polygon, adds))
        elif self._is_due and wish is not None:
            self._is_due = False
            told = self._told
            known = told is not None and told.by == wish.by and told.positions is shown.positions
            mask, count = self._selection.mask, self._selection.count
            telling = None if known else partial(self._tell, wish.by, shown.positions)
            self._work.begin(partial(_drawing, wish, told, telling, mask, count, self._version))

    def _tell(self, by: str, positions: Positions) -> _Told:
        """Colour every image; runs on the thread, and reads what decisions may write meanwhile:
        an image decided at this moment has its old colour or its new one."""
        colouring = self._colouring(by)
        return _Told(by, positions, colouring, anchors(positions, colouring))

    def _colouring(self, by: str) -> Colouring:
        labels, info = self._labels, self._session.info
        if by == LABEL:
            return by_group(labels.labels.copy(), len(labels.class_names))
        if by == STATE:
            return by_group(labels.status.copy(), len(Status))
        if by == SPLIT and info is not None:
            return by_group(info.split_codes(), len(info.splits))
        shown = self._scores.shown
        if by == PREDICTED and shown is not None:
            predicted = labels.classes.standing(shown.predicted)
            return by_group(predicted, len(labels.class_names), self._blind())
        if shown is not None and by in shown.values:
            return by_value(shown.values[by].copy(), self._blind())
        return uncoloured(len(labels.labels))

    def _blind(self) -> Mask:
        """Images of which nobody may see yet what the model says."""
        hidden = np.zeros(len(self._labels.labels), np.bool_)
        audited = self._audit.sample_ids
        hidden[audited[self._audit.blind(audited)]] = True
        return hidden

    def _take(self, event: Event) -> None:
        if isinstance(event, _Drawn):
            if event.version == self._version:
                self._told = event.told
            self.arrived.emit(event.picture)
        elif isinstance(event, Caught):
            if event.adds:
                self._selection.add(event.sample_ids)
            else:
                self._selection.select(event.sample_ids)


@dataclass(frozen=True)
class _Drawn(Event):
    picture: Picture
    told: _Told
    version: int


def _drawing(
    wish: Wish,
    told: _Told | None,
    tell: partial[_Told] | None,
    selected: Mask,
    count: int,
    version: int,
) -> Events:
    if tell is not None:
        told = tell()
    assert told is not None
    codes = np.minimum(told.colouring.codes, len(wish.ink.colours) - 1)
    canvas, as_points = draw(told.positions, codes, selected, count, wish.frame, wish.ink)
    height, width = canvas.shape[:2]
    borrowed = QImage(
        canvas.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
    )
    image = borrowed.copy()  # with memory of its own
    about = (wish.by, told.colouring, told.names_at)
    yield _Drawn(Picture(image, wish.frame, *about, as_points), told, version)


def _catching(positions: Positions, polygon: NDArray[np.float64], adds: bool) -> Events:
    yield Caught(positions.inside(polygon), adds)
