"""The journal: every decision, append-only, on disk before anyone is told it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.review.decisions import Edit
from models.types import LogRows


class Journal:
    """SQLite in WAL mode with synchronous=FULL (fullfsync on macOS); one writer.

    Must be used from the thread that made it. Tables: `log` (columns of LOG_DTYPE, seq is
    the primary key), `notes` (seq, text), `reviewers` (id, name), `meta` (key, JSON value).
    Nothing here updates or deletes a row of `log`. application_id and user_version are set
    and checked; a newer version is refused.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        raise NotImplementedError

    def append(self, edit: Edit) -> int:
        """Commit one edit as one transaction; the seq of its last row.

        Raises ProjectError if it could not be made durable; nothing of it is then kept.
        """
        raise NotImplementedError

    def rows(self, after_seq: int = 0) -> LogRows:
        raise NotImplementedError

    def notes(self) -> dict[int, str]:
        raise NotImplementedError

    def next_step(self) -> int:
        raise NotImplementedError

    def reviewer_id(self, name: str) -> int:
        """The number of a reviewer, adding the name if it is new."""
        raise NotImplementedError

    def reviewers(self) -> list[str]:
        """Names, position = id."""
        raise NotImplementedError

    def meta(self, key: str) -> Any:
        """A value of the meta table, None if it is not there."""
        raise NotImplementedError

    def set_meta(self, key: str, value: Any) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
