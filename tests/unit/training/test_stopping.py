"""A run that is stopped, killed or repeated: the best scores so far, and the same ones again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.runs import EpochTraces, list_runs, run_details
from models.errors import TrainingError
from models.processes.child import Controls
from models.types import (
    EpochEnded,
    Event,
    OpenRequest,
    RunScores,
    ScoresReady,
    SplitAssignment,
    TrainingEnded,
    TrainingProgress,
    TrainingStarted,
)
from tests.helpers.training import FAST, bars, only, request_for, scores_of, session

pytestmark = pytest.mark.slow

TWO_NETS: dict[str, Any] = {**FAST, "schedule": (3, 3)}


@pytest.fixture(autouse=True)
def _every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.steering._REPORT_S", 0.0)
    monkeypatch.setattr("models.training.fitting._CHECKPOINT_S", 0.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunScores:
    """The scores of two nets, trained without an interruption."""
    project = tmp_path_factory.mktemp("whole")
    train(project, TWO_NETS)
    return scores_of(project)


def train(project: Path, config: dict[str, Any], **more: Any) -> list[Event]:
    images, labels = bars()
    return list(session(request_for(project, labels, config=config, **more), images))


def stopped_at(
    project: Path, config: dict[str, Any], moment: Callable[[Event], bool]
) -> list[Event]:
    """The events of a run that is asked to finish at the first event of its kind."""
    images, labels = bars()
    controls, events = Controls(), list[Event]()
    for event in session(request_for(project, labels, config=config), images, controls):
        events.append(event)
        if moment(event):
            controls.send("finish")
    return events


def killed_at(project: Path, config: dict[str, Any], epoch: int, **more: Any) -> None:
    images, labels = bars()
    events = session(request_for(project, labels, config=config, **more), images)
    next(event for event in events if isinstance(event, EpochEnded) and event.epoch == epoch)
    events.close()


def assert_same(a: RunScores, b: RunScores) -> None:
    np.testing.assert_array_equal(a.probabilities, b.probabilities)
    np.testing.assert_array_equal(a.embedding, b.embedding)
    for name, values in a.by_name.items():
        np.testing.assert_array_equal(values, b.by_name[name])


def in_phase(phase: str, epoch: int) -> Callable[[Event], bool]:
    return lambda event: (
        isinstance(event, TrainingProgress) and (event.phase, event.epoch) == (phase, epoch)
    )


@pytest.mark.parametrize(
    ("moment", "epoch", "trained"),
    [
        (in_phase("first look", 1), 0, []),
        (lambda event: isinstance(event, ScoresReady), 0, []),
        (in_phase("training", 1), 0, []),
        (in_phase("training", 2), 1, [1]),
        (lambda event: isinstance(event, EpochEnded) and event.epoch == 3, 3, [3]),
        (in_phase("training", 4), 3, [3]),
        (in_phase("training", 6), 5, [3, 2]),
        (in_phase("scoring", 6), 6, [3, 3]),
    ],
)
def test_stop_at_any_moment_leaves_scores_marked_with_their_epoch(
    tmp_path: Path, moment: Callable[[Event], bool], epoch: int, trained: list[int]
) -> None:
    events = stopped_at(tmp_path, TWO_NETS, moment)
    (ended,) = only(events, TrainingEnded)
    assert ended.result["schedule"] == trained
    assert ended.result["epochs"] == sum(trained)
    assert run_details(tmp_path / "runs", 1)["state"] == ("ended" if epoch == 6 else "stopped")
    assert only(events, ScoresReady)[-1].epoch == epoch
    scores = scores_of(tmp_path)
    assert scores.epoch == epoch
    assert np.isfinite(scores.by_name["suspicion"]).all()


def test_the_record_of_a_run_stopped_between_checkpoints_has_all_its_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.fitting._CHECKPOINT_S", 1e9)
    events = stopped_at(tmp_path, TWO_NETS, in_phase("training", 3))
    (run,) = list_runs(tmp_path / "runs")
    assert run.epochs == only(events, TrainingEnded)[0].result["epochs"] == 2
    assert run.held_out_accuracy == only(events, EpochEnded)[-1].held_out_accuracy


def test_stop_while_images_are_read_begins_nothing(tmp_path: Path) -> None:
    events = stopped_at(tmp_path, TWO_NETS, in_phase("reading", 0))
    assert not only(events, TrainingStarted)
    assert list_runs(tmp_path / "runs") == []


def test_stop_before_the_first_look_still_gives_an_order(tmp_path: Path) -> None:
    events = stopped_at(tmp_path, FAST, lambda event: isinstance(event, TrainingStarted))
    assert only(events, ScoresReady)[-1].final
    assert isinstance(events[-1], TrainingEnded)


def test_images_are_described_by_the_net_before_while_the_next_one_is_young(
    tmp_path: Path,
) -> None:
    stopped_at(tmp_path / "two", TWO_NETS, in_phase("training", 4))
    train(tmp_path / "one", {**FAST, "schedule": (3,)})
    two, one = scores_of(tmp_path / "two"), scores_of(tmp_path / "one")
    np.testing.assert_array_equal(two.embedding, one.embedding)


def test_several_nets_give_the_same_scores_bit_for_bit(tmp_path: Path, whole: RunScores) -> None:
    train(tmp_path, TWO_NETS)
    assert_same(scores_of(tmp_path), whole)


@pytest.mark.parametrize("epoch", [2, 3, 4])
def test_a_kill_in_either_net_changes_nothing(tmp_path: Path, whole: RunScores, epoch: int) -> None:
    killed_at(tmp_path, TWO_NETS, epoch)
    assert run_details(tmp_path / "runs", 1)["state"] == "running"
    resumed = train(tmp_path, {}, resume_run=1)
    assert [event.epoch for event in only(resumed, EpochEnded)] == list(range(epoch + 1, 7))
    assert_same(scores_of(tmp_path), whole)
    assert only(resumed, TrainingEnded)[0].result["schedule"] == [3, 3]
    assert len(EpochTraces(tmp_path / "runs", 1).of(0)[0]) == 6


def test_a_kill_changes_nothing_in_a_run_that_begins_with_weights(tmp_path: Path) -> None:
    for name in ("whole", "cut"):
        train(tmp_path / name, FAST)
    begun = {
        name: {"weights_from": str(tmp_path / name / "runs" / "0001")} for name in ("whole", "cut")
    }
    train(tmp_path / "whole", TWO_NETS, **begun["whole"])
    killed_at(tmp_path / "cut", TWO_NETS, 2, **begun["cut"])
    train(tmp_path / "cut", {}, resume_run=2)
    assert_same(scores_of(tmp_path / "whole", 2), scores_of(tmp_path / "cut", 2))


def test_a_run_that_began_with_weights_goes_on_after_its_project_was_moved(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    train(before, FAST)
    killed_at(before, TWO_NETS, 2, weights_from=str(before / "runs" / "0001"))
    before.rename(after)
    resumed = train(after, {}, resume_run=2)
    assert only(resumed, TrainingEnded)[0].result["schedule"] == [3, 3]


def test_a_class_added_since_keeps_no_run_from_going_on(tmp_path: Path, whole: RunScores) -> None:
    killed_at(tmp_path, TWO_NETS, 4)
    train(tmp_path, {}, resume_run=1, n_classes=4)
    assert_same(scores_of(tmp_path), whole)


def test_a_run_goes_on_though_the_addition_of_a_class_was_undone(tmp_path: Path) -> None:
    train(tmp_path, FAST, n_classes=4)
    weights = str(tmp_path / "runs" / "0001")
    killed_at(tmp_path, FAST, 1, n_classes=4, weights_from=weights)
    events = train(tmp_path, {}, resume_run=2)
    assert only(events, ScoresReady)[-1].final
    assert scores_of(tmp_path, 2).probabilities.shape[1] == 4


def test_a_run_on_other_splits_is_not_gone_on_with(tmp_path: Path) -> None:
    killed_at(tmp_path, FAST, 1)
    images, labels = bars()
    made = SplitAssignment.of(["train", "test"], np.arange(len(labels)) % 2)
    source = OpenRequest(("/bars.npz",), assignment=made).to_message()
    request = replace(request_for(tmp_path, labels, resume_run=1), source=source)
    with pytest.raises(TrainingError, match="split anew"):
        list(session(request, images))


def test_what_was_trained_is_in_the_record(tmp_path: Path) -> None:
    train(tmp_path, {**FAST, "nets": 2})
    kept = run_details(tmp_path / "runs", 1)
    assert kept["config"]["schedule"] == kept["result"]["schedule"] == [2, 2]
    assert kept["result"]["seconds"] > 0


def test_a_run_killed_before_its_first_checkpoint_begins_again(tmp_path: Path) -> None:
    images, labels = bars()
    killed = session(request_for(tmp_path, labels), images)
    next(event for event in killed if isinstance(event, TrainingStarted))
    killed.close()
    assert only(train(tmp_path, {}, resume_run=1), ScoresReady)[-1].final


def test_a_run_that_the_clock_ends_early_keeps_its_weights_and_all_its_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.fitting._CHECKPOINT_S", 1e9)
    monkeypatch.setattr("models.training.config.shared_out", lambda *_: (5,))
    monkeypatch.setattr(
        "models.training.run.rescheduled",
        lambda schedule, done, _: (2,) if done == 2 else schedule,
    )
    config = {name: value for name, value in FAST.items() if name != "epochs"}
    (ended,) = only(train(tmp_path, {**config, "minutes": 1.0}), TrainingEnded)
    (run,) = list_runs(tmp_path / "runs")
    assert ended.result["schedule"] == [2]
    assert (run.epochs, run.has_weights) == (2, True)
    weights = str(tmp_path / "runs" / "0001")
    again = train(tmp_path, FAST, weights_from=weights)
    assert only(again, TrainingEnded)
