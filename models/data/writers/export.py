"""Writes a cleaned dataset to a new place: the steps that are the same for every format."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from models.data.placing import check_new, publish, temporary_for
from models.data.project import Project
from models.data.writers.csv_export import write_csv
from models.data.writers.given import check_unchanged
from models.data.writers.hashing import keep_hashes
from models.data.writers.hdf5_export import write_hdf5
from models.data.writers.manifest import Manifest, manifest_path
from models.data.writers.snapshot import Snapshot, stored_hashes, take_snapshot
from models.errors import ProjectError
from models.processes.reading import ReaderClient
from models.review.decisions import Status
from models.types import DatasetInfo, DatasetOpened, Event, Events, Finished

# Writes a snapshot to a new path and reads it back. Returns what part of it was written, and
# for each sample that could not be, the reason in words.
Write = Callable[
    [Path, Snapshot, DatasetInfo, ReaderClient],
    Generator[Event, None, tuple[Snapshot, dict[int, str]]],
]
_T = TypeVar("_T")
_FORMATS: dict[str, Write] = {"h5": write_hdf5, "csv": write_csv}
_STATES = {state.name.lower(): state for state in Status}
_DEFAULT_STATES = [name for name in _STATES if name != "excluded"]


def export(
    project: Project, out: Path, as_format: str, only: Sequence[str], reader: ReaderClient
) -> Events:
    """Write the samples in the states `only` (none named: all but excluded) to a new place."""
    write = _chosen(_FORMATS, as_format, "format")
    states = [_chosen(_STATES, name, "review state") for name in only or _DEFAULT_STATES]
    for path in (out, manifest_path(out)):
        check_new(path)
    if not out.parent.is_dir():
        raise ProjectError("there is no such folder", str(out.parent), "Make it first.")
    opened = yield from _open_source(project, reader)
    info = DatasetInfo.from_message(opened.info)
    whole = take_snapshot(project, opened.given)
    with temporary_for(out) as temporary:
        wanted = whole.take(np.isin(whole.status, states))
        written, unreadable = yield from write(temporary, wanted, info, reader)
        check_unchanged(project)  # nor may it have changed while it was read
        with temporary_for(manifest_path(out)) as page:
            Manifest(out, as_format, whole, written, unreadable).write(page, temporary)
            publish(temporary, out)
            publish(page, manifest_path(out))
    _keep_hashes(project, written)
    yield Finished(
        {
            "path": str(out),
            "as": as_format,
            "n": len(written),
            "left_out": len(whole) - len(written),
            "unreadable": len(unreadable),
            "bytes": os.path.getsize(out),
            "manifest": str(manifest_path(out)),
        }
    )


def _chosen(known: dict[str, _T], name: str, what: str) -> _T:
    if name not in known:
        raise ProjectError(
            f"there is no {what} called {name!r}", remedy=f"Use one of {', '.join(known)}."
        )
    return known[name]


def _open_source(project: Project, reader: ReaderClient) -> Generator[Event, None, DatasetOpened]:
    for event in reader.opening(check_unchanged(project)):
        if isinstance(event, DatasetOpened):
            return event
        yield event
    raise AssertionError("opening ends with DatasetOpened or an error")


def _keep_hashes(project: Project, written: Snapshot) -> None:
    """Remember in the project what this export learnt about its images."""
    before = stored_hashes(project, project.meta("n"))
    known, learnt = before.copy(), written.content_hash.any(axis=1)
    known[written.sample_ids[learnt]] = written.content_hash[learnt]
    if not np.array_equal(known, before):
        with suppress(OSError):  # the export is done, whether or not the project may be written
            keep_hashes(project, known)
