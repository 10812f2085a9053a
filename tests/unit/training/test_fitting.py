"""Fit: which epochs count in the averages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from models.nets.patch_net import NetConfig
from models.processes.child import Controls
from models.training.batches import Batches
from models.training.fitting import Fit, Recipe
from models.training.learner import Learner
from models.training.roles import Role
from models.training.steering import Steering
from models.types import EpochEnded, Mask, SampleIds
from tests.helpers.training import material

pytestmark = pytest.mark.slow


def fit_of(schedule: tuple[int, ...], n_held_out: int = 4, most_images: int | None = None) -> Fit:
    roles = np.full(20, Role.TRAINED, np.uint8)
    roles[:n_held_out] = Role.HELD_OUT
    batches = Batches(np.zeros((20, 8, 8, 1), np.uint8), torch.device("cpu"))
    learner = Learner(NetConfig((8, 8, 1), 2, 1), batches, "float32", 0.1, 0)
    recipe = Recipe("training", schedule, 4, 1e-3, 0, False, False, most_images)
    of = material(np.arange(20) % 2, roles, 2)
    return Fit(of, lambda _: learner, recipe, Steering(Controls()))


def knowing(train: float, held_out: float) -> dict[str, float]:
    return {"train_accuracy": train, "held_out_accuracy": held_out}


def test_later_epochs_of_a_net_count_more() -> None:
    fit = fit_of((3, 2))
    fit.curves = [knowing(0.8, 0.8)] * 5
    weights = [fit._weight(epoch) for epoch in range(1, 6)]
    assert weights[0] < weights[1] < weights[2]
    assert weights[3:] == weights[:2]


def test_what_is_known_by_heart_does_not_count() -> None:
    fit = fit_of((4,))
    weights = []
    for by_itself in (0.8, 0.9, 1.0):  # none, half and all of what it has wrong of others
        fit.curves = [knowing(by_itself, 0.8)]
        weights.append(fit._weight(2))
    assert weights[1] == pytest.approx(weights[0] / 4, rel=0.01)
    assert 0 < weights[2] < 0.01


def test_without_held_out_images_nothing_tells_what_is_known_by_heart() -> None:
    fit = fit_of((4,), n_held_out=0)
    fit.curves = [knowing(1.0, float("nan"))]
    unknown = fit._weight(2)
    fit = fit_of((4,))
    fit.curves = [knowing(0.8, 0.8)]
    assert unknown == pytest.approx(fit._weight(2), rel=0.01)


def test_an_epoch_takes_no_more_images_than_it_is_told_and_the_next_takes_others() -> None:
    fit = fit_of((8,), most_images=4)
    list(fit.epochs(None))
    seen = fit.average.mean()[:, 0]
    n_trained = (~np.isnan(seen[fit.material.trained])).sum()
    assert 4 < n_trained <= 16
    first = fit_of((1,), most_images=4)
    list(first.epochs(None))
    assert (~np.isnan(first.average.mean()[first.material.trained, 0])).sum() == 4


def ended(epoch: int, held_out_accuracy: float) -> EpochEnded:
    return EpochEnded(epoch, 0.1, 1.0, 0.1, held_out_accuracy, 0.0)


def test_of_epochs_that_are_equally_right_the_later_one_is_kept() -> None:
    fit = fit_of((4,))
    for epoch, accuracy in enumerate((0.5, 0.9, 0.9, 0.8), 1):
        fit._keep_best(ended(epoch, accuracy))
    assert (fit._best["epoch"], fit._best["accuracy"]) == (3, 0.9)


def test_images_alternate_between_their_two_sides() -> None:
    fit, seen = fit_of((2,)), dict[int, dict[int, bool]]()
    fit.recipe = replace(fit.recipe, flip=True)

    def step(ids: SampleIds, *_: object, mirrored: Mask, **__: object) -> tuple[Tensor, Tensor]:
        of_epoch = seen.setdefault(len(fit.curves), {})
        of_epoch |= dict(zip(ids.tolist(), mirrored.tolist(), strict=True))
        return torch.full((len(ids), 2), 0.5), torch.zeros(len(ids))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit.learner, "step", step)
        list(fit.epochs(None))
    assert seen[0].keys() == seen[1].keys()
    assert all(seen[0][i] != seen[1][i] for i in seen[0])
    assert 0 < sum(seen[0].values()) < len(seen[0])


def test_held_out_labels_surprise_as_the_net_expects_them_to_go_astray() -> None:
    fit, probs = fit_of((1,)), np.array([[1.0, 0.0]], np.float32)
    fit._transition = np.array([[0.6, 0.4], [0.1, 0.9]], np.float32)
    assert fit._surprise(probs, np.array([1])) == pytest.approx(-np.log(0.4), rel=1e-4)
