"""A run on a machine without the memory or the device that were hoped for."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import torch

from models.data.runs import list_runs, run_details
from models.errors import TrainingError
from models.training.fitting import Fit
from models.training.learner import Learner
from models.training.publishing import Publisher
from models.types import (
    EpochEnded,
    Events,
    SampleIds,
    ScoresReady,
    TrainingEnded,
    TrainingStarted,
)
from tests.helpers.training import FAST, bars, only, request_for, session

pytestmark = pytest.mark.slow


def test_memory_that_runs_out_once_means_smaller_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = bars()
    step, sizes = Learner.step, []

    def hungry(self: Learner, ids: SampleIds, *rest: Any, **changes: Any) -> Any:
        sizes.append(len(ids))
        if len(ids) > 20:
            raise torch.OutOfMemoryError("out of memory")
        return step(self, ids, *rest, **changes)

    monkeypatch.setattr(Learner, "step", hungry)
    events = list(session(request_for(tmp_path, labels), images))
    assert isinstance(events[-1], TrainingEnded)
    assert run_details(tmp_path / "runs", 1)["config"]["batch"] == 16
    assert max(sizes[1:]) <= 16


def test_memory_that_runs_out_again_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(self: Learner, *_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(Learner, "step", hungry)
    images, labels = bars()
    with pytest.raises(TrainingError, match="ran out of memory"):
        list(session(request_for(tmp_path, labels), images))
    assert run_details(tmp_path / "runs", 1)["state"] == "failed"


def test_memory_that_runs_out_in_the_trial_before_means_smaller_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_once(*_: Any) -> tuple[str, float]:
        monkeypatch.setattr("models.training.planning.fastest", lambda *_: ("float32", 0.01))
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr("models.training.planning.fastest", short_once)
    images, labels = bars()
    config = {**FAST, "dtype": None, "epochs": 1}
    events = list(session(request_for(tmp_path, labels, config=config), images))
    assert isinstance(events[-1], TrainingEnded)
    assert run_details(tmp_path / "runs", 1)["config"]["batch"] == 16


def test_memory_that_runs_out_over_the_last_scores_costs_no_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = bars()

    def without_room(self: Publisher, fit: Fit) -> Events:
        raise MemoryError
        yield

    with monkeypatch.context() as changed:
        changed.setattr(Publisher, "last", without_room)
        with pytest.raises(TrainingError, match="ran out of memory"):
            list(session(request_for(tmp_path, labels), images))
    assert list_runs(tmp_path / "runs")[0].resumable
    events = list(session(request_for(tmp_path, labels, resume_run=1), images))
    assert not only(events, EpochEnded)
    assert only(events, ScoresReady)[-1].final
    assert run_details(tmp_path / "runs", 1)["config"]["batch"] == FAST["batch"]


def test_what_the_first_look_kept_is_gone_when_the_main_nets_train(tmp_path: Path) -> None:
    images, labels = bars()
    before = set(map(id, alive(Fit)))
    events = session(request_for(tmp_path, labels), images)
    next(event for event in events if isinstance(event, EpochEnded))
    assert len([fit for fit in alive(Fit) if id(fit) not in before]) == 1
    events.close()


def alive(kind: type) -> list[object]:
    gc.collect()
    return [found for found in gc.get_objects() if type(found) is kind]


def test_an_absent_device_falls_back_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.devices._is_there", lambda name: False)
    images, labels = bars(30)
    config = {**FAST, "device": "cuda"}
    (started,) = only(
        list(session(request_for(tmp_path, labels, config=config), images)), TrainingStarted
    )
    assert started.device.startswith("CPU")
    assert "CUDA was asked for" in started.device_note
