"""Reads a changed source once and carries the decisions of a project over to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.data.project import Project
from models.data.rematch import rematch, stored_hashes
from models.data.writers.hashing import hashing
from models.errors import ProjectError
from models.processes.reading import ReaderClient
from models.types import DatasetInfo, Events, Finished, OpenRequest


def rematching(project: Project, request: OpenRequest, reader: ReaderClient) -> Events:
    """Hash every image of a source, then match; Finished with {"carried", "lost"}."""
    old = stored_hashes(project, project.meta("n"))
    if not old.any():
        raise ProjectError(
            "cannot be matched: what its images looked like was never recorded",
            str(project.path),
            "Put the original dataset back.",
        )
    opened = yield from reader.opened(replace(request, assignment=None))
    info = DatasetInfo.from_message(opened.info)
    new = yield from hashing(reader, np.arange(info.n))
    carried, lost = rematch(project, info, old, new)
    yield Finished({"carried": carried, "lost": lost.tolist()})
