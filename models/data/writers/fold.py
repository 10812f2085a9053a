"""Publishes the journal as the project's corrected.h5."""

from __future__ import annotations

import numpy as np

from models.data.placing import check_space, republish, temporary_for
from models.data.project import Project, splits_in, undone_in
from models.data.writers.given import check_unchanged, given_labels
from models.data.writers.hashing import hash_decided
from models.data.writers.hdf5 import Hdf5Writer, Stand, is_current, is_ours, labels_bytes, verify
from models.data.writers.snapshot import take_snapshot
from models.errors import ProjectError
from models.processes.reading import ReaderClient
from models.review.decisions import Status
from models.types import Events, Finished, Progress

_STEPS = 3


def fold(project: Project, reader: ReaderClient) -> Events:
    """Write corrected.h5 beside the old one, read it back, and put it in its place."""
    path = project.corrected_path
    if path.exists() and not is_ours(path):
        raise ProjectError(
            "is not a file that Winnow wrote, so it is left alone",
            str(path),
            "Move it away; every decision is kept.",
        )
    yield Progress(0, _STEPS, "reading decisions")
    request = check_unchanged(project)
    now = _stand(project)
    if path.exists() and is_current(path, now):
        yield Finished({"path": str(path), "last_seq": now.last_seq})
        return
    given, paths = given_labels(project, request, reader)
    decided = np.flatnonzero(take_snapshot(project, given).status != Status.PENDING)
    yield from hash_decided(project, decided, request, reader)
    snapshot = take_snapshot(project, given)
    check_space(path.parent, labels_bytes(snapshot) + 2 * sum(map(len, paths)))
    with temporary_for(path) as temporary:
        yield Progress(1, _STEPS, "writing corrected.h5")
        writer = Hdf5Writer(temporary)
        writer.add_references(paths or np.arange(len(given), dtype=np.int64), now.undone)
        writer.finish(snapshot)
        yield Progress(2, _STEPS, "checking corrected.h5")
        verify(temporary, snapshot)
        republish(temporary, path)
    yield Finished({"path": str(path), "last_seq": snapshot.last_seq})


def _stand(project: Project) -> Stand:
    with project.journal(read_only=True) as journal:
        known = journal.last_seq(), journal.meta("fingerprint"), *splits_in(journal)
        return Stand(*known, undone_in(journal))
