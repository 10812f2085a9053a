"""Compares runs before and after the corrections on a thread: when a run ended, and as long as
somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.data.runs import (
    ENDED,
    STOPPED,
    labels_learnt,
    load_scores,
    number_in,
    run_details,
    run_folder,
    run_numbers,
)
from models.errors import ProjectError
from models.review.worth import Reviewed, Run, Worth, chosen, worth_of
from models.types import Event, Events, LabelVector
from qtapp.jobs.while_seen import WhileSeen
from qtapp.jobs.worker import StartEvents
from qtapp.state.audit import AuditState
from qtapp.state.blind import BlindState
from qtapp.state.labels import LabelState
from qtapp.state.review_session import ReviewSessionState
from qtapp.state.session import SessionState
from qtapp.state.worth import WorthState

_WEIGH_AFTER_MS = 500  # decisions come in bursts
_NOT_MET = (0, 1, 2)  # in roles.npy: unreadable, only scored, held out


@dataclass(frozen=True)
class Weighed(Event):
    """What the corrections are worth now."""

    worth: Worth


class Weigher(QObject):
    """The session page asks while it is in sight; the end of a run asks once."""

    failed = Signal(object)  # a run cannot be read

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        audit: AuditState,
        blind: BlindState,
        page: ReviewSessionState,
        state: WorthState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels = session, labels
        self._audit, self._blind = audit, blind
        self._page, self._state = page, state
        self._is_due = False
        self._work = WhileSeen("worth", self._prepared, self._is_wanted, _WEIGH_AFTER_MS, self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)
        page.watched.connect(self._work.go_on)
        labels.saved_changed.connect(self._work.again_soon)
        blind.changed.connect(self._work.again_soon)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and nothing is waiting to."""
        return self._work.is_idle

    def weigh(self, _runs: object = None) -> None:
        """The runs are others: weigh once, whether somebody looks or not."""
        self._is_due = True
        self._work.again()

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self._work.stop()
        self._is_due = False
        self._state.reset()

    def _is_wanted(self) -> bool:
        return self._session.is_open and (self._page.in_sight or self._is_due)

    def _prepared(self) -> StartEvents | None:
        info = self._session.info
        assert info is not None
        self._is_due = False
        labels = self._labels
        reviewed = Reviewed(
            labels.given,
            labels.labels.copy(),
            labels.status.copy(),
            labels.classes,
            labels.wholesale,
            self._audit.sample_ids,
            [replace(session, answers=list(session.answers)) for session in self._blind.sessions],
            info.not_of_dataset,
        )
        runs_dir = Path(self._session.project_path) / "runs"
        return lambda: _weighing(runs_dir, reviewed)

    def _take(self, event: Event) -> None:
        if isinstance(event, Weighed):
            self._state.accept(event.worth)


def _weighing(runs_dir: Path, reviewed: Reviewed) -> Events:
    before, after = chosen(_learnt(runs_dir), reviewed.given)
    yield Weighed(worth_of(reviewed, _read(runs_dir, before), _read(runs_dir, after)))


def _learnt(runs_dir: Path) -> Iterator[tuple[int, LabelVector]]:
    """What each run with scores learned from, the newest first."""
    for run in reversed(run_numbers(runs_dir)):
        labels = labels_learnt(runs_dir, run) if _read(runs_dir, run) else None
        if labels is not None:
            yield run, labels


def _read(runs_dir: Path, run: int) -> Run | None:
    """A run that is over, by its files; one that is damaged or deleted is as if not there."""
    if not run:
        return None
    try:
        details = run_details(runs_dir, run)
        roles = np.load(run_folder(runs_dir, run) / "roles.npy")
        scores = load_scores(runs_dir, run) if details["state"] in (ENDED, STOPPED) else None
    except (ProjectError, OSError, ValueError, KeyError):
        return None
    if scores is None or len(roles) != len(scores.labels):
        return None
    weights_from = details.get("weights_from")
    began_with = number_in(runs_dir, Path(weights_from)) if weights_from else 0
    return Run(run, ~np.isin(roles, _NOT_MET), scores.probabilities, began_with)
