"""Fit: which epochs count in the averages."""

from __future__ import annotations

import numpy as np
import torch

from models.nets.patch_net import NetConfig
from models.processes.child import Controls
from models.training.fitting import Fit, Recipe
from models.training.learner import Learner
from models.training.roles import Role
from models.training.steering import Steering
from tests.helpers.training import material


def fit_of(schedule: tuple[int, ...], n_held_out: int = 4) -> Fit:
    roles = np.full(20, Role.TRAINED, np.uint8)
    roles[:n_held_out] = Role.HELD_OUT
    learner = Learner(NetConfig((8, 8, 1), 2, 1), torch.device("cpu"), "float32", 0.1, 0)
    recipe = Recipe("training", schedule, 4, 1e-3, 0, shift=False, flip=False)
    of = material(np.arange(20) % 2, roles, 2)
    return Fit(of, lambda _: learner, recipe, Steering(Controls()))


def knowing(train: float, held_out: float) -> dict[str, float]:
    return {"train_accuracy": train, "held_out_accuracy": held_out}


def test_later_epochs_of_a_net_count_more() -> None:
    fit = fit_of((3, 2))
    fit.curves = [knowing(0.8, 0.8)] * 5
    weights = [round(fit._weight(epoch)) for epoch in range(1, 6)]
    assert weights == [1, 4, 9, 1, 4]


def test_what_is_known_by_heart_does_not_count() -> None:
    fit = fit_of((4,))
    fit.curves = [knowing(0.9, 0.8)]  # half of what it has wrong of others
    assert round(fit._weight(2), 1) == 1.0
    fit.curves = [knowing(1.0, 0.8)]
    assert 0 < fit._weight(2) < 0.01


def test_without_held_out_images_nothing_tells_what_is_known_by_heart() -> None:
    fit = fit_of((4,), n_held_out=0)
    fit.curves = [knowing(1.0, float("nan"))]
    assert round(fit._weight(2)) == 4
