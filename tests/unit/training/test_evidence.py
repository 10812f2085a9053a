"""What a run keeps so that it can say why: copies, neighbours, and how the epochs went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.runs import DYNAMICS, EVIDENCE_SCORES, EpochTraces, load_scores
from models.processes.child import Controls
from models.scoring.dynamics import TrainingDynamics
from models.scoring.neighbours import votes
from models.training.evidence import of_neighbours
from models.training.images import TrainingImages
from models.training.material import Material
from models.training.roles import Role
from models.training.steering import Steering
from models.types import EpochEnded, LabelVector, Mask, ScoresReady
from tests.helpers.neighbours import nearest_neighbours
from tests.helpers.training import FAST, bars, request_for, session

pytestmark = pytest.mark.slow


def scores_of(project: Path) -> Any:
    scores = load_scores(project / "runs", 1)
    assert scores is not None
    return scores


def material_of(labels: LabelVector, readable: Mask | None = None) -> Material:
    n = len(labels)
    readable = np.ones(n, bool) if readable is None else readable
    hashes = np.zeros((n, 16), np.uint8)
    return Material(
        images=TrainingImages(np.zeros((n, 1, 1, 1), np.uint8), readable, hashes),
        labels=labels,
        included=np.ones(n, bool),
        roles=np.where(readable, Role.TRAINED, Role.UNREADABLE).astype(np.uint8),
        splits=("all",),
        split_codes=np.zeros(n, np.uint8),
        class_names=("a", "b"),
    )


def neighbours_of(material: Material, embedding: Any) -> Any:
    work = of_neighbours(material, embedding, Steering(Controls()), 1, 0)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_the_last_scores_hold_all_and_the_first_look_what_costs_nothing(tmp_path: Path) -> None:
    images, labels = bars(60)
    for event in session(request_for(tmp_path, labels), images):
        if isinstance(event, ScoresReady):
            evidence = scores_of(tmp_path).evidence
            if not event.final:
                assert evidence.neighbours.shape == (60, 0)
                assert evidence.by_name == {}
            assert (evidence.copy_group == -1).all()
            assert evidence.queue.shape == (60,)
    assert set(evidence.by_name) == set(EVIDENCE_SCORES)
    assert evidence.neighbours.shape == evidence.neighbour_distance.shape == (60, 10)
    assert (evidence.neighbours != np.arange(60)[:, None]).all()
    assert (np.diff(evidence.neighbour_distance, axis=1) >= 0).all()


def test_dynamics_are_those_of_the_traces_also_after_a_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.fitting._CHECKPOINT_S", 0.0)
    images, labels = bars(60)
    work = session(request_for(tmp_path, labels, config={**FAST, "epochs": 4}), images)
    for event in work:
        if isinstance(event, EpochEnded) and event.epoch == 2:
            break
    work.close()
    list(session(request_for(tmp_path, labels, resume_run=1), images))
    traces = EpochTraces(tmp_path / "runs", 1)
    each = [traces.of(sample) for sample in range(60)]
    expected = TrainingDynamics(labels)
    for epoch in range(4):
        expected.add(
            np.array([probability[epoch] for probability, _ in each]),
            np.array([prediction[epoch] for _, prediction in each]),
        )
    stored = scores_of(tmp_path).evidence.by_name
    for name in DYNAMICS:
        np.testing.assert_array_equal(stored[name], getattr(expected.scores(), name))


def test_copies_are_told_and_never_called_held_out_beside_a_trained_one(tmp_path: Path) -> None:
    images, labels = bars(90)
    images[61], images[75] = images[4], images[70]
    list(session(request_for(tmp_path, labels), images, splits={"train": 60, "test": 30}))
    scores = scores_of(tmp_path)
    assert scores.evidence.copy_group[[4, 61, 70, 75, 80]].tolist() == [4, 4, 70, 70, -1]
    roles = np.load(tmp_path / "runs" / "0001" / "roles.npy")
    assert scores.held_out[61] == (roles[4] != Role.TRAINED)
    assert scores.held_out[[70, 75, 80]].all()


def test_neighbours_are_labelled_and_the_unlabelled_have_them_too() -> None:
    rng = np.random.default_rng(0)
    labels = (np.arange(40) % 2).astype(np.int32)
    labels[[3, 9]] = -1
    readable = np.arange(40) != 7
    embedding = rng.normal(size=(40, 6)).astype(np.float32)
    embedding[7] = np.nan
    found = neighbours_of(material_of(labels, readable), embedding)
    pool = np.flatnonzero((labels >= 0) & readable)
    expected = nearest_neighbours(embedding[pool])
    np.testing.assert_array_equal(found["neighbours"][pool], pool[expected.ids])
    np.testing.assert_allclose(
        found["neighbour_distance"][pool], 1 - expected.similarity, atol=1e-6
    )
    by_label = votes(expected, labels[pool], labels[pool]).disagreement
    np.testing.assert_allclose(found["disagreement"][pool], by_label, atol=1e-6)
    assert np.isin(found["neighbours"][[3, 9]], pool).all()
    assert np.isnan(found["disagreement"][[3, 7, 9]]).all()
    assert (found["neighbours"][7] == -1).all()


def test_many_images_are_compared_with_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.evidence._REFERENCES", 20)
    labels = (np.arange(50) % 2).astype(np.int32)
    embedding = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    found = neighbours_of(material_of(labels), embedding)
    assert found["neighbours"].shape == (50, 10)
    assert len(np.unique(found["neighbours"])) <= 20


@pytest.mark.parametrize("n_classes", [0, 1, 3])
def test_images_without_a_label_are_put_in_order(tmp_path: Path, n_classes: int) -> None:
    images, labels = bars(60)
    labels[:] = np.where((labels < n_classes) & (np.arange(60) < 40), labels, -1)
    list(session(request_for(tmp_path, labels), images))
    order = scores_of(tmp_path).evidence.by_name["labelling"]
    assert (np.isnan(order) == (labels >= 0)).all()
    known = np.sort(order[labels < 0])
    np.testing.assert_allclose(known, np.arange(1, len(known) + 1) / len(known), rtol=1e-5)


def test_where_all_have_a_label_there_is_no_labelling_order(tmp_path: Path) -> None:
    images, labels = bars(60)
    list(session(request_for(tmp_path, labels), images))
    assert "labelling" not in scores_of(tmp_path).evidence.by_name


@pytest.mark.parametrize("label", [0, -1])
def test_without_two_classes_there_is_nothing_to_disagree(label: int) -> None:
    labels = np.full(10, label, np.int32)
    assert neighbours_of(material_of(labels), np.ones((10, 2), np.float32)) == {}
