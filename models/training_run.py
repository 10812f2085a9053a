"""Trains on a dataset as its project stands: opens it, runs the trainer, closes it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from models.data.project import Project, is_project
from models.data.runs import list_runs, run_folder, run_with_weights
from models.errors import ProjectError, TrainingError
from models.opening import Review, ReviewOpened, opening_review
from models.processes.training import TrainRequest, train
from models.review.decisions import Status
from models.review.verdicts import judged
from models.types import Events, OpenRequest


def training_run(
    request: OpenRequest,
    project_path: Path | None = None,
    config: Mapping[str, Any] | None = None,
    *,
    resume: bool = False,
    weights_from: Path | None = None,
    again: bool = False,
) -> Events:
    """Open a source or a project and train on its current labels, excluded samples left out.

    Parameters
    ----------
    project_path : Path, optional
        Where the run goes; by default the project of the source.
    config : mapping, optional
        Settings of TrainConfig that are not to be the preset's.
    resume : bool
        Go on with the newest run that was stopped.
    weights_from : Path, optional
        A project, or a run in one, whose weights to start from.
    again : bool
        Start from the weights of the last run of this project.

    Raises
    ------
    DatasetError, ProjectError, TrainingError
    """
    weights = _weights(weights_from) if weights_from else ""
    review = None
    try:
        for event in opening_review(request, project_path):
            if isinstance(event, ReviewOpened):
                review = event.review
            else:
                yield event
        assert review is not None
        if again:
            weights = _weights(review.project.path)
        resumed = _resumable(review.project) if resume else 0
        yield from train(training_request(review, config or {}, resumed, weights))
    finally:
        if review is not None:
            review.close()


def training_request(
    review: Review, config: Mapping[str, Any], resume_run: int = 0, weights_from: str = ""
) -> TrainRequest:
    """What to train on: the labels of a review as they stand, without what was excluded. Classes
    are weighed as the project says, where the config does not."""
    known = review.labelling
    return TrainRequest(
        project=review.project.path,
        source=review.info.request,
        labels=known.labels,
        included=known.status != Status.EXCLUDED,
        class_names=known.class_names,
        config={"class_weights": known.class_weights, **config},
        resume_run=resume_run,
        weights_from=weights_from,
        audited=known.trusted,
        decided=np.flatnonzero(judged(known.status)),
    )


def read_config(path: Path) -> dict[str, Any]:
    """The settings of a run from its run.json, or from a file that holds them alone."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(
            "cannot be read as the settings of a run",
            str(path),
            "Give the run.json of a run, or a JSON file with settings.",
            repr(error),
        ) from error
    settings = found.get("config", found) if isinstance(found, dict) else None
    if not isinstance(settings, dict):
        raise TrainingError("holds no settings", str(path), "Give the run.json of a run.")
    return settings


def _resumable(project: Project) -> int:
    for run in list_runs(project.runs_dir):
        if run.resumable:
            return run.run
    raise TrainingError(
        "holds no run that was stopped and can go on",
        str(project.path),
        "Leave out --resume to start one.",
    )


def _weights(path: Path) -> str:
    """The folder of a run, given it or its project."""
    if not is_project(path):
        if (path / "run.json").is_file() and path.name.isdecimal():
            return str(path.absolute())
        raise ProjectError("is neither a Winnow project nor a run in one", str(path))
    runs_dir = Project(path, read_only=True).runs_dir
    run = run_with_weights(runs_dir)
    if run is None:
        remedy = f"Run `winnow train {quote(str(path))}` first."
        raise ProjectError("holds no trained weights yet", str(path), remedy)
    return str(run_folder(runs_dir, run).absolute())
