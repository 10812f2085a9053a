"""Lays one image over another: the shift and stretch at which they are most alike."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, pad

_DAMPING = 1e-3
_FAINTEST = 0.05  # gain
_STEP, _STEP_PX = 0.1, 2.0
_MOST = 0.3  # that a side is stretched

Place = Tensor
"""float32 (m, 4): by how much wider, higher, right and down the second of a pair is, in shares and
pixels."""


def aligned(first: Tensor, second: Tensor, place: Place, blurs: Sequence[int]) -> Place:
    """Better places for grey images (m, h, w), by Gauss-Newton from those given.

    `blurs` is how often both are blurred before each step: that leads from further away.

    References
    ----------
    Baker and Matthews (2004), "Lucas-Kanade 20 Years On: A Unifying Framework", IJCV 56.
    """
    x, y = _grid(first)
    for times in blurs:
        wanted, seen = blurred(first[:, None], times).flatten(1), blurred(second[:, None], times)
        right, down = _slopes(seen)
        laid, inside = laid_over(torch.cat([seen, right, down], dim=1), place)
        values, right, down = laid.unbind(1)
        # wanted = gain * (values + slopes * step) + offset, by least squares where both are seen
        parts = [right * x, down * y, right, down, values, torch.ones_like(values)]
        terms = torch.stack(parts, dim=-1).flatten(1, 2)  # (m, h w, 6)
        weighted = (terms * inside.flatten(1)[..., None]).transpose(1, 2)
        normal = weighted @ terms
        size = torch.diagonal(normal, dim1=1, dim2=2)
        normal = normal + torch.diag_embed(size * _DAMPING + _DAMPING)
        solved = torch.linalg.solve(normal, (weighted @ wanted[..., None]))[..., 0]
        gain = solved[:, 4:5]
        step = solved[:, :4] / torch.where(gain < _FAINTEST, _FAINTEST, gain)
        stretch = (place[:, :2] + step[:, :2].clamp(-_STEP, _STEP)).clamp(-_MOST, _MOST)
        place = torch.cat([stretch, place[:, 2:] + step[:, 2:].clamp(-_STEP_PX, _STEP_PX)], dim=1)
    return place


def laid_over(images: Tensor, place: Place) -> tuple[Tensor, Tensor]:
    """Images (m, c, h, w) brought from their places, and float32 (m, 1, h, w): 1 where they lie."""
    height, width = images.shape[-2:]
    x, y = _grid(images)
    across = x * (1 + place[:, 0, None, None]) + place[:, 2, None, None]
    along = y * (1 + place[:, 1, None, None]) + place[:, 3, None, None]
    grid = torch.stack([across * 2 / (width - 1), along * 2 / (height - 1)], dim=-1)
    inside = (grid.abs() <= 1 + 1e-3).all(dim=-1)[:, None].float()
    laid = grid_sample(images, grid, padding_mode="border", align_corners=True)
    return laid, inside


def blurred(images: Tensor, times: int) -> Tensor:
    """Images (..., h, w) after so many passes of a 3 x 3 binomial filter."""
    for _ in range(times):
        around = pad(images, (1, 1, 1, 1), mode="replicate")
        images = (around[..., :-2, :] + 2 * around[..., 1:-1, :] + around[..., 2:, :]) / 4
        images = (images[..., :-2] + 2 * images[..., 1:-1] + images[..., 2:]) / 4
    return images


def _grid(images: Tensor) -> tuple[Tensor, Tensor]:
    """x and y (h, w) of each pixel, from the middle."""
    height, width = images.shape[-2:]
    y = torch.arange(height) - (height - 1) / 2
    x = torch.arange(width) - (width - 1) / 2
    return x.expand(height, width), y[:, None].expand(height, width)


def _slopes(images: Tensor) -> tuple[Tensor, Tensor]:
    """How much images (m, 1, h, w) rise to the right and down."""
    around = pad(images, (1, 1, 1, 1), mode="replicate")
    right = (around[..., 1:-1, 2:] - around[..., 1:-1, :-2]) / 2
    return right, (around[..., 2:, 1:-1] - around[..., :-2, 1:-1]) / 2
