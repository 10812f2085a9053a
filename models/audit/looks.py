"""How a stack of images looks, in numbers that any processing leaves its trace in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Stack = NDArray[np.float32]  # (m, h, w, c), values as bytes have them: 0 to 255
Looks = NDArray[np.float32]  # (m, f)

_COARSE = 6  # cells a side, for what lies where
_QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
_LAGS = (1, 2, 4)  # px, between which neighbours are compared
_BLOCK_PX = 8  # of JPEG
_RATIO = 30.0  # what a ratio of e counts for, beside differences in values of pixels
_ODD = 0.02  # of the images at either end of a number, which do not decide
_MOST = 25.0  # that one number counts: one that is all different is enough
_RARE = 0.5  # of the spread with odd images counted
_LEAST = 1.0  # spread: smaller differences are nothing, however alike all images are


def looks(images: Stack) -> Looks:
    """Measure images.

    Returns
    -------
    float32 (m, f)
        Values and colours, what lies where, how neighbours differ at some distances, noise, seams
        of JPEG blocks, borders and corners, how many values there are.
    """
    luma = images.mean(axis=3)
    parts = [
        np.quantile(luma.reshape(len(luma), -1), _QUANTILES, axis=1).T,
        images.mean(axis=(1, 2)),
        images.std(axis=(1, 2)),
        _coarse(luma),
        _steps(luma),
        _grain(luma),
        _seams(luma),
        _edges(luma),
        _colours(images),
        _values(images),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Reference:
    """How images look as a rule: what others are compared with."""

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    unit: NDArray[np.float32]  # what counts as a difference of one

    @classmethod
    def of(cls, found: Looks) -> Reference:
        mean, spread = _usual(found)
        # What is the same in all but about as many images as are odd has a spread by chance alone.
        rare = np.float32(_RARE) * found.std(axis=0)
        return cls(mean, spread, np.maximum(np.maximum(spread, rare), np.float32(_LEAST)))

    def distance(self, found: Looks) -> float:
        """How differently others look: the mean over all numbers of the squared difference of
        means and of spreads, in units of the reference (the Fréchet distance of independent
        normal distributions)."""
        mean, spread = _usual(found)
        apart = ((mean - self.mean) / self.unit) ** 2 + ((spread - self.spread) / self.unit) ** 2
        return float(np.minimum(apart, _MOST).mean())


def _usual(found: Looks) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and spread of each number, whatever a few odd images do."""
    low, high = np.quantile(found, (_ODD, 1 - _ODD), axis=0)
    usual = np.clip(found, low, high)
    return usual.mean(axis=0), usual.std(axis=0)


def _coarse(luma: Stack) -> Looks:
    """Mean of each cell of a coarse grid, about the mean of the image."""
    rows, columns = (np.linspace(0, side, _COARSE + 1).astype(int) for side in luma.shape[1:])
    cells = [
        luma[:, top : max(bottom, top + 1), left : max(right, left + 1)].mean(axis=(1, 2))
        for top, bottom in pairwise(rows)
        for left, right in pairwise(columns)
    ]
    found: Looks = np.stack(cells, axis=1)
    found -= found.mean(axis=1, keepdims=True)
    return found


def _steps(luma: Stack) -> Looks:
    """Mean difference of neighbours at some distances, down and across, and between these."""
    found = []
    for lag in _LAGS:
        if min(luma.shape[1:]) <= lag:
            continue
        down = np.abs(luma[:, lag:] - luma[:, :-lag]).mean(axis=(1, 2))
        across = np.abs(luma[:, :, lag:] - luma[:, :, :-lag]).mean(axis=(1, 2))
        found += [down, across]
    ratios = [_ratio(a, b) for a, b in zip(found[2:], found[:-2], strict=True)]
    return np.stack([*found, *ratios], axis=1)


def _ratio(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.float32(_RATIO) * np.log((a + 0.5) / (b + 0.5))
    return found


def _grain(luma: Stack) -> Looks:
    """Noise: how much each pixel differs from what its neighbours say, mean and usual."""
    inner = luma[:, 1:-1, 1:-1]
    beside = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    off = np.abs(4 * inner - beside).reshape(len(luma), -1)
    if not off.size:
        return np.zeros((len(luma), 3), np.float32)
    return np.stack([off.mean(axis=1), *np.quantile(off, (0.2, 0.5), axis=1)], axis=1)


def _seams(luma: Stack) -> Looks:
    """How much stronger steps are where JPEG blocks meet, down and across."""
    found = []
    for axis in (1, 2):
        steps = np.abs(np.diff(luma, axis=axis)).mean(axis=3 - axis)  # (m, side - 1)
        at = np.arange(steps.shape[1]) % _BLOCK_PX == _BLOCK_PX - 1
        if at.any() and not at.all():
            found.append(_ratio(steps[:, at].mean(axis=1), steps[:, ~at].mean(axis=1)))
        else:
            found.append(np.zeros(len(luma), np.float32))
    return np.stack(found, axis=1)


def _edges(luma: Stack) -> Looks:
    """The outermost lines and the corners."""
    lines = (luma[:, 0], luma[:, -1], luma[:, :, 0], luma[:, :, -1])
    corners = (luma[:, 0, 0], luma[:, 0, -1], luma[:, -1, 0], luma[:, -1, -1])
    second = luma[:, 1 : 2 if luma.shape[1] > 1 else 1].mean(axis=(1, 2))
    return np.stack(
        [
            *(line.mean(axis=1) for line in lines),
            *(line.std(axis=1) for line in lines),
            *corners,
            second - lines[0].mean(axis=1),
        ],
        axis=1,
    )


def _colours(images: Stack) -> Looks:
    """Saturation, and by how much channels differ from the next."""
    if images.shape[3] < 2:
        return np.zeros((len(images), 0), np.float32)
    differences = np.diff(images, axis=3)  # (m, h, w, c - 1)
    saturation = (images.max(axis=3) - images.min(axis=3)).mean(axis=(1, 2))
    return np.concatenate(
        [saturation[:, None], differences.mean(axis=(1, 2)), np.abs(differences).mean(axis=(1, 2))],
        axis=1,
    )


def _values(images: Stack) -> Looks:
    """Darkest, brightest, the shares of pixels at either, and how many values there are."""
    flat = images.reshape(len(images), -1)
    low, high = flat.min(axis=1), flat.max(axis=1)
    ordered = np.sort(np.rint(flat), axis=1)
    n_values = 1 + (np.diff(ordered, axis=1) > 0).sum(axis=1)
    return np.stack(
        [
            low,
            high,
            100 * (flat <= low[:, None] + 0.5).mean(axis=1),
            100 * (flat >= high[:, None] - 0.5).mean(axis=1),
            _RATIO * np.log(n_values),
        ],
        axis=1,
    )
