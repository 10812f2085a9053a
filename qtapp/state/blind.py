"""The blind sessions of the open project, and which of their pages is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.blind import BlindSession
from models.types import SampleIds
from qtapp.state.labels import LabelState

OFFER, ASKING, RESULT = "offer", "asking", "result"


class BlindState(QObject):
    """An answer here is no decision: it changes no label. Each is kept as soon as it is given.

    At most one session goes on, and that is the newest.
    """

    changed = Signal()  # another page, another image
    kept = Signal()  # another answer or session, which must not be forgotten

    def __init__(self, labels: LabelState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        labels.loaded.connect(self._forget)
        self._forget()

    def load(self, sessions: Sequence[BlindSession]) -> None:
        """Go on with the sessions that the journal remembers; they are ours from here on."""
        self.sessions = list(sessions)
        self.page, self.shown = OFFER, -1
        self.clock_hidden = False
        self.changed.emit()

    @property
    def current(self) -> BlindSession | None:
        """The session that goes on, or is paused."""
        newest = self.sessions[-1] if self.sessions else None
        return newest if newest is not None and not newest.ended else None

    @property
    def sample_id(self) -> int:
        """The image that is asked about, -1 for none."""
        asked = self.current if self.page == ASKING else None
        return asked.shown[asked.place] if asked is not None else -1

    @property
    def sample_ids(self) -> SampleIds:
        """Every image that was judged blind; none of them is ever trained on."""
        each = [session.trusted() for session in self.sessions]
        return np.unique(np.concatenate([np.empty(0, np.int64), *each]))

    def begin(self, session: BlindSession) -> None:
        assert self.current is None
        self.sessions.append(session)
        self.kept.emit()
        self._turn_to(ASKING)

    def resume(self) -> None:
        if self.current is not None:
            self._turn_to(ASKING)

    def answer(self, code: int, seconds: float, added_class: str = "") -> None:
        """Take the answer on the image that is asked about; the last one shows the result."""
        session = self.current
        if session is None or self.page != ASKING:
            return
        session.answer(code, seconds, added_class)
        self.kept.emit()
        if session.ended:
            self.show_result(len(self.sessions) - 1)
        else:
            self.changed.emit()

    def back(self) -> None:
        """To the image before, whose answer is taken back."""
        session = self.current
        if session is not None and self.page == ASKING and session.place:
            session.back()
            self.kept.emit()
            self.changed.emit()

    def pause(self) -> None:
        self._turn_to(OFFER)

    def end(self) -> None:
        """Leave it at the answers there are; a session without any is forgotten."""
        session = self.current
        if session is None:
            return
        if session.place:
            session.ended = True
        else:
            self.sessions.pop()
        self.kept.emit()
        if session.ended:
            self.show_result(len(self.sessions) - 1)
        else:
            self.changed.emit()

    def show_result(self, shown: int) -> None:
        """The result of one of the sessions."""
        self.page, self.shown = RESULT, shown
        self.changed.emit()

    def hide_clock(self, hidden: bool) -> None:
        if hidden != self.clock_hidden:
            self.clock_hidden = hidden
            self.changed.emit()

    def to_message(self) -> list[dict[str, Any]]:
        """The sessions as the journal keeps them."""
        return [session.to_message() for session in self.sessions]

    def _turn_to(self, page: str) -> None:
        if page != self.page:
            self.page = page
            self.changed.emit()

    def _forget(self) -> None:
        """Another dataset: the sessions before were about images of another."""
        self.load(())
