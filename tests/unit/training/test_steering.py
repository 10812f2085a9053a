"""Between two batches: pause, resume, finish, progress."""

from __future__ import annotations

import pytest

from models.processes.child import Controls
from models.training.steering import Finish, Steering
from models.types import TrainingProgress


@pytest.fixture
def controls() -> Controls:
    return Controls()


@pytest.fixture
def steering(controls: Controls, monkeypatch: pytest.MonkeyPatch) -> Steering:
    monkeypatch.setattr("models.training.steering._REPORT_S", 0.0)
    steering = Steering(controls)
    steering.plan(100)
    return steering


def test_progress_grows_to_the_whole(steering: Steering) -> None:
    done = [event.done for _ in range(10) for event in _after(steering, 10)]
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1.0)


def test_a_pause_lasts_until_resume(controls: Controls, steering: Steering) -> None:
    controls.send("pause")
    events = steering.after(10, "training", 1, trained=10)
    phases = []
    for event in events:
        assert isinstance(event, TrainingProgress)
        phases.append(event.phase)
        if phases.count("paused") == 2:
            controls.send("resume")
    assert phases == ["training", "paused", "paused"]


def test_finish_ends_training_but_not_scoring(controls: Controls, steering: Steering) -> None:
    controls.send("finish")
    assert list(steering.after(1, "scoring", 1))
    with pytest.raises(Finish):
        list(steering.after(1, "training", 1))


def test_finish_ends_a_pause(controls: Controls, steering: Steering) -> None:
    controls.send("pause")
    controls.send("finish")
    with pytest.raises(Finish):
        list(steering.after(1, "training", 1))


def test_work_done_by_an_earlier_run_counts(steering: Steering) -> None:
    steering.plan(100, done=50)
    (event,) = _after(steering, 0)
    assert event.done > 0.5


def _after(steering: Steering, work: float) -> list[TrainingProgress]:
    return [e for e in steering.after(work, "training", 1) if isinstance(e, TrainingProgress)]
