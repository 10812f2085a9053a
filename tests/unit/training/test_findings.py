"""Damage to whole classes is found split by split, by images that were not trained on."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.findings import findings
from models.training.roles import Role
from models.types import LabelVector, Probs
from tests.helpers.training import material

K, N = 6, 1_200
SPLITS = {"train": 800, "test": 400}
TEST = slice(800, N)
ENOUGH = 1_000  # steps
ROLES = np.array([*([Role.TRAINED] * 3 + [Role.HELD_OUT]) * 200, *[Role.SCORED] * 400])


def simulated() -> tuple[Probs, LabelVector]:
    """Probabilities of a model that is right nine times in ten, and the truth."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, K, N)
    seen = np.where(rng.random(N) < 0.9, truth, rng.integers(0, K, N))
    probs = np.full((N, K), 0.02, np.float32)
    probs[np.arange(N), seen] += 1 - 0.02 * K
    return probs, truth.astype(np.int32)


def swapped(labels: LabelVector) -> LabelVector:
    exchanged: LabelVector = np.array([0, 2, 1, 3, 4, 5], np.int32)[labels]
    return exchanged


def kinds(probs: Probs, labels: LabelVector, steps: int = ENOUGH) -> list[tuple[str, str]]:
    found = findings(material(labels, ROLES, K, SPLITS), probs, steps)
    return [(one["kind"], one["splits"][0]) for one in found]


def test_sound_labels_have_no_findings() -> None:
    assert kinds(*simulated()) == []


def test_a_split_whose_classes_are_swapped_is_named_with_what_it_is_compared_to() -> None:
    probs, labels = simulated()
    labels[TEST] = swapped(labels[TEST])
    (one,) = findings(material(labels, ROLES, K, SPLITS), probs, ENOUGH)
    assert (one["kind"], one["splits"]) == ("class_swap", ["test"])
    assert one["classes"] == ["class 1", "class 2"]
    assert one["sentence"].startswith("test: The labels class 1 and class 2 seem swapped")
    assert "The model learnt from train" in one["sentence"]
    assert (one["rows"], one["samples"]) == ([0, 400], [800, 1_199])


def test_where_nothing_is_trained_the_model_learnt_from_what_its_weights_had_met() -> None:
    probs, labels = simulated()
    labels[TEST] = swapped(labels[TEST])
    met = np.where(ROLES == Role.TRAINED, Role.MET, ROLES)
    (one,) = findings(material(labels, met, K, SPLITS), probs, 0)
    assert "The model learnt from train:" in one["sentence"]
    elsewhere = np.where(ROLES == Role.TRAINED, Role.HELD_OUT, ROLES)
    (one,) = findings(material(labels, elsewhere, K, SPLITS), probs, 0)
    assert "The model learnt from another dataset:" in one["sentence"]


def test_what_the_weights_know_by_heart_does_not_hide_random_labels() -> None:
    probs, labels = simulated()
    labels[:800] = np.random.default_rng(1).integers(0, K, 800)
    met = np.where(ROLES == Role.TRAINED, Role.MET, ROLES)
    known = np.flatnonzero(met == Role.MET)
    probs[known] = np.eye(K, dtype=np.float32)[labels[known]]
    (one,) = findings(material(labels, met, K, SPLITS), probs, 0)
    assert (one["kind"], one["splits"]) == ("labels_random", ["train"])


def test_what_a_net_learnt_by_heart_does_not_hide_random_labels() -> None:
    probs, labels = simulated()
    labels[:800] = np.random.default_rng(1).integers(0, K, 800)
    trained = np.flatnonzero(ROLES == Role.TRAINED)
    probs[trained] = np.eye(K, dtype=np.float32)[labels[trained]]
    assert kinds(probs, labels) == [("labels_random", "train")]


def test_random_labels_are_named_where_too_few_images_are_held_out_to_tell() -> None:
    probs, labels = simulated()
    roles = np.where(np.arange(N) % 20, Role.TRAINED, Role.HELD_OUT)
    labels = np.random.default_rng(4).permutation(labels)
    (one,) = findings(material(labels, roles, K), probs, ENOUGH)
    assert (one["kind"], one["splits"]) == ("labels_random", ["all"])
    assert one["sentence"].startswith("The labels have nothing to do with the images")


def test_rows_out_of_step_are_found_among_images_trained_on() -> None:
    probs, labels = simulated()
    labels[300:799] = labels[301:800].copy()
    (one,) = findings(material(labels, ROLES, K, SPLITS), probs, ENOUGH)
    assert (one["kind"], one["splits"], one["evidence"]["offset"]) == ("misaligned", ["train"], -1)
    assert abs(one["rows"][0] - 300) < 30


def test_a_net_that_was_hardly_trained_accuses_no_labels() -> None:
    probs, labels = simulated()
    probs = np.random.default_rng(2).permutation(probs)
    assert kinds(probs, labels, steps=20) == []
    assert kinds(probs, labels) == [("labels_random", "train"), ("labels_random", "test")]


def test_a_net_that_fits_one_split_may_call_the_other_random_after_few_steps() -> None:
    probs, labels = simulated()
    labels[TEST] = np.random.default_rng(3).permutation(labels[TEST])
    assert kinds(probs, labels, steps=0) == [("labels_random", "test")]


def test_excluded_images_do_not_count() -> None:
    probs, labels = simulated()
    labels[TEST] = swapped(labels[TEST])
    of = material(labels, ROLES, K, SPLITS)
    of.included[TEST] = False
    assert findings(of, probs, ENOUGH) == []


def test_one_class_cannot_be_damaged() -> None:
    labels, probs = np.zeros(N, np.int32), np.ones((N, 1), np.float32)
    assert findings(material(labels, ROLES, 1, SPLITS), probs, 0) == []


@pytest.mark.parametrize(
    ("label", "why"), [(0, "All labels are class 0"), (-1, "No image has a label")]
)
def test_without_predictions_it_is_said_why(label: int, why: str) -> None:
    nothing = np.full((N, K), np.nan, np.float32)
    labels = np.full(N, label, np.int32)
    (finding,) = findings(material(labels, ROLES, K, SPLITS), nothing, 0)
    assert finding["sentence"].startswith(why)


def test_where_only_the_split_to_learn_from_has_one_class_that_is_why() -> None:
    nothing, labels = np.full((N, K), np.nan, np.float32), np.zeros(N, np.int32)
    labels[TEST] = np.arange(400) % K
    (one,) = findings(material(labels, ROLES, K, SPLITS), nothing, 0)
    assert one["sentence"].startswith("All labels of train are class 0, and no other split")
    labels[:800] = -1
    (one,) = findings(material(labels, ROLES, K, SPLITS), nothing, 0)
    assert one["sentence"].startswith("No image of train has a label, and no other split")


def test_where_few_images_are_the_reason_that_is_said() -> None:
    nothing, labels = np.full((N, K), np.nan, np.float32), np.zeros(N, np.int32)
    labels[0] = 1  # held out
    (one,) = findings(material(labels, ROLES, K), nothing, 0)
    assert one["sentence"].startswith("Only 2 classes have labels, and too few images")
