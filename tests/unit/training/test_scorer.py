"""Scores of splits of different origin share one ranking."""

from __future__ import annotations

import numpy as np

from models.scoring.calibration import to_power
from models.training.images import TrainingImages
from models.training.material import Material
from models.training.roles import Role
from models.training.scorer import _calibrated


def test_an_overconfident_split_is_brought_to_the_scale_of_the_held_out() -> None:
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
    stored = probs.copy()
    stored[2_000:] = to_power(probs[2_000:], 2.0)
    calibrated = _calibrated(material, stored)
    np.testing.assert_array_equal(calibrated[:2_000], stored[:2_000])
    np.testing.assert_allclose(calibrated[2_000:], probs[2_000:], atol=0.06)
