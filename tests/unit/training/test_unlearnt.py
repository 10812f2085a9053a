"""Held-out images tell how learnt labels go astray, unless something else happened to theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.trained import digits
from models.training.roles import Role
from models.training.unlearnt import telling_of_noise
from models.types import LabelVector, Probs
from tests.helpers.training import material, request_for, scores_of, session

K, N = 6, 1_200
SPLITS = {"train": 800, "validation": 400}
VALIDATION = slice(800, N)
ROLES = np.repeat([Role.TRAINED, Role.HELD_OUT], [800, 400])
Damage = Callable[[LabelVector, np.random.Generator], LabelVector]


def simulated() -> tuple[Probs, LabelVector]:
    """Probabilities of a model that is right nine times in ten, and labels wrong for one in ten."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, K, N)
    seen, labels = (np.where(rng.random(N) < 0.9, truth, rng.integers(0, K, N)) for _ in range(2))
    probs = np.full((N, K), 0.02, np.float32)
    probs[np.arange(N), seen] += 1 - 0.02 * K
    return probs, labels.astype(np.int32)


def swapped(labels: LabelVector, _: np.random.Generator) -> LabelVector:
    exchanged: LabelVector = np.array([0, 2, 1, 3, 4, 5], np.int32)[labels]
    return exchanged


def in_another_order(labels: LabelVector, rng: np.random.Generator) -> LabelVector:
    return rng.permutation(labels)


def test_a_validation_split_whose_labels_are_mostly_right_tells() -> None:
    probs, labels = simulated()
    of = material(labels, ROLES, K, SPLITS)
    assert np.flatnonzero(telling_of_noise(of, probs)).tolist() == list(range(800, N))


@pytest.mark.parametrize("damage", [swapped, in_another_order])
def test_what_happened_to_the_validation_split_alone_says_nothing(damage: Damage) -> None:
    probs, labels = simulated()
    labels[VALIDATION] = damage(labels[VALIDATION], np.random.default_rng(1))
    assert not telling_of_noise(material(labels, ROLES, K, SPLITS), probs).any()


@pytest.mark.parametrize("damage", [swapped, in_another_order])
def test_what_was_held_out_of_the_split_that_is_learnt_tells_of_it(damage: Damage) -> None:
    probs, labels = simulated()
    labels = damage(labels, np.random.default_rng(1))
    told = telling_of_noise(material(labels, ROLES, K), probs)
    assert np.flatnonzero(told).tolist() == list(range(800, N))


def test_images_not_looked_at_yet_tell_nothing() -> None:
    probs, labels = simulated()
    probs[VALIDATION] = np.nan
    assert not telling_of_noise(material(labels, ROLES, K, SPLITS), probs).any()


@pytest.mark.slow
def test_a_validation_split_in_another_order_does_not_lead_training_astray(tmp_path: Path) -> None:
    images, given = digits()
    some = np.random.default_rng(0).permutation(len(images))[:900]
    truth = np.asarray(given)[some].astype(np.int32)
    labels = truth.copy()
    labels[600:] = np.random.default_rng(1).permutation(truth[600:])
    pixels = [images[i].reshape(*images[i].shape[:2], 1) for i in some.tolist()]
    config = {"epochs": 8, "width": 8, "threads": 1, "dtype": "float32"}
    request = request_for(tmp_path, labels, 10, config=config)
    list(session(request, pixels, n_classes=10, splits={"train": 600, "validation": 300}))
    predicted = scores_of(tmp_path).probabilities.argmax(axis=1)
    assert (predicted == truth)[:600].mean() > 0.9
