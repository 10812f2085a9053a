"""The labels as read and the display paths, kept in the project so that a fold opens no source."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from models.data.fingerprint import fingerprint, same
from models.data.placing import replace_file, replace_text
from models.data.project import Project
from models.errors import ProjectError, SourceChanged
from models.processes.reading import ReaderClient
from models.types import LabelVector, OpenRequest

_PATHS_AT_A_TIME = 10_000


def check_unchanged(project: Project) -> OpenRequest:
    """Refuse to publish when the source is not the one that was opened; how to open it."""
    request = project.request()
    if request is None:
        raise ProjectError("has no source yet", str(project.path), "Open a dataset first.")
    if not same(project.meta("fingerprint"), fingerprint(request.paths)):
        raise SourceChanged(str(project.path), request)
    return request


def given_labels(
    project: Project, request: OpenRequest, reader: ReaderClient
) -> tuple[LabelVector, list[str]]:
    """Labels as read, (n,) int32, and for a folder the path of each sample, else nothing."""
    known = _kept(project)
    return known if known else _read_and_keep(project, request, reader)


def _kept(project: Project) -> tuple[LabelVector, list[str]] | None:
    try:
        about = json.loads((project.path / "given.json").read_text(encoding="utf-8"))
        given: LabelVector = np.load(project.path / "given.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    is_current = about.get("of") == _key(project) and given.shape == (project.meta("n"),)
    return (given, about["paths"]) if is_current else None


def _read_and_keep(
    project: Project, request: OpenRequest, reader: ReaderClient
) -> tuple[LabelVector, list[str]]:
    opened = reader.open(request)
    is_folder = opened.info["kind"] == "folder"
    paths = _paths(reader, opened.info["n"]) if is_folder else []
    replace_file(project.path / "given.npy", lambda file: np.save(file, opened.given))
    replace_text(project.path / "given.json", json.dumps({"of": _key(project), "paths": paths}))
    return opened.given, paths


def _paths(reader: ReaderClient, n: int) -> list[str]:
    paths: list[str] = []
    for start in range(0, n, _PATHS_AT_A_TIME):
        paths += reader.paths(np.arange(start, min(start + _PATHS_AT_A_TIME, n)))
    return paths


def _key(project: Project) -> dict[str, Any]:
    return {"request": project.meta("request"), "fingerprint": project.meta("fingerprint")}
