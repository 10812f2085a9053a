"""What speaks for two images being one picture: their pixels laid over each other at best."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from models.types import Event, Progress, SampleIds

TURNS = ("", "mirrored", "turned by 90°", "turned by 90° and mirrored",
         "turned by 180°", "turned by 180° and mirrored",
         "turned by 270°", "turned by 270° and mirrored")  # fmt: skip
"""What makes the second of a pair out of the first, by `Evidence.turn`."""

_SHIFT_PX = 2
_TRIED = 2  # turns of a pair that are compared in full
_UNDECIDED = 0.1  # a turn this much less alike is not tried
_ROUNDING = 1 / 6  # variance of the difference of two rounded values, in grey levels
_AT_ONCE = 1_024  # pairs


@dataclass(frozen=True)
class Evidence:
    """Of p pairs, each at its best turn and shift. All float32 (p,) save `turn`."""

    turn: NDArray[np.uint8]  # of TURNS
    coarse: NDArray[np.float32]  # correlation when small
    likeness: NDArray[np.float32]  # correlation of the pixels
    detail: NDArray[np.float32]  # correlation of what is left when the blurred image is taken away
    structure: NDArray[np.float32]  # of what differs: 0 for noise and rounding, near 1 for shapes


@dataclass(frozen=True)
class Turns:
    """The likeliest turns of p pairs, best first."""

    code: NDArray[np.uint8]  # (p, 2) of TURNS
    alike: NDArray[np.float32]  # (p, 2) correlation of the small images at the best small shift

    def of(self, which: NDArray[np.bool_]) -> Turns:
        return Turns(self.code[which], self.alike[which])


def best_turns(
    small: NDArray[np.float32], pairs: NDArray[np.int64], square: bool
) -> Generator[Event, None, Turns]:
    """Choose turns by grey small images (m, s, s); `pairs` (p, 2) are rows of them. A quarter turn
    of images that are not `square` has another shape, and is none."""
    codes = [code for code in range(len(TURNS)) if square or code // 2 % 2 == 0]
    images = torch.from_numpy(small)
    inner = images[:, 1:-1, 1:-1]
    chosen = np.empty((len(pairs), _TRIED), np.uint8)
    alike = np.empty(chosen.shape, np.float32)
    for start in range(0, len(pairs), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        a, b = torch.from_numpy(pairs[some]).T
        first = torch.stack([turned(inner[a], code) for code in codes], dim=1).flatten(2)
        second = _windows(images[b], 1).flatten(1, 2).flatten(2)
        found = torch.bmm(_unit(first), _unit(second).transpose(1, 2)).amax(2)  # (m, codes)
        best = found.topk(_TRIED, dim=1)
        chosen[some] = np.array(codes, np.uint8)[best.indices.numpy()]
        alike[some] = best.values.numpy()
        yield Progress(min(some.stop, len(pairs)), len(pairs), "turning copies")
    return Turns(chosen, alike)


def evidence(
    pixels: NDArray[np.generic], ids: SampleIds, pairs: NDArray[np.int64], turns: Turns
) -> Generator[Event, None, Evidence]:
    """Compare pairs in full; yields Progress.

    Parameters
    ----------
    pixels : (n, h, w, c)
    ids : (m,)
    pairs : (p, 2)
        Rows of `ids`.
    """
    best = np.full((3, len(pairs)), -1, np.float32)
    turn = turns.code[:, 0].copy()
    worth = turns.alike >= turns.alike[:, :1] - _UNDECIDED
    done, total = 0, int(worth.sum())
    for tried in range(_TRIED):
        for code in range(len(TURNS)):
            of_turn = np.flatnonzero(worth[:, tried] & (turns.code[:, tried] == code))
            for start in range(0, len(of_turn), _AT_ONCE):
                some = of_turn[start : start + _AT_ONCE]
                a, b = ids[pairs[some]].T
                seen = _laid_over(turned(_stack(pixels, a), code), _stack(pixels, b))
                better = seen[0] > best[0, some]
                best[:, some[better]] = seen[:, better]
                turn[some[better]] = code
                done += len(some)
                yield Progress(done, total, "comparing copies")
    return Evidence(turn, turns.alike[:, 0], best[0], best[1], best[2])


def turned(images: Tensor, code: int) -> Tensor:
    """Images (..., h, w) turned by code // 2 quarters, mirrored if code is odd."""
    made = torch.rot90(images, code // 2, dims=(-2, -1))
    return made.flip(-1) if code % 2 else made


def _stack(pixels: NDArray[np.generic], ids: SampleIds) -> Tensor:
    """float32 (m, c, h, w) in grey levels"""
    values = torch.from_numpy(pixels[ids].astype(np.float32)).permute(0, 3, 1, 2)
    return values.contiguous() * (1 if pixels.dtype == np.uint8 else 255)


def _windows(images: Tensor, reach: int) -> Tensor:
    """(m, 2 * reach + 1, 2 * reach + 1, h - 2 * reach, w - 2 * reach), one for each shift."""
    height, width = (side - 2 * reach for side in images.shape[-2:])
    windows: Tensor = images.unfold(-2, height, 1).unfold(-2, width, 1)
    return windows


def _unit(values: Tensor) -> Tensor:
    """Vectors (..., f) about their mean, of length 1."""
    centred = values - values.mean(dim=-1, keepdim=True)
    length = centred.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    unit: Tensor = centred / length
    return unit


def _laid_over(first: Tensor, second: Tensor) -> NDArray[np.float32]:
    """(3, m) likeness, detail and structure of stacks (m, c, h, w) at the best small shift."""
    m, _, height, width = first.shape
    reach = min(_SHIFT_PX, min(height, width) // 8)
    inner = first[..., reach : height - reach, reach : width - reach]
    windows = _windows(second, reach)  # (m, c, shifts, shifts, h', w')
    shift = _best_shift(inner.mean(dim=1), second.mean(dim=1))
    sides = 2 * reach + 1
    rows = torch.arange(m)
    outer = windows[rows, :, shift // sides, shift % sides]  # (m, c, h', w')
    a, b = (x - x.mean(dim=(2, 3), keepdim=True) for x in (inner, outer))
    detail = _correlation(_sharp(a), _sharp(b))
    likeness = _correlation(a, b)
    structure = torch.minimum(_structure(a, b), _structure(b, a))
    return torch.stack([likeness, detail, structure]).numpy()


def _best_shift(inner: Tensor, second: Tensor) -> Tensor:
    """(m,) which of its windows in grey images (m, h, w) `inner` (m, h', w') is most like."""
    second = second - second.mean(dim=(1, 2), keepdim=True)
    reach = (second.shape[-1] - inner.shape[-1]) // 2
    together = torch.bmm(
        _windows(second, reach).flatten(1, 2).flatten(2), _unit(inner.flatten(1))[:, :, None]
    )
    mean, mean_square = (
        avg_pool2d(x[:, None], inner.shape[-2:], 1).flatten(1) for x in (second, second * second)
    )
    spread = (mean_square - mean * mean).clamp_min(1e-6).sqrt()
    return (together[:, :, 0] / spread).argmax(dim=1)


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    a, b = a.flatten(1), b.flatten(1)
    lengths: Tensor = a.norm(dim=1) * b.norm(dim=1)
    return (a * b).sum(1) / lengths.clamp_min(1e-6)


def _sharp(x: Tensor) -> Tensor:
    """Each pixel less the mean of its four neighbours; one pixel smaller all round."""
    around = x[..., :-2, 1:-1] + x[..., 2:, 1:-1] + x[..., 1:-1, :-2] + x[..., 1:-1, 2:]
    return x[..., 1:-1, 1:-1] - around / 4


def _structure(a: Tensor, b: Tensor) -> Tensor:
    """(m,) how alike neighbouring pixels are in what `b` has beside a multiple of `a`."""
    gain = (a * b).flatten(1).sum(1) / (a * a).flatten(1).sum(1).clamp_min(1e-6)
    left = b - gain[:, None, None, None] * a
    along = (left[..., 1:, :] * left[..., :-1, :]).mean(dim=(1, 2, 3))
    across = (left[..., 1:] * left[..., :-1]).mean(dim=(1, 2, 3))
    return (along + across) / 2 / ((left * left).mean(dim=(1, 2, 3)) + _ROUNDING)
