"""One net learning: what it is fitted to where labels are known to go astray."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.nets.patch_net import NetConfig
from models.training.batches import Batches
from models.training.learner import Learner
from models.types import LabelVector, Probs
from tests.helpers.training import bars

pytestmark = pytest.mark.slow


def trained(labels: LabelVector, transition: Probs | None) -> Probs:
    """Two pictures, many times over: no label can be told from another by heart."""
    pixels = np.stack([bars(2)[0][place % 2] for place in range(len(labels))])
    net = NetConfig(pixels.shape[1:], 2, 8)
    ids, batches = np.arange(len(labels)), Batches(pixels, torch.device("cpu"))
    learner = Learner(net, batches, "float32", weight_decay=0.0, seed=0)
    learner.fit_stem(ids)
    learner.expect(transition)
    for _ in range(40):
        learner.step(ids, labels, 3e-3)
    return learner.evaluate(ids)[0]


def test_a_net_that_knows_the_noise_learns_what_the_images_show() -> None:
    _, true = bars(120, n_classes=2)
    astray = (np.arange(120) % 10 < 4) & (true == 0)  # four in ten of one class
    labels = np.where(astray, 1, true).astype(np.int32)
    transition = np.array([[0.6, 0.4], [0.01, 0.99]], np.float32)
    fitted_to_labels = trained(labels, None)[true == 0, 0].mean()
    fitted_to_images = trained(labels, transition)[true == 0, 0].mean()
    assert fitted_to_images > fitted_to_labels + 0.1
    assert fitted_to_images > 0.9


def test_without_noise_the_loss_is_the_cross_entropy() -> None:
    images, labels = bars(40, n_classes=2)
    pixels = np.stack(images)
    losses = []
    for transition in (None, np.eye(2, dtype=np.float32) * (1 - 1e-6) + 5e-7):
        net = NetConfig(pixels.shape[1:], 2, 8)
        batches = Batches(pixels, torch.device("cpu"))
        learner = Learner(net, batches, "float32", weight_decay=0.0, seed=0)
        learner.expect(transition)
        losses.append(learner.step(np.arange(40), labels, 1e-3)[1])
    torch.testing.assert_close(losses[1], losses[0], atol=1e-4, rtol=0)


def test_class_weights_change_what_is_learnt_and_not_what_the_loss_is_said_to_be() -> None:
    images, _ = bars(40, n_classes=2)
    pixels, rare = np.stack(images), (np.arange(40) == 1).astype(np.int32)
    said, sure = [], []
    for weights in (None, np.array([0.5, 20], np.float32)):
        net = NetConfig(pixels.shape[1:], 2, 8)
        learner = Learner(net, Batches(pixels, torch.device("cpu")), "float32", 0.0, seed=0)
        if weights is not None:
            learner.weigh(weights)
        said.append(learner.step(np.arange(40), rare, 1e-3)[1])
        for _ in range(5):
            learner.step(np.arange(40), rare, 1e-3)
        sure.append(learner.evaluate(np.arange(40))[0][:, 1].mean())
    torch.testing.assert_close(said[1], said[0])
    assert sure[1] > sure[0]
