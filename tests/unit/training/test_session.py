"""A whole run on tiny data, in this process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.data.audits import keep_audit
from models.data.runs import EpochTraces, run_details, run_folder
from models.errors import TrainingError
from models.processes.child import Controls
from models.processes.reading import Unreadable
from models.training import planning, publishing, run
from models.training.learner import Learner
from models.training.roles import Role
from models.types import (
    EpochEnded,
    Event,
    SampleIds,
    ScoresReady,
    TrainingEnded,
    TrainingStarted,
)
from tests.helpers.spaces import dataset_info
from tests.helpers.training import FAST, bars, only, request_for, scores_of, session


def test_a_run_says_what_it_does_and_leaves_scores(tmp_path: Path) -> None:
    images, labels = bars()
    events = list(session(request_for(tmp_path, labels), images))
    (started,) = only(events, TrainingStarted)
    assert started.device == "CPU, 1 thread, float32"
    assert started.n_train + started.n_held_out == len(labels)
    assert [event.epoch for event in only(events, EpochEnded)] == [1, 2]
    assert [(e.epoch, e.final) for e in only(events, ScoresReady)] == [(0, False), (2, True)]
    assert isinstance(events[-1], TrainingEnded)
    scores = scores_of(tmp_path)
    assert all(np.isfinite(values).all() for values in scores.by_name.values())
    assert scores.held_out.sum() == started.n_held_out
    assert (tmp_path / "content_hash.npy").exists()


def test_near_copies_of_the_last_audit_stay_on_one_side(tmp_path: Path) -> None:
    images, labels = bars()
    pairs = [[i, i + 60] for i in range(60)]
    found = {"check": "disjoint", "action": {"name": "keep_one", "groups": pairs}}
    about = dataset_info(len(labels)), {"schema": 1, "findings": [found]}, labels
    keep_audit(tmp_path, *about, np.ones(len(labels), bool), quick=False)
    next(event for event in session(request_for(tmp_path, labels), images) if _has_begun(event))
    roles = np.load(run_folder(tmp_path / "runs", 1) / "roles.npy")
    assert (roles[:60] == roles[60:]).all()
    assert 0 < (roles == Role.HELD_OUT).sum() < 60


def _has_begun(event: Event) -> bool:
    return isinstance(event, TrainingStarted)


def test_audit_images_are_held_out_however_they_are_labelled(tmp_path: Path) -> None:
    images, labels = bars()
    audited = np.array([3, 7, 20])
    list(session(request_for(tmp_path, labels, audited=audited), images))
    assert scores_of(tmp_path).held_out[audited].all()


def test_the_result_follows_the_contract(tmp_path: Path) -> None:
    images, labels = bars()
    result = list(session(request_for(tmp_path, labels), images))[-1].result  # type: ignore[attr-defined]
    assert {"project", "run", "seconds", "device", "epochs", "images_per_second"} <= result.keys()
    assert 0 <= result["train_accuracy"] <= 1
    assert 0 <= result["heldout_accuracy"] <= 1
    (split,) = result["splits"].values()
    assert split["n"] == len(labels)
    assert split["ci95"][0] <= split["accuracy"] <= split["ci95"][1]
    assert [entry["class"] for entry in result["per_class"]] == ["bar 0", "bar 1", "bar 2"]
    assert all(entry["accuracy"] == entry["recall"] for entry in result["per_class"])
    assert json.loads(json.dumps(result)) == result
    assert run_details(tmp_path / "runs", 1)["result"] == result


def test_every_class_has_an_interval_beside_the_majority_baseline(tmp_path: Path) -> None:
    images, labels = bars()
    result = only(list(session(request_for(tmp_path, labels), images)), TrainingEnded)[0].result
    for one in result["per_class"]:
        low, high = one["recall_ci95"]
        assert low <= one["recall"] <= high
    assert result["judged"]["not_trained_on"]
    assert result["judged"]["majority_accuracy"] == result["majority_accuracy"]
    assert result["findings"] == []


def test_a_test_split_whose_classes_are_swapped_is_told_as_one_finding(tmp_path: Path) -> None:
    images, labels = bars(300)
    labels[180:] = np.array([0, 2, 1], np.int32)[labels[180:]]
    config = {**FAST, "epochs": 10, "width": 8}
    splits = {"train": 180, "test": 120}
    events = list(session(request_for(tmp_path, labels, config=config), images, splits=splits))
    (finding,) = only(events, TrainingEnded)[0].result["findings"]
    assert (finding["kind"], finding["splits"]) == ("class_swap", ["test"])
    assert finding["classes"] == ["bar 1", "bar 2"]
    assert run_details(tmp_path / "runs", 1)["result"]["findings"] == [finding]


def test_a_wrong_label_comes_first(tmp_path: Path) -> None:
    images, labels = bars(240)
    labels[7] = (labels[7] + 1) % 3
    config = {**FAST, "epochs": 12, "width": 8}
    list(session(request_for(tmp_path, labels, config=config), images))
    scores = scores_of(tmp_path)
    assert scores.by_name["suspicion"].argmax() == 7
    assert scores.probabilities[7].argmax() == 7 % 3


def test_the_same_seed_gives_the_same_scores_bit_for_bit(tmp_path: Path) -> None:
    images, labels = bars()
    for name in ("a", "b"):
        list(session(request_for(tmp_path / name, labels), images))
    a, b = scores_of(tmp_path / "a"), scores_of(tmp_path / "b")
    np.testing.assert_array_equal(a.probabilities, b.probabilities)
    for name, values in a.by_name.items():
        np.testing.assert_array_equal(values, b.by_name[name])


def test_the_config_of_a_run_repeats_it(tmp_path: Path) -> None:
    images, labels = bars()
    list(session(request_for(tmp_path / "a", labels, config={"epochs": 1, "width": 4}), images))
    config = run_details(tmp_path / "a" / "runs", 1)["config"]
    assert None not in [config[name] for name in ("epochs", "batch", "dtype", "threads", "flip")]
    list(session(request_for(tmp_path / "b", labels, config=config), images))
    np.testing.assert_array_equal(
        scores_of(tmp_path / "a").probabilities, scores_of(tmp_path / "b").probabilities
    )


def test_class_weights_stand_in_the_record_of_the_run(tmp_path: Path) -> None:
    images, labels = bars(60, n_classes=2)
    labels = np.where(np.arange(60) < 12, labels, 0).astype(np.int32)
    config = {**FAST, "class_weights": "balanced"}
    events = list(session(request_for(tmp_path, labels, 2, config=config), images))
    details = run_details(tmp_path / "runs", 1)
    assert details["config"]["class_weights"] == "balanced"
    light, heavy = details["class_weights"].values()
    assert light < 1 < heavy
    (ended,) = only(events, TrainingEnded)
    assert any("counted for the same" in remark for remark in ended.result["remarks"])
    again = {**FAST, "class_weights": "none"}
    list(session(request_for(tmp_path, labels, 2, config=again), images))
    assert run_details(tmp_path / "runs", 2)["class_weights"] is None


def test_a_run_that_was_killed_goes_on_to_the_same_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.fitting._CHECKPOINT_S", 0.0)
    images, labels = bars()
    config = {**FAST, "epochs": 4}
    list(session(request_for(tmp_path / "whole", labels, config=config), images))
    killed = session(request_for(tmp_path / "cut", labels, config=config), images)
    for event in killed:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            break
    killed.close()
    assert run_details(tmp_path / "cut" / "runs", 1)["state"] == "running"
    resumed = list(session(request_for(tmp_path / "cut", labels, resume_run=1), images))
    assert [event.epoch for event in only(resumed, EpochEnded)] == [3, 4]
    whole, cut = scores_of(tmp_path / "whole"), scores_of(tmp_path / "cut")
    np.testing.assert_array_equal(whole.probabilities, cut.probabilities)
    np.testing.assert_array_equal(whole.embedding, cut.embedding)
    assert len(EpochTraces(tmp_path / "cut" / "runs", 1).of(0)[0]) == 4


def test_a_run_killed_before_its_first_checkpoint_begins_again(tmp_path: Path) -> None:
    images, labels = bars()
    killed = session(request_for(tmp_path, labels), images)
    next(event for event in killed if isinstance(event, TrainingStarted))
    killed.close()
    events = list(session(request_for(tmp_path, labels, resume_run=1), images))
    assert only(events, ScoresReady)[-1].final


def test_finish_keeps_the_scores_so_far(tmp_path: Path) -> None:
    images, labels = bars()
    controls = Controls()
    events: list[Event] = []
    config = {**FAST, "epochs": 1_000}
    for event in session(request_for(tmp_path, labels, config=config), images, controls):
        events.append(event)
        if isinstance(event, EpochEnded):
            controls.send("finish")
    assert isinstance(events[-1], TrainingEnded)
    assert run_details(tmp_path / "runs", 1)["state"] == "stopped"
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_finish_during_the_first_look_still_gives_an_order(tmp_path: Path) -> None:
    images, labels = bars()
    controls = Controls()
    events: list[Event] = []
    for event in session(request_for(tmp_path, labels), images, controls):
        events.append(event)
        if isinstance(event, TrainingStarted):
            controls.send("finish")
    assert only(events, ScoresReady)[-1].final
    assert isinstance(events[-1], TrainingEnded)


def test_excluded_unlabelled_and_unreadable_images_are_not_trained_on(tmp_path: Path) -> None:
    images, labels = bars()
    included = np.ones(len(labels), bool)
    included[0], labels[1] = False, -1
    some: list[Any] = list(images)
    some[2] = Unreadable("2: broken.")
    list(session(request_for(tmp_path, labels, included=included), some))
    roles = np.load(run_folder(tmp_path / "runs", 1) / "roles.npy")
    assert roles[:3].tolist() == [Role.SCORED, Role.SCORED, Role.UNREADABLE]
    scores = scores_of(tmp_path)
    assert np.isfinite(scores.by_name["suspicion"][0])
    assert np.isnan(scores.by_name["suspicion"][1])
    assert np.isfinite(scores.by_name["anomaly"][1])
    assert scores.suggested[1] >= 0
    assert np.isnan(scores.probabilities[2]).all()


def test_only_the_train_split_trains(tmp_path: Path) -> None:
    images, labels = bars()
    splits = {"train": 80, "val": 20, "test": 20}
    events = list(session(request_for(tmp_path, labels), images, splits=splits))
    (started,) = only(events, TrainingStarted)
    assert (started.n_train, started.n_held_out) == (80, 20)
    assert scores_of(tmp_path).held_out.tolist() == [False] * 80 + [True] * 40
    assert set(events[-1].result["splits"]) == set(splits)  # type: ignore[attr-defined]


def test_saved_weights_score_another_dataset_without_training(tmp_path: Path) -> None:
    images, labels = bars()
    config = {**FAST, "epochs": 8, "width": 8}
    list(session(request_for(tmp_path / "a", labels, config=config), images))
    weights = str(run_folder(tmp_path / "a" / "runs", 1))
    larger = [np.kron(image, np.ones((2, 2, 1), np.uint8)) for image in images[:60]]
    request = request_for(tmp_path / "b", labels[:60], config={"epochs": 0}, weights_from=weights)
    events = list(session(request, larger))
    assert not only(events, EpochEnded)
    assert events[-1].result["heldout_accuracy"] > 0.9  # type: ignore[attr-defined]
    assert scores_of(tmp_path / "b").held_out.all()


def test_saved_weights_of_other_classes_are_refused(tmp_path: Path) -> None:
    images, labels = bars()
    list(session(request_for(tmp_path / "a", labels), images))
    weights = str(run_folder(tmp_path / "a" / "runs", 1))
    request = request_for(tmp_path / "b", labels, n_classes=4, weights_from=weights)
    with pytest.raises(TrainingError, match="other classes"):
        list(session(request, images))


@pytest.mark.parametrize("label", [0, -1])
def test_without_two_classes_strangeness_is_told(tmp_path: Path, label: int) -> None:
    images, labels = bars(40)
    images[5] = 255 - images[5]
    labels[:] = label
    events = list(session(request_for(tmp_path, labels), images))
    assert isinstance(events[-1], TrainingEnded)
    (finding,) = events[-1].result["findings"]
    assert "nothing to tell classes by" in finding["sentence"]
    scores = scores_of(tmp_path)
    assert scores.by_name["anomaly"].argmax() == 5
    assert np.isnan(scores.by_name["suspicion"]).all()


@pytest.mark.parametrize("n", [4, 7, 19])
def test_a_handful_of_images_is_enough(tmp_path: Path, n: int) -> None:
    images, labels = bars(n, n_classes=2)
    events = list(session(request_for(tmp_path, labels, n_classes=2), images))
    assert isinstance(events[-1], TrainingEnded)


def test_constant_images_harm_nothing(tmp_path: Path) -> None:
    images, labels = bars(60)
    flat = [np.full_like(image, 7) for image in images]
    list(session(request_for(tmp_path, labels), flat))
    assert np.isfinite(scores_of(tmp_path).by_name["suspicion"]).all()


def test_mixed_sizes_and_colours_are_brought_together(tmp_path: Path) -> None:
    images, labels = bars(40)
    mixed: list[Any] = list(images)
    mixed[3] = np.full((30, 11, 3), 100, np.uint8)
    assert isinstance(list(session(request_for(tmp_path, labels), mixed))[-1], TrainingEnded)


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


def test_a_dataset_that_changed_is_refused(tmp_path: Path) -> None:
    images, labels = bars()
    with pytest.raises(TrainingError, match="images now"):
        list(session(request_for(tmp_path, labels[:50]), images))


def change_the_looks(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    looks = run.look_recipes
    monkeypatch.setattr(
        run, "look_recipes", lambda *about: [replace(look, **changes) for look in looks(*about)]
    )


def test_a_second_look_is_published_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = bars()
    found = []
    for name, at_least in (("once", 10**9), ("twice", 0)):
        monkeypatch.setattr(planning, "_SECOND_LOOK_FROM", at_least)
        events = list(session(request_for(tmp_path / name, labels), images))
        found.append([event.final for event in only(events, ScoresReady)])
    assert found == [[False, True], [False, False, True]]
    final = [scores_of(tmp_path / name).probabilities for name in ("once", "twice")]
    assert final[0].shape == final[1].shape
    assert not np.isnan(final[1]).any()


def test_the_average_is_published_after_each_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_BETWEEN_SCORES_S", -1.0)
    monkeypatch.setattr(publishing, "_SHARE_FOR_SCORES", np.inf)
    change_the_looks(monkeypatch, learning_rate=1e-9)
    images, labels = bars()
    config = {**FAST, "epochs": 4}
    events = list(session(request_for(tmp_path, labels, config=config), images))
    assert [event.epoch for event in only(events, ScoresReady)] == [0, 1, 2, 3, 4]


def test_averages_that_know_less_than_the_first_look_do_not_undo_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = bars()
    config = {**FAST, "epochs": 1, "learning_rate": 1e-9}  # the main net learns nothing
    change_the_looks(monkeypatch, learning_rate=1e-2, schedule=(8,))
    seen = []
    for event in session(request_for(tmp_path, labels, config=config), images):
        if isinstance(event, ScoresReady):
            seen.append(np.array(scores_of(tmp_path).probabilities))
    assert len(seen) == 2
    np.testing.assert_array_equal(seen[1].argmax(axis=1), seen[0].argmax(axis=1))


def test_images_of_no_class_are_never_trained_on_nor_judged(tmp_path: Path) -> None:
    images, labels = bars(150)
    of_none = np.arange(0, 150, 5)
    labels[of_none] = 3
    asked = request_for(tmp_path, labels, n_classes=4)
    splits = {"train": 100, "test": 50}
    events = list(session(asked, images, splits=splits, n_classes=4, not_of_dataset=3))
    (started,) = only(events, TrainingStarted)
    assert started.n_train + started.n_held_out == 80
    result = only(events, TrainingEnded)[0].result
    assert [entry["class"] for entry in result["per_class"]] == ["bar 0", "bar 1", "bar 2"]
    assert result["splits"]["test"]["n"] == 40
    scores = scores_of(tmp_path)
    assert np.isnan(scores.by_name["suspicion"][of_none]).all()
    assert np.isfinite(scores.by_name["anomaly"][of_none]).all()
    assert (scores.suggested[of_none] == 3).all()
    assert (scores.labels == labels).all()
