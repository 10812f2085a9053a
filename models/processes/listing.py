"""Supervises the lister child, which finds the datasets in a folder or an archive."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from models.processes.child import run_in_child
from models.types import Event, Finished


def list_datasets(path: Path, place: Path) -> Generator[Event, None, list[Path]]:
    """What may be a dataset of its own in there; an archive is unpacked into `place`. Nothing that
    was made by somebody else is opened in this process."""
    for event in run_in_child("lister", {"path": str(path), "place": str(place)}):
        if isinstance(event, Finished):
            return list(map(Path, event.result["paths"]))
        yield event
    raise AssertionError("listing ends with Finished or an error")
