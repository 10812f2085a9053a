"""What keys mean in a blind session, and how one begins and ends."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QDateTime, QObject, Qt, Signal

from models.review.blind import CANNOT_TELL, Counts, draw, expected_interval, n_showings, sizes
from models.review.blind_result import Known, answer_lines, as_message, result_of
from models.review.decisions import Status
from models.types import SampleIds
from qtapp.state.blind import ASKING, RESULT, BlindState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import BLIND, GRID, ViewState

_USUAL_SECONDS = 4.0  # an image, for somebody who has not done it yet

Run = Callable[[], None]


@dataclass(frozen=True)
class Offer:
    """A session that can be had: how long it takes, and how sure its accuracy will be."""

    n: int
    showings: int
    low: float
    high: float
    minutes: int


class Blinding(QObject):
    """Begins, answers, pauses; nothing here changes a label."""

    class_wanted = Signal()  # a class is to be chosen by its name
    idle = Signal(str)  # why a key did nothing, in words
    export_wanted = Signal(object, object)  # the result as JSON, its answers as lines of a table

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        blind: BlindState,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._order, self._view, self._blind = selection, order, view, blind
        self._clock = clock
        self._seen: tuple[int, float] | None = None  # the place that is on the screen, since when
        view.changed.connect(self._pause_out_of_sight)

    # -- what there is to begin ------------------------------------------------------------
    def offers(self) -> list[Offer]:
        """The sessions that can be had; none where there are too few images or classes."""
        counts = self._counts()
        if np.count_nonzero(counts) < 2:
            return []
        taken = len(self._blind.sample_ids)
        seconds = self._seconds_each()
        found = []
        for n in sizes(int(counts.sum()) + taken, taken):
            low, high = expected_interval(n, counts)
            showings = n_showings(n)
            found.append(Offer(n, showings, low, high, max(1, math.ceil(showings * seconds / 60))))
        return found

    def why_none(self) -> str:
        """Why there is nothing to offer, and what to do about it."""
        if np.count_nonzero(self._counts()) == 1:
            return self.tr(
                "All images that have a label are of one class, so there is nothing to tell "
                "apart. With two classes or more a blind session says how well a person does."
            )
        if len(self._blind.sample_ids):
            return self.tr(
                "Half of the labelled images were judged blind already. They are never trained "
                "on, so the other half stays for training."
            )
        return self.tr(
            "A blind session compares your answers with labels that are there: it takes 20 "
            "labelled images or more."
        )

    def start(self, n: int) -> None:
        """Draw the images of a new session, and ask about the first."""
        if self._labels.blocked_by is not None:
            self.idle.emit(str(self._labels.blocked_by))
            return
        began = QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate)
        drawn = draw(
            self._labels.given, self._eligible(), n, secrets.randbits(32), began,
            self._session.reviewer,
        )  # fmt: skip
        self._blind.begin(drawn)

    def _eligible(self) -> SampleIds:
        """Images with a label of this dataset that were not judged blind before."""
        labels, info = self._labels, self._session.info
        can = (labels.given >= 0) & (labels.status != Status.EXCLUDED)
        if info is not None and info.not_of_dataset >= 0:
            can &= labels.given != info.not_of_dataset
        can[self._blind.sample_ids] = False
        return np.flatnonzero(can)

    def _counts(self) -> Counts:
        """How many of them each class has."""
        return np.bincount(self._labels.given[self._eligible()], minlength=1)

    def _seconds_each(self) -> float:
        """What an image took this person so far."""
        taken = [second for session in self._blind.sessions for second in session.seconds]
        return float(np.median(taken)) if taken else _USUAL_SECONDS

    # -- keys --------------------------------------------------------------------------------
    def instead(self, run: Run, in_session: Run) -> Run:
        """A key that means something else while blind sessions are in sight."""
        return lambda: in_session() if self._view.mode == BLIND else run()

    def toggle(self) -> None:
        """B: to the blind sessions, and on with one that was paused; from their pages back."""
        if self._view.mode != BLIND:
            self._view.set_mode(BLIND)
            self._blind.resume()
        elif self._blind.page != ASKING and self._blind.current is not None:
            self._blind.resume()
        elif self._blind.page != ASKING:
            self._view.set_mode(GRID)

    def note_seen(self) -> None:
        """The image that is asked about is on the screen: from now on it can be answered."""
        session = self._blind.current
        if session is None or self._blind.page != ASKING:
            return
        if self._seen is None or self._seen[0] != session.place:
            self._seen = session.place, self._clock()

    @property
    def is_seen(self) -> bool:
        """Whether the image that is asked about is on the screen, and can be answered."""
        session = self._blind.current
        return session is not None and self._seen is not None and self._seen[0] == session.place

    def seconds_so_far(self) -> float:
        """How long the answers of the session took, and the one that is awaited."""
        session = self._blind.current
        waited = self._clock() - self._seen[1] if self._seen else 0.0
        return waited + (sum(session.seconds) if session else 0.0)

    def answer(self, code: int) -> None:
        """Say which class it is; nothing until the image is seen."""
        if self._labels.blocked_by is not None:
            self.idle.emit(str(self._labels.blocked_by))
        elif self.is_seen and self._seen is not None:
            seconds, self._seen = self._clock() - self._seen[1], None
            self._blind.answer(code, seconds, self._added_class(code))

    def _added_class(self, code: int) -> str:
        """The name of a class that was added here, whose code another may have later."""
        info = self._session.info
        read = len(info.class_names) if info is not None else 0
        return self._labels.class_names[code] if code >= read else ""

    def cannot_tell(self) -> None:
        """None of the classes, or the image does not show which."""
        self.answer(CANNOT_TELL)

    def back(self) -> None:
        self._seen = None
        self._blind.back()

    def pick_class(self) -> None:
        if self._blind.page == ASKING:
            self.class_wanted.emit()

    def escape(self) -> None:
        """Esc: from an image to a pause, from a result to the list, from there to the grid."""
        if self._blind.page == ASKING:
            self._seen = None
            self._blind.pause()
        elif self._blind.page == RESULT:
            self._blind.pause()
        else:
            self._view.set_mode(GRID)

    def _pause_out_of_sight(self) -> None:
        if self._view.mode != BLIND and self._blind.page == ASKING:
            self._seen = None
            self._blind.pause()

    # -- the result --------------------------------------------------------------------------
    def known(self) -> Known:
        """What is known now of the images, to read a session's result with."""
        labels, shown = self._labels, self._scores.shown
        return Known(
            labels.given,
            labels.labels,
            labels.status,
            labels.classes,
            shown.predicted if shown else None,
            shown.held_out if shown else None,
        )

    def show_images(self, sample_ids: SampleIds) -> None:
        """Select images and show nothing else."""
        if len(sample_ids):
            self._selection.select(sample_ids)
            self._selection.set_current(int(sample_ids[0]))
            self._order.show_tab("selected")
            self._view.set_mode(GRID)

    def export(self) -> None:
        """Offer the result in sight as JSON, and its answers as a table."""
        session, known = self._blind.sessions[self._blind.shown], self.known()
        names = self._labels.class_names
        result = result_of(session, known)
        self.export_wanted.emit(
            as_message(session, result, names), answer_lines(session, known, names)
        )
