"""PatchNet: any size, its stem, its embedding."""

from __future__ import annotations

import pytest
import torch

from models.nets.patch_net import NetConfig, PatchNet


def a_net(*shape: int, n_classes: int = 4) -> tuple[PatchNet, torch.Tensor]:
    height, width, channels = shape
    torch.manual_seed(0)
    images = torch.rand(6, channels, height, width)
    net = PatchNet(NetConfig((height, width, channels), n_classes, 4))
    with torch.no_grad():
        net.fit_stem(images)
    return net, images


@pytest.mark.parametrize(
    "shape", [(8, 8, 1), (8, 64, 3), (9, 13, 1), (15, 15, 3), (16, 16, 1), (28, 28, 1), (64, 43, 3)]
)
def test_any_size_gives_logits_and_gradients(shape: tuple[int, int, int]) -> None:
    net, images = a_net(*shape)
    logits = net(images)
    assert logits.shape == (6, 4)
    assert net.embed(images).shape == (6, 16)
    logits.sum().backward()
    assert all(p.grad is not None for p in net.parameters() if p.requires_grad)


def test_a_thousand_classes() -> None:
    net, images = a_net(8, 8, 1, n_classes=1_000)
    assert net(images).shape == (6, 1_000)


@pytest.mark.slow
def test_the_stem_whitens_its_patches_and_holds_each_filter_twice() -> None:
    net, _ = a_net(28, 28, 1)
    torch.manual_seed(1)
    images = torch.rand(50, 1, 28, 28)
    with torch.no_grad():
        net.fit_stem(images)
        answers = net.stem((images - net.mean) / net.deviation)[:, :, 1:-1, 1:-1]
    half = answers.shape[1] // 2
    torch.testing.assert_close(answers[:, :half], -answers[:, half:])
    flat = answers[:, :half].transpose(0, 1).flatten(1)
    covariance = flat @ flat.T / flat.shape[1]
    assert (covariance - torch.eye(half)).abs().max() < 0.1


def test_images_without_contrast_give_a_finite_stem() -> None:
    net, _ = a_net(8, 8, 3)
    with torch.no_grad():
        net.fit_stem(torch.full((5, 3, 8, 8), 0.3))
    assert net.stem.weight.isfinite().all()
