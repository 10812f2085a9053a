"""An audit from the first pixel to the last finding, as a stream of events."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from models.audit.causes import explained
from models.audit.checks import CHECKS
from models.audit.finding import Finding, Severity, in_order
from models.audit.material import AuditMaterial, Predictions
from models.data.facts import Facts, joined
from models.data.runs import load_scores, run_details, run_folder
from models.processes.auditing import AuditRequest
from models.processes.reading import ReaderClient
from models.training.images import read_images
from models.training.roles import Role
from models.types import (
    DatasetInfo,
    Event,
    Events,
    Finished,
    Found,
    Mask,
    OpenRequest,
    Progress,
    Unable,
)

_AT_A_TIME = 4_096
_ROSE = 0.002  # of accuracy over the last epoch: a run that still learns


def auditing_session(request: AuditRequest) -> Events:
    """Do what an AuditRequest asks, in this process; the auditor child serves these events."""
    with closing(ReaderClient()) as reader:
        material = yield from _material(request, reader)
    yield from checked(material, request.checks)


def checked(material: AuditMaterial, checks: Sequence[str] = ()) -> Events:
    """Run checks, all or those named: Progress, Found and Unable as they come, at last Finished
    with the `audit` contract of the command line."""
    findings: list[Finding] = []
    unable: list[Unable] = []
    wanted = [name for name in CHECKS if not checks or name in checks]
    for place, name in enumerate(wanted):
        yield Progress(place, len(wanted), f"checking {name}")
        for event in CHECKS[name](material, tuple(findings)):
            if isinstance(event, Finding):
                findings.append(event)
                yield Found(event.to_message())
                continue
            if isinstance(event, Unable):
                unable.append(event)
            yield event
    yield Finished(result_of(material, findings, unable, wanted))


def result_of(
    material: AuditMaterial,
    findings: Sequence[Finding],
    unable: Sequence[Unable],
    checks: Sequence[str],
) -> dict[str, Any]:
    """The JSON of `winnow audit`."""
    ordered = in_order(explained(findings))
    worst = max((one.severity for one in ordered), default=Severity.NOTE)
    return {
        "schema": 1,
        "name": material.info.name,
        "splits": {
            name: int(material.usable[material.split_codes == code].sum())
            for code, name in enumerate(material.splits)
        },
        "checks": list(checks),
        "run": material.predictions.run if material.predictions else None,
        "worst": worst.word if ordered else None,
        "findings": [one.to_message() for one in ordered],
        "not_checked": [{"check": one.check, "why": one.sentence} for one in unable],
    }


def _material(request: AuditRequest, reader: ReaderClient) -> Generator[Event, None, AuditMaterial]:
    opened = yield from reader.opened(OpenRequest.from_message(request.source))
    info = DatasetInfo.from_message(opened.info)
    facts = yield from _facts(reader, info.n)
    images = yield from read_images(reader, info, request.project)
    paths = [
        path
        for start in range(0, info.n, _AT_A_TIME)
        for path in reader.paths(np.arange(start, min(start + _AT_A_TIME, info.n)))
    ]
    return AuditMaterial(
        info,
        images,
        facts,
        tuple(paths),
        request.labels,
        request.included,
        request.class_names,
        _predictions(request),
        request.quick,
        split_codes=info.split_codes(),
    )


def _facts(reader: ReaderClient, n: int) -> Generator[Event, None, Facts]:
    parts: list[Facts] = []
    done = 0
    while done < n:
        parts.append(reader.facts(np.arange(done, min(done + _AT_A_TIME, n))))
        done += len(parts[-1])
        yield Progress(done, n, "measuring")
    return joined(parts)


def _predictions(request: AuditRequest) -> Predictions | None:
    runs_dir = request.project / "runs"
    scores = load_scores(runs_dir, request.run) if request.run else None
    if scores is None:
        return None
    roles = np.load(run_folder(runs_dir, request.run) / "roles.npy")
    curves = run_details(runs_dir, request.run).get("curves", [])
    accuracies = [point["held_out_accuracy"] for point in curves][-2:]
    rose = len(accuracies) == 2 and accuracies[1] - accuracies[0] > _ROSE
    return Predictions(
        request.run,
        np.asarray(scores.probabilities),
        np.asarray(scores.embedding),
        np.isin(roles, (Role.TRAINED, Role.MET)),
        _averaged(runs_dir, request.run, len(roles)),
        rose,
    )


def _averaged(runs_dir: Path, run: int, n: int) -> Mask:
    """Which images were looked at after every epoch, so that their epochs could be averaged."""
    averaged: Mask = np.zeros(n, bool)
    traces = sorted((run_folder(runs_dir, run) / "epochs").glob("[0-9]*.npy"))
    if traces:
        averaged = np.load(traces[-1])["prediction"] >= 0
    return averaged
