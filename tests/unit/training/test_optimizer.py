"""Each parameter of a net is stepped, by the optimiser it is given to, and steps can go on."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor

from models.nets.patch_net import NetConfig, PatchNet
from models.training.optimizer import Optimizer

pytestmark = pytest.mark.slow

IMAGES = torch.rand(16, 1, 16, 16, generator=torch.Generator().manual_seed(0))


def new_net() -> PatchNet:
    torch.manual_seed(1)
    net = PatchNet(NetConfig((16, 16, 1), 3, 8))
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def weights(net: PatchNet) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in net.named_parameters()}


def step(net: PatchNet, optimizer: Optimizer, times: int) -> None:
    for _ in range(times):
        logits = net(IMAGES)
        optimizer.step(logits.logsumexp(1).mean() - logits[:, 0].mean(), 1e-2)


def test_every_trained_parameter_moves_and_no_other() -> None:
    net = new_net()
    before = weights(net)
    step(net, Optimizer(net, 0.0), 1)
    for name, parameter in net.named_parameters():
        assert torch.equal(before[name], parameter) != parameter.requires_grad, name


def test_filters_are_changed_in_every_direction_alike() -> None:
    net = new_net()
    before = net.stages[0][0][0].weight.detach().clone()  # type: ignore[index]
    step(net, Optimizer(net, 0.0), 1)
    change = net.stages[0][0][0].weight.detach() - before  # type: ignore[index]
    strengths = torch.linalg.svdvals(change.flatten(1))
    assert strengths.min() > 0.2 * strengths.max()


def test_weight_decay_shrinks() -> None:
    norms = []
    for decay in (0.0, 1.0):
        net = new_net()
        step(net, Optimizer(net, decay), 3)
        norms.append(float(sum(value.norm() for value in weights(net).values())))
    assert norms[1] < norms[0]


def test_what_was_saved_goes_on_bit_for_bit() -> None:
    net = new_net()
    optimizer = Optimizer(net, 0.1)
    step(net, optimizer, 2)
    state = deepcopy(optimizer.state())
    again = new_net()
    again.load_state_dict(net.state_dict())
    other = Optimizer(again, 0.1)
    other.load(state)
    step(net, optimizer, 2)
    step(again, other, 2)
    for name, value in weights(net).items():
        assert torch.equal(value, weights(again)[name]), name
