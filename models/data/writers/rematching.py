"""Reads a changed source once and carries the decisions of a project over to it."""

from __future__ import annotations

import numpy as np

from models.data.dataset import DatasetInfo, OpenRequest
from models.data.fingerprint import content_hash
from models.data.project import Project
from models.data.rematch import rematch
from models.data.writers.snapshot import stored_hashes
from models.errors import ProjectError
from models.processes.reading import ReaderClient, Unreadable
from models.types import DatasetOpened, Events, Finished, Progress

_BATCH = 64


def rematching(project: Project, request: OpenRequest, reader: ReaderClient) -> Events:
    """Hash every image of a source, then match; Finished with {"carried", "lost"}."""
    old = stored_hashes(project, project.meta("n"))
    if not old.any():
        raise ProjectError(
            "cannot be matched: what its images looked like was never recorded (training and "
            "exporting record it)",
            str(project.path),
            "Put the original dataset back.",
        )
    for event in reader.opening(request):
        if isinstance(event, DatasetOpened):
            info = DatasetInfo.from_message(event.info)
        else:
            yield event
    new = np.zeros((info.n, 16), np.uint8)
    for start in range(0, info.n, _BATCH):
        yield Progress(start, info.n, "reading images")
        ids = np.arange(start, min(start + _BATCH, info.n))
        for sample_id, image in zip(ids.tolist(), reader.read(ids), strict=True):
            if not isinstance(image, Unreadable):
                new[sample_id] = np.frombuffer(content_hash(image), np.uint8)
    carried, lost = rematch(project, info, old, new)
    yield Finished({"carried": carried, "lost": lost.tolist()})
