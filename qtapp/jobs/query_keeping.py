"""Writes saved queries into the project when they are saved, on a thread: the disk may be slow."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.data.project import Project
from models.types import Events, Heartbeat
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.state.queries import QueryState
from qtapp.state.session import SessionState


class QueryKeeper(QObject):
    """A query that is saved while another is being written is written after it."""

    failed = Signal(object)  # the settings of the project could not be written

    def __init__(
        self, session: SessionState, queries: QueryState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._queries = session, queries
        self._work = OneAtATime("queries", self)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._go_on)
        self._is_wanted = False
        queries.changed.connect(self._keep)

    @property
    def is_idle(self) -> bool:
        """All that was saved is written."""
        return not (self._work.is_busy or self._is_wanted)

    def stop(self) -> None:
        """The dataset is being closed, which writes them too."""
        self._is_wanted = False
        self._work.stop()

    def _keep(self) -> None:
        self._is_wanted = self._session.is_open
        self._go_on()

    def _go_on(self) -> None:
        if self._is_wanted and not self._work.is_busy:
            self._is_wanted = False
            project, saved = Path(self._session.project_path), self._queries.saved
            self._work.begin(lambda: _writing(project, saved))


def _writing(path: Path, saved: tuple[str, ...]) -> Events:
    project = Project(path, read_only=True)
    kept = project.settings()
    if kept.get("queries", []) != list(saved):  # what was just read from there is there already
        project.save_settings({**kept, "queries": saved})
    yield Heartbeat()
