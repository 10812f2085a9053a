"""An audit from the first pixel to the last finding, as a stream of events."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from models.audit.causes import explained
from models.audit.checks import CHECKS
from models.audit.finding import Finding, in_order
from models.audit.learnt import probabilities_now, why_unasked
from models.audit.material import AuditMaterial, Predictions
from models.audit.pace import OUT_OF_TIME, READING, STOPPED, Pace
from models.data.facts import Facts, joined
from models.data.project import check_unchanged
from models.data.runs import learnt_from, load_scores, run_details, run_folder
from models.processes.auditing import AuditRequest
from models.processes.child import Controls
from models.processes.reading import ReaderClient
from models.review.splits import in_order_of_use
from models.training.images import read_images
from models.types import (
    DatasetInfo,
    Event,
    Events,
    Finished,
    Found,
    Mask,
    OpenRequest,
    Progress,
    SplitAssignment,
    Unable,
)

_AT_A_TIME = 4_096
_NOT_BEGUN = {
    OUT_OF_TIME: "The time ran out before this was looked at: give it more (--minutes).",
    STOPPED: "The audit was stopped before this was looked at.",
}
_NOT_FINISHED = {
    OUT_OF_TIME: "The time ran out while this was looked at, so that more may be there: give it "
    "more (--minutes).",
    STOPPED: "The audit was stopped while this was looked at, so that more may be there.",
}
_FEWEST_CLASSES = 2  # a run that met fewer has no probabilities: it ordered by strangeness alone
_ROSE = 0.002  # of accuracy over the last epoch: a run that still learns


def auditing_session(request: AuditRequest, controls: Controls | None = None) -> Events:
    """Do what an AuditRequest asks, in this process; the auditor child serves these events."""
    pace = Pace(_wanted(request.checks), request.seconds, controls)
    with closing(ReaderClient()) as reader:
        yield pace.begin(READING, "opening the images")
        material = yield from pace.through(_material(request, reader))
    yield from checked(material, request.checks, pace)


def checked(
    material: AuditMaterial, checks: Sequence[str] = (), pace: Pace | None = None
) -> Events:
    """Run checks, all or those named: Progress, Found and Unable as they come, at last Finished
    with the `audit` contract of the command line. Where the pace says that it has to end, that is
    what was found so far, and an Unable for each check that was not done."""
    findings: list[Finding] = []
    unable: list[Unable] = []
    wanted = _wanted(checks)
    pace = pace or Pace(wanted)
    unfinished: list[str] = []
    for name in wanted:
        begun = pace.begin(name, f"checking {name}")
        why = pace.why_end()
        if why:
            unfinished.append(name)
            unable.append(Unable(name, _NOT_BEGUN[why]))
            yield unable[-1]
            continue
        yield begun
        for event in CHECKS[name](material, tuple(findings)):
            if isinstance(event, Finding):
                findings.append(event)
                yield Found(event.to_message())
            else:
                if isinstance(event, Unable):
                    unable.append(event)
                yield pace.of(event)
            why = pace.why_end()
            if why:
                unfinished.append(name)
                unable.append(Unable(name, _NOT_FINISHED[why]))
                yield unable[-1]
                break
    yield Finished(result_of(material, findings, unable, wanted, unfinished))


def _wanted(checks: Sequence[str]) -> list[str]:
    return [name for name in CHECKS if not checks or name in checks]


def result_of(
    material: AuditMaterial,
    findings: Sequence[Finding],
    unable: Sequence[Unable],
    checks: Sequence[str],
    unfinished: Sequence[str] = (),
) -> dict[str, Any]:
    """The JSON of `winnow audit`. It is partial if checks are `unfinished`; the worst is that of
    causes, for symptoms are gone with them."""
    ordered = in_order(explained(findings))
    worst = max((one.severity for one in ordered if not one.explained_by), default=None)
    return {
        "schema": 1,
        "name": material.info.name,
        "splits": {
            name: int(material.usable[material.split_codes == code].sum())
            for code, name in enumerate(material.splits)
        },
        "checks": list(checks),
        "run": material.predictions.run if material.predictions else None,
        "quick": material.quick,
        "worst": None if worst is None else worst.word,
        "findings": [one.to_message() for one in ordered],
        "partial": bool(unfinished),
        "unfinished": list(unfinished),
        "not_checked": [{"check": one.check, "why": one.sentence} for one in unable],
    }


def _material(request: AuditRequest, reader: ReaderClient) -> Generator[Event, None, AuditMaterial]:
    opened = yield from reader.opened(OpenRequest.from_message(request.source))
    info = DatasetInfo.from_message(opened.info)
    check_unchanged(request.project, info)
    facts = yield from _facts(reader, info.n)
    images = yield from read_images(reader, info, request.project)
    paths = [
        path
        for start in range(0, info.n, _AT_A_TIME)
        for path in reader.paths(np.arange(start, min(start + _AT_A_TIME, info.n)))
    ]
    unasked = why_unasked(request)
    info = _in_order_of_use(info)
    return AuditMaterial(
        info,
        images,
        facts,
        tuple(paths),
        request.labels,
        request.included,
        request.class_names,
        None if unasked else _predictions(request),
        request.quick,
        unasked=unasked,
        split_codes=info.split_codes(),
    )


def _in_order_of_use(info: DatasetInfo) -> DatasetInfo:
    """What is found of two splits is told of the later one: what leaked into it, how much worse it
    is, what was done to it. That is the one that checks a model, not the one it learns from."""
    before, names = list(info.splits), in_order_of_use(list(info.splits))
    if names == before:
        return info
    places = np.array([names.index(name) for name in before], np.uint8)
    return info.assigned(SplitAssignment.of(names, places[info.split_codes()]))


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
    if scores is None or scores.probabilities.shape[1] < _FEWEST_CLASSES:
        return None
    if np.isnan(scores.probabilities[:, 0]).all():  # there are classes, but it learnt from one
        return None
    learnt = learnt_from(runs_dir, request.run)
    if learnt is None:  # deleted meanwhile
        return None
    curves = run_details(runs_dir, request.run).get("curves", [])
    accuracies = [point["held_out_accuracy"] for point in curves][-2:]
    is_told = len(accuracies) == 2 and None not in accuracies  # null: nothing was held out
    rose = is_told and accuracies[1] - accuracies[0] > _ROSE
    return Predictions(
        request.run,
        probabilities_now(request, scores.probabilities),
        learnt,
        _averaged(runs_dir, request.run, len(learnt)),
        rose,
    )


def _averaged(runs_dir: Path, run: int, n: int) -> Mask:
    """Which images were looked at after every epoch, so that their epochs could be averaged."""
    averaged: Mask = np.zeros(n, bool)
    traces = sorted((run_folder(runs_dir, run) / "epochs").glob("[0-9]*.npy"))
    if traces:
        averaged = np.load(traces[-1])["prediction"] >= 0
    return averaged
