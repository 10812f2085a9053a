"""Marks near the border: pixels that have one value in nearly all images of a class alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.audit.by_class import Grouping
from models.audit.traces import Bytes
from models.types import Mask

_NEARLY_ALL = 0.8  # of the images of a class
_MORE = 0.5  # of the class than of the others
_BACKGROUND = 0.1  # of all pixels of the border: a value that says nothing of a class
_SAMPLED = 1_000  # images that say what is background
_REACH = 8  # the border is this part of the shorter side


@dataclass(frozen=True)
class Patch:
    """Pixels of one class that hardly ever change."""

    group: int
    size: int  # pixels
    value: str  # "255", or "(255, 0, 0)"
    where: str  # "in the upper left corner"
    own: float  # share of the class, of the pixel that tells most
    rest: float


def patches(pixels: Bytes, of: Grouping) -> Iterator[Patch]:
    """The mark of each class that has one; pixels are (m, h, w, c)."""
    height, width = pixels.shape[1:3]
    ring = _ring(height, width)
    values = _as_one(pixels[:, ring])
    background = _frequent(values)
    for group in range(of.k):
        members = of.classes == group
        usual = np.median(values[members], axis=0).astype(np.uint32)  # the value of most, if any
        same = (values[members] == usual).mean(axis=0)
        candidates = np.flatnonzero((same >= _NEARLY_ALL) & ~np.isin(usual, background))
        if not len(candidates):
            continue
        rest = _of_others(values[:, candidates] == usual[candidates], members, of.splits)
        telling = same[candidates] - rest >= _MORE
        if telling.any():
            at = candidates[telling]
            best = int(np.argmax((same[candidates] - rest)[telling]))
            yield Patch(
                group,
                len(at),
                _value(int(usual[at[best]]), pixels.shape[3]),
                _place(np.argwhere(ring)[at], height, width),
                float(same[at[best]]),
                float(rest[telling][best]),
            )


def _ring(height: int, width: int) -> Mask:
    reach = max(1, min(height, width) // _REACH)
    ring = np.ones((height, width), bool)
    ring[reach : height - reach, reach : width - reach] = False
    return ring


def _as_one(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Channels (m, p, c) as one number (m, p)."""
    found = pixels[..., 0].astype(np.uint32)
    for channel in range(1, pixels.shape[2]):
        found = (found << np.uint32(8) | pixels[..., channel]).astype(np.uint32)
    return found


def _frequent(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    some = values[:: max(1, len(values) // _SAMPLED)]
    every, counts = np.unique(some, return_counts=True)
    frequent: NDArray[np.uint32] = every[counts >= _BACKGROUND * some.size]
    return frequent


def _of_others(same: Mask, members: Mask, splits: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of the others, each split counting for as much as the class has there. (p,)"""
    share, weights = np.zeros(same.shape[1]), 0
    for split in np.unique(splits[members]):
        others = same[(splits == split) & ~members]
        n = int((members & (splits == split)).sum())
        if len(others):
            share, weights = share + n * others.mean(axis=0), weights + n
    # Where no other class is in the same splits, nothing is known of the others.
    return share / weights if weights else np.ones(same.shape[1])


def _value(code: int, channels: int) -> str:
    parts = [code >> 8 * (channels - 1 - channel) & 255 for channel in range(channels)]
    return str(parts[0]) if len(set(parts)) == 1 else f"({', '.join(map(str, parts))})"


def _place(at: NDArray[np.int64], height: int, width: int) -> str:
    down, across = (at[:, 0] + 0.5) / height, (at[:, 1] + 0.5) / width
    if np.ptp(down) > 0.6 and np.ptp(across) > 0.6:
        return "along the border"
    vertical = _side(down, "upper", "lower")
    horizontal = _side(across, "left", "right")
    if vertical and horizontal:
        return f"in the {vertical} {horizontal} corner"
    side = vertical or horizontal
    return f"at the {side} edge" if side else "near the border"


def _side(share: NDArray[np.float64], first: str, second: str) -> str:
    """Of positions in [0, 1], which half they are in; empty if in both."""
    if np.ptp(share) > 0.5 or 0.35 < share.mean() < 0.65:
        return ""
    return first if share.mean() < 0.5 else second
