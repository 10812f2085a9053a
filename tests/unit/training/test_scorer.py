"""Scores of splits of different origin share one ranking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.scoring.calibration import to_power
from models.training.images import TrainingImages
from models.training.material import Material
from models.training.roles import Role
from models.training.scorer import _calibrated
from models.types import UNLABELLED, Probs


def simulated() -> tuple[Material, Probs]:
    """Thirds of a dataset that were trained on, held out, and of another split; what is likely."""
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.full(4, 0.5), 3_000).astype(np.float32)
    labels = (probs.cumsum(axis=1) < rng.random(3_000)[:, None]).sum(axis=1).clip(max=3)
    roles = np.repeat([Role.TRAINED, Role.HELD_OUT, Role.SCORED], 1_000).astype(np.uint8)
    everything = np.ones(3_000, bool)
    material = Material(
        images=TrainingImages(
            np.zeros((3_000, 1, 1, 1), np.uint8), everything, np.zeros((3_000, 16), np.uint8)
        ),
        labels=labels.astype(np.int32),
        included=everything,
        roles=roles,
        splits=("train", "test"),
        split_codes=np.repeat([0, 0, 1], 1_000).astype(np.uint8),
        class_names=("a", "b", "c", "d"),
    )
    return material, probs


def test_an_overconfident_split_is_brought_to_the_scale_of_the_held_out() -> None:
    material, probs = simulated()
    stored = probs.copy()
    stored[2_000:] = to_power(probs[2_000:], 2.0)
    calibrated = _calibrated(material, stored)
    np.testing.assert_array_equal(calibrated[:2_000], stored[:2_000])
    np.testing.assert_allclose(calibrated[2_000:], probs[2_000:], atol=0.06)


def test_where_the_held_out_are_less_sure_than_they_could_be_so_is_the_other_split() -> None:
    material, probs = simulated()
    stored = to_power(probs, 0.5)
    calibrated = _calibrated(material, stored)
    np.testing.assert_allclose(calibrated, stored, atol=0.06)
    stored[2_000:] = probs[2_000:]
    np.testing.assert_allclose(_calibrated(material, stored), calibrated, atol=0.06)


def test_a_split_with_few_labels_stays_on_the_scale_it_shares_with_the_held_out() -> None:
    material, probs = simulated()
    averaged = to_power(probs, 0.5)  # less sure than they could be, all of them alike
    material.labels[2_040:] = UNLABELLED
    np.testing.assert_array_equal(_calibrated(material, averaged), averaged)


def test_images_of_a_class_that_was_not_trained_on_do_not_blur_all_others_of_their_split() -> None:
    material, probs = simulated()
    material.labels[:2_000] %= 3
    probs[:, 3] = 1e-6
    probs /= probs.sum(axis=1, keepdims=True)
    few = np.flatnonzero(material.labels[2_000:] != 3)
    calibrated = _calibrated(material, probs)[2_000:]
    material.labels[material.labels == 3] = UNLABELLED
    np.testing.assert_array_equal(calibrated[few], _calibrated(material, probs)[2_000:][few])


def test_a_validation_split_of_random_labels_does_not_sharpen_the_other_splits() -> None:
    material, probs = simulated()
    codes = np.repeat([0, 1, 2], 1_000).astype(np.uint8)
    damaged = replace(material, splits=("train", "validation", "test"), split_codes=codes)
    damaged.labels[1_000:2_000] = np.random.default_rng(1).permutation(damaged.labels[1_000:2_000])
    np.testing.assert_allclose(_calibrated(damaged, probs), probs, atol=0.06)
