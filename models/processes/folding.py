"""Supervises the fold child, which writes corrected.h5 and every export."""

from __future__ import annotations

from pathlib import Path

from models.processes.child import Controls
from models.types import Events


def fold(project: Path, controls: Controls | None = None) -> Events:
    """Publish the journal as the project's corrected.h5: Progress, then Finished.

    Refused with ProjectError if the source changed since it was opened; the decisions are
    kept all the same.
    """
    raise NotImplementedError


def export(
    project: Path,
    out: Path,
    as_format: str = "h5",
    only: tuple[str, ...] = (),
    controls: Controls | None = None,
) -> Events:
    """Write a cleaned dataset to a new place and verify it: Progress, then Finished with
    {"path", "n", "left_out", "bytes", "as"}. Cancelling leaves nothing behind."""
    raise NotImplementedError
