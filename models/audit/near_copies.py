"""Pairs of images that are one picture: shifted, mirrored, brighter, noisier, compressed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.scoring.neighbours import NeighbourSearch
from models.training.resizing import resized
from models.types import Embedding, Event, Progress, SampleIds

TURNS = ("", "mirrored", "turned by 90°", "turned by 90° and mirrored",
         "turned by 180°", "turned by 180° and mirrored",
         "turned by 270°", "turned by 270° and mirrored")  # fmt: skip
"""What makes the second of a pair out of the first, by `Copies.turn`."""

_SIDE_PX = 16  # candidates are looked for among images made this small
_WAVES = 8  # the longest in each direction, by which moved images are found
_NEIGHBOURS = 8  # candidates of each image and way of looking
_WORTH_A_LOOK = 0.7  # correlation of the small images, for the large ones to be compared
_SHIFT_PX = 2
_AT_ONCE = 4_096  # pairs


@dataclass(frozen=True)
class Copies:
    """Pairs a < b of sample ids, the surest first. Arrays of length p."""

    a: SampleIds
    b: SampleIds
    likeness: NDArray[np.float32]  # correlation of the pixels at the best shift and turn
    contrast: NDArray[np.float32]  # how much nearer than either is to any other image, in (0, 1)
    turn: NDArray[np.uint8]  # of TURNS


def near_copies(
    pixels: NDArray[np.uint8] | NDArray[np.float16],
    ids: SampleIds,
    embedding: Embedding | None = None,
) -> Generator[Event, None, Copies]:
    """Find copies; yields Progress.

    Parameters
    ----------
    pixels : (n, h, w, c)
        All images, of one size.
    ids : (m,)
        Which to look among.
    embedding : float32 (n, d)
        How a net sees them, where there is one; another source of candidates.

    Notes
    -----
    Candidates are nearest neighbours of the small images, of what no turn, mirroring or shift
    changes, and of the embedding. How alike a pair is, is the correlation of its pixels, best of
    all turns and small shifts, which no gain or offset changes.
    """
    small = _small(pixels, ids)
    pairs: list[NDArray[np.int64]] = []
    views = [_directions(small), _unmoved(pixels, ids)]
    if embedding is not None and np.isfinite(embedding[ids]).all():
        views.append(embedding[ids])
    usual = np.zeros(len(ids), np.float32)
    for place, view in enumerate(views):
        found, distance = yield from _neighbours(view, place, len(views))
        pairs.append(found)
        if not place:
            usual = distance
    both = np.unique(np.concatenate(pairs), axis=0)
    both, turn, alike = _turned(small, both)
    likeness = yield from _compared(pixels, ids, both, turn)
    apart = np.sqrt(np.maximum(2 - 2 * np.maximum(likeness, alike), 1e-9))
    contrast = apart / np.maximum(np.minimum(usual[both[:, 0]], usual[both[:, 1]]), 1e-6)
    order = np.argsort(contrast, kind="stable")
    both = both[order]
    return Copies(ids[both[:, 0]], ids[both[:, 1]], likeness[order], contrast[order], turn[order])


def _small(pixels: NDArray[np.generic], ids: SampleIds) -> NDArray[np.float32]:
    """(m, side, side, c), each channel of each image about its mean."""
    _, height, width, channels = pixels.shape
    blocks = []
    for start in range(0, len(ids), _AT_ONCE):
        stack = pixels[ids[start : start + _AT_ONCE]].astype(np.float32)
        beside = stack.transpose(1, 2, 3, 0).reshape(height, width, -1)
        if (height, width) != (_SIDE_PX, _SIDE_PX):
            beside = resized(beside, _SIDE_PX, _SIDE_PX)
        made = beside.reshape(_SIDE_PX, _SIDE_PX, channels, -1).transpose(3, 0, 1, 2)
        blocks.append(made - made.mean(axis=(1, 2), keepdims=True))
    return np.concatenate(blocks)


def _directions(values: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = values.reshape(len(values), -1)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    directions: NDArray[np.float32] = flat / np.maximum(length, 1e-6)
    return directions


def _unmoved(pixels: NDArray[np.generic], ids: SampleIds) -> NDArray[np.float32]:
    """(m, f) what no shift, turn, mirroring or gain changes: how strong the long waves are."""
    parts = []
    most = min(_WAVES, *(side // 2 for side in pixels.shape[1:3]))
    one_way = np.arange(most + 1)
    for start in range(0, len(ids), _AT_ONCE):
        images = pixels[ids[start : start + _AT_ONCE]].astype(np.float32)
        images -= images.mean(axis=(1, 2), keepdims=True)
        upright = np.abs(np.fft.fft2(images, axes=(1, 2)))[:, one_way]
        both_ways = upright[:, :, one_way] + upright[:, :, -one_way]
        waves = both_ways + both_ways.transpose(0, 2, 1, 3)
        parts.append(_directions(np.sqrt(waves).astype(np.float32)))
    made = np.concatenate(parts)
    centred: NDArray[np.float32] = made - made.mean(axis=0)
    return centred


def _neighbours(
    view: NDArray[np.float32], place: int, of: int
) -> Generator[Event, None, tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Pairs of rows (p, 2), and how far each row is from others as a rule."""
    n = len(view)
    search = NeighbourSearch(view, _NEIGHBOURS)
    pairs, usual = [], np.empty(n, np.float32)
    for rows in search.blocks(n):
        own = np.arange(rows.start, rows.stop)
        found = search.nearest(view[rows], own)
        k = found.ids.shape[1]
        pairs.append(np.stack([own.repeat(k), found.ids.reshape(-1)], axis=1))
        usual[rows] = np.sqrt(np.maximum(2 - 2 * found.similarity[:, k // 2 :], 0)).mean(axis=1)
        yield Progress(place * n + rows.stop, of * n, "looking for copies")
    joined = np.concatenate(pairs).astype(np.int64)
    joined.sort(axis=1)
    return joined, usual


def _turned(
    small: NDArray[np.float32], pairs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.float32]]:
    """Of the pairs those alike enough to be compared in full, the turn in which they are most
    alike, and how much so."""
    directions = _directions(small).reshape(small.shape)
    best = np.full(len(pairs), -1, np.float32)
    turn = np.zeros(len(pairs), np.uint8)
    for code in range(len(TURNS)):
        second = np.ascontiguousarray(_turn(directions, code)).reshape(len(small), -1)
        first = directions.reshape(len(small), -1)
        for start in range(0, len(pairs), 1 << 15):
            some = slice(start, start + (1 << 15))
            a, b = pairs[some].T
            alike = np.einsum("ij,ij->i", second[a], first[b])
            better = alike > best[some]
            best[some] = np.where(better, alike, best[some])
            turn[some] = np.where(better, code, turn[some]).astype(np.uint8)
    kept = best >= _WORTH_A_LOOK
    return pairs[kept], turn[kept], best[kept]


def _turn(images: NDArray[np.generic], code: int) -> NDArray[np.generic]:
    """Images (m, h, w, c) turned by code // 2 quarters, mirrored if code is odd."""
    turned = np.rot90(images, code // 2, axes=(1, 2))
    return turned[:, :, ::-1] if code % 2 else turned


def _compared(
    pixels: NDArray[np.generic],
    ids: SampleIds,
    pairs: NDArray[np.int64],
    turn: NDArray[np.uint8],
) -> Generator[Event, None, NDArray[np.float32]]:
    """(p,) correlation of the pixels at the best small shift."""
    height, width = pixels.shape[1:3]
    square = height == width
    likeness = np.full(len(pairs), -1, np.float32)
    for code in range(len(TURNS)):
        if code // 2 % 2 and not square:  # a quarter turn of an oblong image has another shape
            continue
        of_turn = np.flatnonzero(turn == code)
        for start in range(0, len(of_turn), _AT_ONCE):
            some = of_turn[start : start + _AT_ONCE]
            a, b = (ids[pairs[some, side]] for side in (0, 1))
            first = _turn(pixels[a].astype(np.float32), code)
            second = pixels[b].astype(np.float32)
            likeness[some] = _best_shift(
                torch.from_numpy(np.ascontiguousarray(first)), torch.from_numpy(second)
            ).numpy()
            yield Progress(start + len(some), len(of_turn), "comparing copies")
    return likeness


def _best_shift(first: Tensor, second: Tensor) -> Tensor:
    """Correlation (m,) of the parts that two stacks (m, h, w, c) share, best over shifts."""
    height, width = first.shape[1:3]
    most = _SHIFT_PX
    best = torch.full((len(first),), -1.0)
    for dy in range(-most, most + 1):
        for dx in range(-most, most + 1):
            a = first[:, max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
            b = second[:, max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)]
            a = a - a.mean(dim=(1, 2), keepdim=True)
            b = b - b.mean(dim=(1, 2), keepdim=True)
            top = (a * b).sum(dim=(1, 2, 3))
            size = (a * a).sum(dim=(1, 2, 3)) * (b * b).sum(dim=(1, 2, 3))
            best = torch.maximum(best, top / size.clamp_min(1e-12).sqrt())
    return best
