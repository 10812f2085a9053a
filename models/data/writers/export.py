"""Writes a cleaned dataset to a new place: the steps that are the same for every format."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import numpy as np

from models.data.fingerprint import same
from models.data.placing import check_apart, check_new, publish, temporary_for
from models.data.project import Project
from models.data.rematch import stored_hashes
from models.data.writers.given import check_unchanged
from models.data.writers.hashing import keep_hashes
from models.data.writers.manifest import Manifest, manifest_path
from models.data.writers.material import Material, Write
from models.data.writers.snapshot import Snapshot, take_snapshot
from models.errors import ProjectError, SourceChanged
from models.processes.reading import ReaderClient
from models.review.decisions import Status
from models.types import (
    EXPORT_FORMATS,
    DatasetInfo,
    DatasetOpened,
    Event,
    Events,
    ExportOptions,
    Finished,
)

_STATES = {state.name.lower(): state for state in Status}
_NOT_EXCLUDED = [name for name in _STATES if name != "excluded"]
_UNDECIDED = ["pending", "second_look"]


def export(
    project: Project, out: Path, as_format: str, options: ExportOptions, reader: ReaderClient
) -> Events:
    """Write samples to a new place: those in the states `options.only`, else all but excluded.

    A work list is about what is left to do: without `only` it holds what is not decided.
    """
    write = _writer(as_format)
    states = _states(options.only, _UNDECIDED if as_format == "worklist" else _NOT_EXCLUDED)
    for path in (out, manifest_path(out)):
        check_new(path)
    if not out.parent.is_dir():
        raise ProjectError("there is no such folder", str(out.parent), "Make it first.")
    opened = yield from _open_source(project, out, reader)
    info = DatasetInfo.from_message(opened.info)
    whole = take_snapshot(project, opened.given)
    with temporary_for(out) as temporary:
        asked = whole.take(np.isin(whole.status, states))
        material = Material(project, whole, asked, info, reader, options)
        written = yield from write(temporary, material)
        check_unchanged(project)  # nor may it have changed while it was read
        with temporary_for(manifest_path(out)) as page:
            manifest = Manifest(out, as_format, whole, written)
            manifest.write(page, temporary)
            publish(temporary, out)
            publish(page, manifest_path(out))
    _keep_hashes(project, written.snapshot)
    yield Finished(
        {
            "path": str(out),
            "as": as_format,
            "n": len(written.snapshot),
            "left_out": len(whole) - len(written.snapshot),
            "unreadable": len(written.unreadable),
            "bytes": manifest.n_bytes,
            "manifest": str(manifest_path(out)),
            **written.details,
        }
    )


def _writer(as_format: str) -> Write:
    """`write` of the module of a format, imported only now: some need large libraries."""
    if as_format not in EXPORT_FORMATS:
        raise ProjectError(
            f"there is no format called {as_format!r}",
            remedy=f"Use one of {', '.join(EXPORT_FORMATS)}.",
        )
    write: Write = import_module(f"{__package__}.{as_format}_export").write
    return write


def _states(names: Sequence[str], default: Sequence[str]) -> list[Status]:
    for name in names:
        if name not in _STATES:
            raise ProjectError(
                f"there is no review state called {name!r}",
                remedy=f"Use one of {', '.join(_STATES)}.",
            )
    return [_STATES[name] for name in names or default]


def _open_source(
    project: Project, out: Path, reader: ReaderClient
) -> Generator[Event, None, DatasetOpened]:
    request = check_unchanged(project)
    check_apart(out, request.paths)
    opened = yield from reader.opened(request)
    # This one also knows of images that lie beside a json.
    if not same(project.meta("fingerprint"), opened.info["fingerprint"]):
        raise SourceChanged(str(project.path), request)
    return opened


def _keep_hashes(project: Project, written: Snapshot) -> None:
    """Remember in the project what this export learnt about its images."""
    before = stored_hashes(project, project.meta("n"))
    known, learnt = before.copy(), written.content_hash.any(axis=1)
    known[written.sample_ids[learnt]] = written.content_hash[learnt]
    if not np.array_equal(known, before):
        with suppress(OSError):  # the export is done, whether or not the project may be written
            keep_hashes(project, known)
