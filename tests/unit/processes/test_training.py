"""The trainer child and its supervisor."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models.data.runs import list_runs, load_scores, run_details
from models.errors import ChildDied, ProjectError, TrainingError
from models.processes.child import Controls
from models.processes.training import TrainRequest, train
from models.training_run import training_request
from models.types import EpochEnded, OpenRequest, ScoresReady, TrainingEnded, TrainingProgress
from tests.faults.processes import children_of
from tests.helpers.datasets import folder_source, reviewed
from tests.helpers.training import FAST, bars

pytestmark = pytest.mark.slow

_TRAINER = "models.processes.trainer"


@pytest.fixture
def request_of_a_file(tmp_path: Path) -> TrainRequest:
    images, labels = bars()
    np.savez(tmp_path / "bars.npz", images=np.stack(images), labels=labels)
    project = tmp_path / "bars.winnow"
    (project / "runs").mkdir(parents=True)
    return TrainRequest(
        project=project,
        source=OpenRequest((str(tmp_path / "bars.npz"),)).to_message(),
        labels=labels,
        included=np.ones(len(labels), bool),
        class_names=("0", "1", "2"),
        config={**FAST, "epochs": 100_000},
    )


def test_a_request_crosses_the_pipe(request_of_a_file: TrainRequest) -> None:
    message = request_of_a_file.to_message()
    assert TrainRequest.from_message(message).to_message() == message


def test_pause_resume_and_finish(request_of_a_file: TrainRequest) -> None:
    controls, phases = Controls(), []
    for event in train(request_of_a_file, controls):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            controls.send("pause")
        if isinstance(event, TrainingProgress):
            phases.append(event.phase)
            if phases.count("paused") == 2:
                controls.send("resume")
                controls.send("finish")
    assert isinstance(event, TrainingEnded)
    runs_dir = request_of_a_file.project / "runs"
    assert run_details(runs_dir, 1)["state"] == "stopped"
    assert load_scores(runs_dir, 1) is not None


def test_a_killed_trainer_is_one_sentence_and_can_go_on(request_of_a_file: TrainRequest) -> None:
    events = train(request_of_a_file)
    next(event for event in events if isinstance(event, ScoresReady))
    for pid in children_of(os.getpid(), _TRAINER):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(ChildDied, match="SIGKILL"):
        list(events)
    (summary,) = list_runs(request_of_a_file.project / "runs")
    assert summary.state == "running"
    assert summary.resumable


def test_images_that_took_the_place_of_as_many_others_get_no_scores(tmp_path: Path) -> None:
    photos = folder_source(tmp_path / "photos")
    with closing(reviewed(photos)) as review:
        first = min(photos.rglob("*.png"))
        os.rename(first, first.with_name("zz.png"))  # all of its class have another id by now
        with pytest.raises(ProjectError, match="changed since it was opened"):
            list(train(training_request(review, FAST)))
        assert not list_runs(review.project.runs_dir)


def test_closing_the_events_ends_the_trainer(
    request_of_a_file: TrainRequest,
) -> None:
    events = train(request_of_a_file)
    next(event for event in events if isinstance(event, EpochEnded))
    assert children_of(os.getpid(), _TRAINER)
    events.close()
    assert not children_of(os.getpid(), _TRAINER)


def test_what_is_wrong_with_a_request_comes_back_in_words(
    request_of_a_file: TrainRequest,
) -> None:
    request_of_a_file.config["preset"] = "overnight"
    with pytest.raises(TrainingError, match="preset = 'overnight'"):
        list(train(request_of_a_file))
