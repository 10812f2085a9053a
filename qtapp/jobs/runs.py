"""Work on the runs of a project that touches the disk: listing, loading, deleting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from models.data.runs import (
    delete_run,
    labels_learnt,
    list_runs,
    newest_run,
    run_details,
    run_with_weights,
)
from models.types import EpochEnded, Event, Events, LabelVector, RunSummary, TrainingStarted
from qtapp.jobs.trainer import ScoresLoaded, load_score_set


@dataclass(frozen=True)
class RunsListed(Event):
    """Every run of the project, newest first."""

    runs: tuple[RunSummary, ...]
    weights_run: int  # another one can begin with its weights; 0: none
    learnt: LabelVector | None  # what it learned from, UNLABELLED where excluded


@dataclass(frozen=True)
class KnownRun:
    """What the training panel shows of a run that is over."""

    started: TrainingStarted | None = None
    curves: tuple[EpochEnded, ...] = ()
    result: dict[str, Any] = field(default_factory=dict)


def known_run(runs_dir: Path, run: int | None) -> KnownRun:
    """A run as its run.json tells it; nothing where there is no run."""
    if not run:
        return KnownRun()
    kept = run_details(runs_dir, run)
    environment = kept.get("environment", {})
    started = TrainingStarted(
        run=run,
        device=environment.get("device", ""),
        device_note=environment.get("device_note", ""),
        n_train=kept.get("n_train", 0),
        n_held_out=kept.get("n_held_out", 0),
        epochs=sum(kept.get("config", {}).get("schedule") or ()),
    )
    return KnownRun(started, tuple(map(_point, kept.get("curves", []))), kept.get("result") or {})


def _point(kept: Mapping[str, Any]) -> EpochEnded:
    """One epoch; JSON knows no NaN, so what was not measured is null."""
    values: dict[str, Any] = {
        known.name: math.nan if kept.get(known.name) is None else kept[known.name]
        for known in fields(EpochEnded)
    }
    return EpochEnded(**values)


def listing(project: Path) -> Events:
    runs_dir = project / "runs"
    run = run_with_weights(runs_dir) or 0
    learnt = labels_learnt(runs_dir, run) if run else None
    yield RunsListed(tuple(list_runs(runs_dir)), run, learnt)


def choosing(project: Path, run: int) -> Events:
    """Load the scores of a run, to be shown in place of those on the screen."""
    scores = load_score_set(project / "runs", run)
    if scores is not None:
        yield ScoresLoaded(scores, final=True)


def choosing_newest(project: Path) -> Events:
    """Load what is shown unless another run was chosen."""
    runs_dir = project / "runs"
    run = newest_run(runs_dir)
    yield ScoresLoaded(load_score_set(runs_dir, run) if run else None, final=True)


def deleting(project: Path, run: int) -> Events:
    delete_run(project / "runs", run)
    yield from listing(project)
