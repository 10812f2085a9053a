"""A project folder NAME.winnow/: journal, runs, lock, settings, backups, logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from models.data.dataset import DatasetInfo, OpenRequest
from models.data.journal import Journal


def project_path_for(request: OpenRequest) -> Path:
    """Where the project of a source lies: beside it as NAME.winnow, or in the user's data
    directory where that may not be written (or is a network file system)."""
    raise NotImplementedError


def is_project(path: Path) -> bool:
    """Whether a path is a project folder (it holds a journal.db)."""
    raise NotImplementedError


class Project:
    """An open, locked project. Use in a `with` block, or call close().

    Cheap to make: it reads no pixels. A second Project on the same folder raises ProjectError
    naming who holds it (program, pid, host, since when).
    """

    path: Path

    def __init__(self, path: Path, *, create: bool = False) -> None:
        raise NotImplementedError

    # -- the source ---------------------------------------------------------------------
    def request(self) -> OpenRequest | None:
        """How to open the source again; None in a project that was never attached."""
        raise NotImplementedError

    def attach(self, info: DatasetInfo) -> None:
        """Remember the source: request, fingerprint, class names, n. The first call writes
        them; a later one checks that it is the same dataset (fingerprint) and raises
        ProjectError if it is not, unless only its place changed (moved: remembers it)."""
        raise NotImplementedError

    # -- what lies in it ----------------------------------------------------------------
    def journal(self, *, read_only: bool = False) -> Journal:
        """A new connection; the caller closes it, on the thread that asked."""
        raise NotImplementedError

    @property
    def runs_dir(self) -> Path:
        raise NotImplementedError

    @property
    def corrected_path(self) -> Path:
        raise NotImplementedError

    @property
    def logs_dir(self) -> Path:
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        raise NotImplementedError

    def save_settings(self, settings: dict[str, Any]) -> None:
        raise NotImplementedError

    def back_up(self, reason: str) -> Path | None:
        """Copy the journal into backups/ if it changed since the newest one; keep 10."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(self, *exception: object) -> None:
        raise NotImplementedError
