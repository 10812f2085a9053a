"""Supervises the fold child, which writes corrected.h5 and every export."""

from __future__ import annotations

import os
from pathlib import Path

from models.data.placing import remove_leftovers
from models.data.project import Project
from models.errors import ChildDied, ProjectError
from models.processes.channel import Message
from models.processes.child import Controls, run_in_child
from models.types import Events, ExportOptions, OpenRequest


def fold(project: Path, controls: Controls | None = None) -> Events:
    """Publish the journal as the project's corrected.h5: Progress, then Finished.

    Refused with ProjectError if the source changed since it was opened; the decisions are
    kept all the same.
    """
    request = {"project": os.path.abspath(project)}
    yield from _supervised(request, project, "corrected.h5", controls)


def export(
    project: Path,
    out: Path,
    as_format: str = "h5",
    only: tuple[str, ...] = (),
    files: str = "copy",
    sample: str = "",
    top: int = 0,
    controls: Controls | None = None,
) -> Events:
    """Write a cleaned dataset to a new place and verify it: Progress, then Finished with
    {"path", "as", "n", "left_out", "unreadable", "bytes", "manifest"}. The options are those of
    ExportOptions. Cancelling leaves nothing behind."""
    place = os.path.abspath(out)
    options = ExportOptions(only, files, os.path.abspath(sample) if sample else "", top)
    request = {
        "project": os.path.abspath(project),
        "out": place,
        "as": as_format,
        "options": options.to_message(),
    }
    yield from _supervised(request, Path(place).parent, place, controls)


def rematch(project: Project, source: OpenRequest) -> Events:
    """Make a project one of a changed source, carrying decisions over by what the pixels are.

    Progress, then Finished with {"carried": samples, "lost": [old sample ids]}. The project
    must be locked by this process, and its journal closed.
    """
    request = {"project": os.path.abspath(project.path), "source": source.to_message()}
    yield from _supervised(request, project.path, str(project.path), None)


def hash_images(project: Project, source: OpenRequest) -> Events:
    """Record what every image of a project looks like: Progress, then Finished with {"n"}, those
    that had to be read. The project must be locked by this process."""
    request = {"project": os.path.abspath(project.path), "hash": source.to_message()}
    yield from _supervised(request, project.path, str(project.path), None)


def _supervised(request: Message, folder: Path, what: str, controls: Controls | None) -> Events:
    try:
        yield from run_in_child("fold", request, controls)
    except ChildDied as died:
        # HDF5 ends its process when a write fails, most often on a full disk.
        raise ProjectError(
            f"could not be written: {died.what}",
            what,
            "Check that the disk has room; every decision is kept.",
            died.details,
        ) from died
    finally:
        remove_leftovers(folder)  # of the child, which is gone by now
