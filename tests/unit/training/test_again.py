"""Training again with corrections, from the weights of the run before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.runs import labels_learnt, run_details, run_folder, run_with_weights
from models.training.roles import Role
from models.types import UNLABELLED, EpochEnded, Event, LabelVector, ScoresReady, TrainingEnded
from tests.helpers.training import FAST, bars, only, request_for, scores_of, session

pytestmark = pytest.mark.slow


def train(project: Path, labels: LabelVector, n_classes: int = 3, **more: Any) -> list[Event]:
    images, _ = bars(len(labels))
    request = request_for(project, labels, n_classes, **more)
    return list(session(request, images, n_classes=n_classes))


def train_again(project: Path, labels: LabelVector, run: int = 1, **more: Any) -> list[Event]:
    weights = str(run_folder(project / "runs", run))
    return train(project, labels, weights_from=weights, **more)


def roles(project: Path, run: int) -> np.ndarray:
    found: np.ndarray = np.load(run_folder(project / "runs", run) / "roles.npy")
    return found


def test_it_needs_no_first_look_and_knows_from_the_start(tmp_path: Path) -> None:
    _, labels = bars()
    config = {**FAST, "width": 8}
    train(tmp_path, labels, config={**config, "epochs": 8})
    shortly = {**config, "epochs": 1, "learning_rate": 1e-3}
    events = train_again(tmp_path, labels, config=shortly)
    assert [ready.epoch for ready in only(events, ScoresReady)] == [1]
    (anew,) = only(train(tmp_path, labels, config=shortly), EpochEnded)
    (again,) = only(events, EpochEnded)
    assert again.train_accuracy > anew.train_accuracy


def test_what_was_held_out_stays_so_however_labels_change(tmp_path: Path) -> None:
    _, labels = bars()
    train(tmp_path, labels)
    held_out = roles(tmp_path, 1) == Role.HELD_OUT
    labels[:30] = (labels[:30] + 1) % 3
    train_again(tmp_path, labels)
    np.testing.assert_array_equal(roles(tmp_path, 2) == Role.HELD_OUT, held_out)
    np.testing.assert_array_equal(scores_of(tmp_path, 2).held_out, held_out)


@pytest.mark.parametrize("spelled", ["runs/../runs/0001", "link/0001"])
def test_what_was_held_out_stays_so_however_the_run_is_named(tmp_path: Path, spelled: str) -> None:
    _, labels = bars()
    train(tmp_path, labels)
    held_out = roles(tmp_path, 1) == Role.HELD_OUT
    (tmp_path / "link").symlink_to(tmp_path / "runs")
    labels[:30] = (labels[:30] + 1) % 3
    train(tmp_path, labels, weights_from=str(tmp_path / spelled))
    np.testing.assert_array_equal(roles(tmp_path, 2) == Role.HELD_OUT, held_out)


def test_what_the_weights_were_trained_on_is_never_called_held_out(tmp_path: Path) -> None:
    _, labels = bars()
    train(tmp_path, labels)
    audited, included = np.arange(20), np.ones(len(labels), bool)
    included[20:25] = False
    met = roles(tmp_path, 1)[:25] == Role.TRAINED
    train_again(tmp_path, labels, audited=audited, included=included)
    assert (roles(tmp_path, 2)[:25][met] == Role.MET).all()
    train_again(tmp_path, labels, run=2, included=included)  # and the weights of the weights
    assert (roles(tmp_path, 3)[20:25][met[20:]] == Role.MET).all()
    assert not scores_of(tmp_path, 3).held_out[20:25][met[20:]].any()


def test_a_class_may_have_been_added(tmp_path: Path) -> None:
    _, labels = bars()
    train(tmp_path, labels)
    labels[::4] = 3
    events = train_again(tmp_path, labels, n_classes=4)
    assert len(only(events, TrainingEnded)[0].result["per_class"]) == 4
    assert scores_of(tmp_path, 2).probabilities.shape == (len(labels), 4)


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_class_may_have_been_taken_back(tmp_path: Path, epochs: int) -> None:
    _, labels = bars()
    train(tmp_path, np.where(np.arange(len(labels)) % 4, labels, 3).astype(np.int32), 4)
    train_again(tmp_path, labels, config={**FAST, "epochs": epochs})
    assert scores_of(tmp_path, 2).probabilities.shape == (len(labels), 3)


def test_a_class_that_took_the_code_of_one_taken_back_is_not_taken_for_it(tmp_path: Path) -> None:
    _, labels = bars()
    labels[::4] = 3
    wasp, bee = (("bar 0", "bar 1", "bar 2", name) for name in ("wasp", "bee"))
    train(tmp_path, labels, 4, class_names=wasp)
    for names in (wasp, bee):
        train_again(tmp_path, labels, n_classes=4, class_names=names, config={**FAST, "epochs": 0})
    of_wasp, of_bee = (scores_of(tmp_path, run).probabilities[:, 3] for run in (2, 3))
    assert not np.allclose(of_wasp, of_bee, atol=1e-3)


def test_scoring_by_weights_of_the_same_project_holds_nothing_out(tmp_path: Path) -> None:
    _, labels = bars()
    train(tmp_path, labels)
    trained = roles(tmp_path, 1) == Role.TRAINED
    train_again(tmp_path, labels, config={**FAST, "epochs": 0})
    np.testing.assert_array_equal(scores_of(tmp_path, 2).held_out, ~trained)


def test_a_run_says_what_it_learned_from(tmp_path: Path) -> None:
    _, labels = bars()
    included = np.ones(len(labels), bool)
    included[5] = False
    assert run_with_weights(tmp_path / "runs") is None
    train(tmp_path, labels, included=included)
    assert run_with_weights(tmp_path / "runs") == 1
    learnt = labels_learnt(tmp_path / "runs", 1)
    assert learnt is not None
    assert learnt[5] == UNLABELLED
    assert (np.delete(learnt, 5) == np.delete(labels, 5)).all()
    assert labels_learnt(tmp_path / "runs", 2) is None


def test_the_record_says_where_the_weights_are_from(tmp_path: Path) -> None:
    _, labels = bars()
    train(tmp_path, labels)
    train_again(tmp_path, labels)
    assert run_details(tmp_path / "runs", 2)["weights_from"].endswith("0001")
