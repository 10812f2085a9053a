"""A run on a machine without the memory or the device that were hoped for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from models.data.runs import run_details
from models.errors import TrainingError
from models.training.learner import Learner
from models.types import SampleIds, TrainingEnded, TrainingStarted
from tests.helpers.training import FAST, bars, only, request_for, session


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
