"""What speaks for two images being one picture: their pixels laid over each other at best."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.audit.aligning import Place, aligned, blurred, laid_over
from models.types import Event, Progress, SampleIds

_UPRIGHT = ("", "mirrored", "turned by 90°", "turned by 90° and mirrored",
            "turned by 180°", "turned by 180° and mirrored",
            "turned by 270°", "turned by 270° and mirrored")  # fmt: skip
TURNS = (*_UPRIGHT, *(f"{how}, inverted".removeprefix(", ") for how in _UPRIGHT))
"""What makes the second of a pair out of the first, by `Evidence.turn`."""

_REACH = 1  # pixels of small images, by which turns are compared
_TRIED = 2  # turns of a pair that are laid over each other
_UNDECIDED = 0.1  # a turn this much less alike is not tried
_COARSELY, _FINELY = (2, 2, 2, 0, 0, 0), (1, 0, 0)  # blurred so often, small images and whole ones
_SOFTER = (1, 3)  # times an image is blurred, of which the other may be made
_DAMPING = 1e-4
_ROUNDING = 1 / 6  # variance of the difference of two rounded values, in grey levels
_AT_ONCE = 256  # pairs


@dataclass(frozen=True)
class Evidence:
    """Of p pairs, each at its best turn and place. All float32 (p,) save `turn`; correlations."""

    turn: NDArray[np.uint8]  # of TURNS
    likeness: NDArray[np.float32]  # of the pixels
    fitted: NDArray[np.float32]  # of one, sharper or softer, with the other, fine noise left out
    detail: NDArray[np.float32]  # of each pixel less its neighbours
    structure: NDArray[np.float32]  # in what differs: 0 for noise and rounding, near 1 for shapes


@dataclass(frozen=True)
class Turns:
    """The likeliest turns of p pairs, best first."""

    code: NDArray[np.uint8]  # (p, 2) of TURNS
    alike: NDArray[np.float32]  # (p, 2) correlation of the small images at the best small shift
    shift: NDArray[np.float32]  # (p, 2, 2) right and down, in shares of a side

    def of(self, which: NDArray[np.bool_]) -> Turns:
        return Turns(self.code[which], self.alike[which], self.shift[which])


@dataclass(frozen=True)
class Places:
    """How p pairs lie over each other."""

    turn: NDArray[np.uint8]  # (p,) of TURNS
    alike: NDArray[np.float32]  # (p,) correlation of the small images there
    place: NDArray[np.float32]  # (p, 4) wider, higher, right and down, all in shares of a side

    def of(self, which: NDArray[np.bool_]) -> Places:
        return Places(self.turn[which], self.alike[which], self.place[which])


def best_turns(
    small: NDArray[np.float32], pairs: NDArray[np.int64], square: bool
) -> Generator[Event, None, Turns]:
    """Choose turns by grey small images (m, s, s); `pairs` (p, 2) are rows of them. A quarter turn
    of images that are not `square` has another shape, and is none."""
    codes = [code for code in range(len(_UPRIGHT)) if square or code // 2 % 2 == 0]
    images = torch.from_numpy(small)
    inner = images[:, _REACH:-_REACH, _REACH:-_REACH]
    shifts = 2 * _REACH + 1  # along each side
    chosen = np.empty((len(pairs), _TRIED), np.uint8)
    alike = np.empty(chosen.shape, np.float32)
    shift = np.empty((*chosen.shape, 2), np.float32)
    for start in range(0, len(pairs), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        a, b = torch.from_numpy(pairs[some]).T
        first = torch.stack([turned(inner[a], code) for code in codes], dim=1).flatten(2)
        second = images[b].unfold(1, inner.shape[1], 1).unfold(2, inner.shape[2], 1)
        second = second.flatten(1, 2).flatten(2)  # (m, shifts**2, f)
        found = torch.bmm(_unit(first), _unit(second).transpose(1, 2))  # (m, codes, shifts**2)
        either = torch.cat([found, -found], dim=1)
        of_turn, at = either.max(dim=2)
        best = of_turn.topk(_TRIED, dim=1)
        both = np.array([*codes, *(code + len(_UPRIGHT) for code in codes)], np.uint8)
        chosen[some] = both[best.indices.numpy()]
        alike[some] = best.values.numpy()
        down, right = np.divmod(at.gather(1, best.indices).numpy(), shifts)
        shift[some] = np.stack([right - _REACH, down - _REACH], axis=-1) / small.shape[1]
        yield Progress(min(some.stop, len(pairs)), len(pairs), "turning copies")
    return Turns(chosen, alike, shift)


def best_places(
    small: NDArray[np.float32], pairs: NDArray[np.int64], turns: Turns
) -> Generator[Event, None, Places]:
    """Lay grey small images (m, s, s) over each other, at either turn, and keep the better one."""
    images, side = torch.from_numpy(small)[:, None], small.shape[1]
    best = Places(
        turns.code[:, 0].copy(),
        np.full(len(pairs), -1, np.float32),
        np.zeros((len(pairs), 4), np.float32),
    )
    worth = turns.alike >= turns.alike[:, :1] - _UNDECIDED
    done, total = 0, int(worth.sum())
    for tried in range(_TRIED):
        for code, some in _by_turn(turns.code[:, tried], worth[:, tried]):
            a, b = torch.from_numpy(pairs[some]).T
            shift = torch.from_numpy(turns.shift[some, tried])
            begun = torch.cat([torch.zeros_like(shift), shift], dim=1)
            first, second = turned(images[a], code), images[b]
            place, found = _laid(first, second, _whole(begun, side, side), _COARSELY)
            alike = found.numpy()
            better = alike > best.alike[some]
            kept = some[better]
            best.turn[kept], best.alike[kept] = code, alike[better]
            best.place[kept] = (place / _whole(torch.ones(4), side, side)).numpy()[better]
            done += len(some)
            yield Progress(done, total, "laying copies over each other")
    return best


def evidence(
    pixels: NDArray[np.generic], ids: SampleIds, pairs: NDArray[np.int64], places: Places
) -> Generator[Event, None, Evidence]:
    """Compare pairs in full; yields Progress.

    Parameters
    ----------
    pixels : (n, h, w, c)
    ids : (m,)
    pairs : (p, 2)
        Rows of `ids`.
    """
    found = np.empty((len(fields(Evidence)) - 1, len(pairs)), np.float32)
    done = 0
    for code, some in _by_turn(places.turn, np.ones(len(pairs), np.bool_)):
        a, b = ids[pairs[some]].T
        place = torch.from_numpy(places.place[some])
        found[:, some] = _compared(turned(_stack(pixels, a), code), _stack(pixels, b), place)
        done += len(some)
        yield Progress(done, len(pairs), "comparing copies")
    return Evidence(places.turn, *found)


def _by_turn(
    codes: NDArray[np.uint8], which: NDArray[np.bool_]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Turns, and some of the rows that have it, as many as fit into the cache."""
    for code in range(len(TURNS)):
        rows = np.flatnonzero(which & (codes == code))
        for start in range(0, len(rows), _AT_ONCE):
            yield code, rows[start : start + _AT_ONCE]


