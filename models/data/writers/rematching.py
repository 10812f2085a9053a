"""Reads a changed source once and carries the decisions of a project over to it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np

from models.data.project import Project, check_classes, undone_in
from models.data.rematch import ContentHashes, match, rematch, stored_hashes
from models.data.writers.hashing import hashing
from models.errors import ProjectError
from models.processes.reading import ReaderClient
from models.review.decisions import NO_SAMPLE
from models.types import DatasetInfo, Event, Events, Finished, OpenRequest


def rematching(project: Project, request: OpenRequest, reader: ReaderClient) -> Events:
    """Hash every image of a source, then match; Finished with {"carried", "lost"}."""
    old = stored_hashes(project, project.meta("n"))
    if not old.any():
        raise ProjectError(
            "cannot be matched: what its images looked like was never recorded",
            str(project.path),
            "Put the original dataset back.",
        )
    source = replace(request, assignment=None, undone={})
    opened = yield from reader.opened(source)
    info = DatasetInfo.from_message(opened.info)
    with project.journal(read_only=True) as journal:
        check_classes(journal, info)
        undone = undone_in(journal)
    new = yield from hashing(reader, np.arange(info.n))
    still = yield from _still_undone(replace(source, undone=undone), info, old, new, reader)
    (project.path / "map.json").unlink(missing_ok=True)  # it is about other sample ids
    carried, lost = rematch(project, info, old, new, still)
    yield Finished({"carried": carried, "lost": lost.tolist()})


def _still_undone(
    source: OpenRequest,
    info: DatasetInfo,
    old: ContentHashes,
    new: ContentHashes,
    reader: ReaderClient,
) -> Generator[Event, None, dict[str, Any]]:
    """What is to be undone in the changed source as well; there `new` is of the undone images.

    Hashes are of images as the project sees them. Where more images of a split are known as they
    are stored now, somebody has put the source right, and undoing it again would spoil them.
    """
    still: dict[str, Any] = {}
    here = [name for name in info.splits if name in source.undone]
    if here:
        yield from reader.opened(source)
    for name in here:
        ids = np.flatnonzero(info.split_codes() == list(info.splits).index(name))
        undone = yield from hashing(reader, ids)
        if _n_known(undone, old) >= _n_known(new[ids], old):
            new[ids], still[name] = undone, source.undone[name]
    return still


def _n_known(hashes: ContentHashes, known: ContentHashes) -> int:
    return int((match(hashes, known) != NO_SAMPLE).sum())
