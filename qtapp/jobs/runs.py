"""Work on the runs of a project that touches the disk: listing, loading, deleting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.data.runs import delete_run, list_runs
from models.types import Event, Events, RunSummary
from qtapp.jobs.trainer import ScoresLoaded, load_score_set


@dataclass(frozen=True)
class RunsListed(Event):
    """Every run of the project, newest first."""

    runs: tuple[RunSummary, ...]


def listing(project: Path) -> Events:
    yield RunsListed(tuple(list_runs(project / "runs")))


def choosing(project: Path, run: int) -> Events:
    """Load the scores of a run, to be shown in place of those on the screen."""
    scores = load_score_set(project / "runs", run)
    if scores is not None:
        yield ScoresLoaded(scores, final=True)


def deleting(project: Path, run: int) -> Events:
    delete_run(project / "runs", run)
    yield from listing(project)