def turned(images: Tensor, code: int) -> Tensor:
    """Images (..., h, w) turned as one of TURNS says."""
    made = torch.rot90(images, code // 2 % 4, dims=(-2, -1))
    made = made.flip(-1) if code % 2 else made
    return made if code < len(_UPRIGHT) else -made


def _stack(pixels: NDArray[np.generic], ids: SampleIds) -> Tensor:
    """float32 (m, c, h, w) in grey levels"""
    values = torch.from_numpy(pixels[ids].astype(np.float32)).permute(0, 3, 1, 2)
    return values.contiguous() * (1 if pixels.dtype == np.uint8 else 255)


def _unit(values: Tensor) -> Tensor:
    """Vectors (..., f) about their mean, of length 1."""
    centred = values - values.mean(dim=-1, keepdim=True)
    length = centred.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    unit: Tensor = centred / length
    return unit


def _compared(first: Tensor, second: Tensor, place: Tensor) -> NDArray[np.float32]:
    """(4, m) the numbers of Evidence for stacks (m, c, h, w), from a place in shares (m, 4) on."""
    begun = _whole(place, *first.shape[-2:])
    place, _ = _laid(first, second, begun, _FINELY)
    second, inside = laid_over(second, place)
    a, b = _centred(first, inside), _centred(second, inside)
    detail = _correlation(*(_centred(x - blurred(x, 1), inside) for x in (first, second)))
    left = [(_left(a, b, inside), b), (_left(b, a, inside), a)]
    fitted = torch.maximum(*(_explained(of, whole, inside) for of, whole in left))
    structure = torch.minimum(*(_structure(of) for of, _ in left))
    return torch.stack([_correlation(a, b), fitted, detail, structure]).numpy()


def _whole(place: Tensor, height: int, width: int) -> Place:
    """A place (..., 4) in shares of a side, with its shift in pixels."""
    return place * torch.tensor([1, 1, width, height])


def _laid(
    first: Tensor, second: Tensor, begun: Place, blurs: Sequence[int]
) -> tuple[Place, Tensor]:
    """A better place than the one begun with, unless there is none, and the likeness there (m,)."""
    place = aligned(first.mean(dim=1), second.mean(dim=1), begun, blurs)
    there, before = (_likeness(first, second, at) for at in (place, begun))
    better = there >= before
    return torch.where(better[:, None], place, begun), torch.where(better, there, before)


def _likeness(first: Tensor, second: Tensor, place: Place) -> Tensor:
    laid, inside = laid_over(second, place)
    return _correlation(_centred(first, inside), _centred(laid, inside))


def _centred(x: Tensor, inside: Tensor) -> Tensor:
    mean = (x * inside).sum((2, 3), keepdim=True) / inside.sum((2, 3), keepdim=True).clamp_min(1)
    centred: Tensor = (x - mean) * inside
    return centred


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    a, b = a.flatten(1), b.flatten(1)
    lengths: Tensor = a.norm(dim=1) * b.norm(dim=1)
    return (a * b).sum(1) / lengths.clamp_min(1e-6)


def _left(a: Tensor, b: Tensor, inside: Tensor) -> Tensor:
    """What `b` has beside what is made of `a` and its blurred images, by least squares."""
    terms = [a, *(_centred(blurred(a, times), inside) for times in _SOFTER)]
    made = torch.stack(terms, dim=1).flatten(2)  # (m, terms, f)
    normal = made @ made.transpose(1, 2)
    size = torch.diagonal(normal, dim1=1, dim2=2).mean(dim=1)
    normal = normal + (_DAMPING * size + 1e-3)[:, None, None] * torch.eye(len(terms))
    gains = torch.linalg.solve(normal, made @ b.flatten(1)[..., None])  # (m, terms, 1)
    left: Tensor = b - (gains * made).sum(dim=1).view_as(b)
    return left


def _explained(left: Tensor, whole: Tensor, inside: Tensor) -> Tensor:
    """(m,) the correlation that leaves so much of `whole`, both blurred."""
    rest, all_of_it = (
        _centred(blurred(x, 1), inside).flatten(1).square().sum(1) for x in (left, whole)
    )
    explained: Tensor = (1 - rest / all_of_it.clamp_min(1e-6)).clamp(0, 1).sqrt()
    return explained


def _structure(left: Tensor) -> Tensor:
    """(m,) how alike neighbouring pixels are in what one image has beside the other."""
    along = (left[..., 1:, :] * left[..., :-1, :]).mean(dim=(1, 2, 3))
    across = (left[..., 1:] * left[..., :-1]).mean(dim=(1, 2, 3))
    return (along + across) / 2 / ((left * left).mean(dim=(1, 2, 3)) + _ROUNDING)
