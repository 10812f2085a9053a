"""A whole run on tiny data, in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.audits import keep_audit
from models.data.runs import run_details, run_folder
from models.errors import TrainingError
from models.processes.reading import Unreadable
from models.training.roles import Role
from models.types import EpochEnded, Event, ScoresReady, TrainingEnded, TrainingStarted
from tests.helpers.spaces import dataset_info
from tests.helpers.training import FAST, bars, only, request_for, scores_of, session

pytestmark = pytest.mark.slow

Plain = tuple[Path, list[Event]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """A project with one run on all bars, and the events of that run."""
    project = tmp_path_factory.mktemp("plain")
    images, labels = bars()
    return project, list(session(request_for(project, labels), images))


def test_a_run_says_what_it_does_and_leaves_scores(plain: Plain) -> None:
    project, events = plain
    (started,) = only(events, TrainingStarted)
    assert started.device == "CPU, 1 thread, float32"
    assert started.n_train + started.n_held_out == len(bars()[1])
    assert [event.epoch for event in only(events, EpochEnded)] == [1, 2]
    assert [(e.epoch, e.final) for e in only(events, ScoresReady)] == [(0, False), (2, True)]
    assert isinstance(events[-1], TrainingEnded)
    scores = scores_of(project)
    assert all(np.isfinite(values).all() for values in scores.by_name.values())
    assert scores.held_out.sum() == started.n_held_out
    assert (project / "content_hash.npy").exists()


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


def test_a_run_notes_what_was_decided_when_it_began(tmp_path: Path) -> None:
    images, labels = bars()
    asked = request_for(tmp_path, labels, decided=np.array([3, 7]))
    next(event for event in session(asked, images) if _has_begun(event))
    decided = np.load(run_folder(tmp_path / "runs", 1) / "decided.npy")
    assert np.flatnonzero(decided).tolist() == [3, 7]
    assert len(decided) == len(labels)


def _has_begun(event: Event) -> bool:
    return isinstance(event, TrainingStarted)


def test_audit_images_are_held_out_however_they_are_labelled(tmp_path: Path) -> None:
    images, labels = bars()
    audited = np.array([3, 7, 20])
    list(session(request_for(tmp_path, labels, audited=audited), images))
    assert scores_of(tmp_path).held_out[audited].all()


def test_the_result_follows_the_contract(plain: Plain) -> None:
    project, events = plain
    result = only(events, TrainingEnded)[0].result
    assert {"project", "run", "seconds", "device", "epochs", "images_per_second"} <= result.keys()
    assert 0 <= result["train_accuracy"] <= 1
    assert 0 <= result["heldout_accuracy"] <= 1
    (split,) = result["splits"].values()
    assert split["n"] == len(bars()[1])
    assert split["ci95"][0] <= split["accuracy"] <= split["ci95"][1]
    assert [entry["class"] for entry in result["per_class"]] == ["bar 0", "bar 1", "bar 2"]
    assert all(entry["accuracy"] == entry["recall"] for entry in result["per_class"])
    assert json.loads(json.dumps(result)) == result
    assert run_details(project / "runs", 1)["result"] == result


def test_every_class_has_an_interval_beside_the_majority_baseline(
    plain: Plain,
) -> None:
    result = only(plain[1], TrainingEnded)[0].result
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


def test_the_same_seed_gives_the_same_scores_bit_for_bit(plain: Plain, tmp_path: Path) -> None:
    images, labels = bars()
    list(session(request_for(tmp_path, labels), images))
    a, b = scores_of(plain[0]), scores_of(tmp_path)
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


def test_saved_weights_of_other_classes_are_refused(plain: Plain, tmp_path: Path) -> None:
    images, labels = bars()
    weights = str(run_folder(plain[0] / "runs", 1))
    request = request_for(tmp_path, labels, n_classes=4, weights_from=weights)
    with pytest.raises(TrainingError, match="other classes"):
        list(session(request, images))


def test_a_dataset_that_changed_is_refused(tmp_path: Path) -> None:
    images, labels = bars()
    with pytest.raises(TrainingError, match="images now"):
        list(session(request_for(tmp_path, labels[:50]), images))
