"""Pairs of images that are one picture: shifted, mirrored, brighter, noisier, compressed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.audit.copy_evidence import Evidence, best_places, best_turns, evidence
from models.scoring.neighbours import NeighbourSearch
from models.training.resizing import resized
from models.types import Event, Progress, SampleIds

CERTAIN = 0.5
"""Of a pair, to be called copies."""

_SIDE_PX = 16  # images are turned when made this small
_COLOUR_PX = 8  # and looked for, where they have colours, when even smaller
_WAVES = 8  # the longest in each direction, by which moved images are found
_AXES = 64  # that vary most, along which candidates are looked for
_NEIGHBOURS, _CANDIDATES = 8, 4  # of each image and view; the latter are compared
_NEARER = 0.9  # than usual is what a candidate has to be
_NEARER_TURNED = 0.95  # once turned and moved a little, to be laid over the other
_NEARER_PLACED = 0.7  # once laid over, to be compared in full
_LEAST_SPREAD = 1 / 255  # of an image's values, for it to show anything
_SAMPLE, _SAMPLED = 2_048, 1 / 8  # images, or share of all, that say how far others are as a rule
_USUAL_RANKS = slice(3, 8)  # of the neighbours in that sample
_TYPICAL_PAIRS = 2_000  # neighbours, nearly all of them different pictures
_AT_ONCE = 2_048  # images

# Fitted to planted copies in Fashion-MNIST, CIFAR-10, digits and half of the ciFAIR pairs.
_WEIGHTS = np.array([1.26, 2.2, 1.36])  # of details, shapelessness, nearness, in quartile ranges
_OF_TURNED = -1.92  # one of eight turns makes any two silhouettes alike
_OFFSET = -11.5
_FITTED = 0.8  # weight of the sharper or softer image: by itself it makes a check into grey
_APART = 1.5  # times as far as others are as a rule: that is no copy, whatever can be made of it
_FARTHEST = 10.0
_LARGEST = 0.999  # correlation, whose logarithm is taken
_LEAST_RANGES = np.array([0.25, 0.1, 0.3])


@dataclass(frozen=True)
class Copies:
    """Pairs a < b of sample ids, the surest first. Arrays of length p."""

    a: SampleIds
    b: SampleIds
    certainty: NDArray[np.float32]  # in (0, 1) that they are one picture
    likeness: NDArray[np.float32]  # correlation of the pixels at the best shift and turn
    turn: NDArray[np.uint8]  # of TURNS


@dataclass(frozen=True)
class _Found:
    """Pairs of rows (p, 2), and which of them are candidates by the view they come from."""

    pairs: NDArray[np.int64]
    near: NDArray[np.bool_]


def near_copies(
    pixels: NDArray[np.uint8] | NDArray[np.float16],
    ids: SampleIds,
    seed: int = 0,
) -> Generator[Event, None, Copies]:
    """Find copies; yields Progress.

    Parameters
    ----------
    pixels : (n, h, w, c)
        All images, of one size.
    ids : (m,)
        Which to look among.

    Notes
    -----
    Candidates are nearest neighbours of the small images, and of what no turn, mirroring or shift
    changes, that are nearer than neighbours are as a rule. Two images can
    correlate at .98 and be two shirts: how surely a pair is one picture follows from what is
    alike in full and in detail, from whether what differs has a shape, and from how near it is
    for this dataset, each measured from what pairs of neighbours are like in it.
    """
    small, shown = _small_grey(pixels, ids)
    ids, small = ids[shown], small[shown]
    if len(ids) < 3:
        return _none()
    views = (partial(_looked_for, pixels, ids, small), partial(_unmoved, pixels, ids))
    rng = np.random.default_rng(seed)
    found: list[_Found] = []
    usual = np.empty(0, np.float32)
    for place, view in enumerate(views):  # made one after another: each takes its memory
        one, far = yield from _neighbours(view(), rng, place, len(views))
        found.append(one)
        usual = usual if place else far
    typical = _unique(found[0].pairs)
    typical = typical[rng.permutation(len(typical))[:_TYPICAL_PAIRS]]
    both = _unique(np.concatenate([one.pairs[one.near] for one in found]))
    square = pixels.shape[1] == pixels.shape[2]
    turns = yield from best_turns(small, typical, square)
    places = yield from best_places(small, typical, turns)
    as_a_rule = _numbers((yield from evidence(pixels, ids, typical, places)), usual, typical)
    turns = yield from best_turns(small, both, square)
    worth = _apart(turns.alike[:, 0]) < _NEARER_TURNED * usual[both].max(axis=1)
    both, turns = both[worth], turns.of(worth)
    places = yield from best_places(small, both, turns)
    worth = _apart(places.alike) < _NEARER_PLACED * usual[both].min(axis=1)
    both = both[worth]
    seen = yield from evidence(pixels, ids, both, places.of(worth))
    certainty = _certainty(_numbers(seen, usual, both), as_a_rule, seen.turn > 0)
    certainty[_apart(seen.likeness) > _APART * usual[both].min(axis=1)] = 0
    order = np.argsort(-certainty, kind="stable")
    a, b = ids[both[order]].T
    return Copies(a, b, certainty[order], seen.likeness[order], seen.turn[order])


def _none() -> Copies:
    nothing = np.empty(0, np.int64)
    values = np.empty(0, np.float32)
    return Copies(nothing, nothing, values, values, nothing.astype(np.uint8))


def _small_grey(
    pixels: NDArray[np.generic], ids: SampleIds
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(m, side, side), each about its mean, and (m,) whether there is anything to see."""
    small = np.empty((len(ids), _SIDE_PX, _SIDE_PX), np.float32)
    spread = np.empty(len(ids), np.float32)
    white = 255 if pixels.dtype == np.uint8 else 1
    for some in _blocks(len(ids)):
        grey = pixels[ids[some]].astype(np.float32).mean(axis=3, keepdims=True) / white
        spread[some] = grey.std(axis=(1, 2, 3))
        small[some] = _reduced(grey, _SIDE_PX)[..., 0]
    return small, spread >= _LEAST_SPREAD


def _looked_for(
    pixels: NDArray[np.generic], ids: SampleIds, small: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(m, f) images by which others are found: in colour where they have any, else `small`."""
    channels = pixels.shape[3]
    if channels == 1:
        return _main(small.reshape(len(ids), -1))
    made = np.empty((len(ids), _COLOUR_PX * _COLOUR_PX * channels), np.float32)
    for some in _blocks(len(ids)):
        stack = pixels[ids[some]].astype(np.float32)
        made[some] = _reduced(stack, _COLOUR_PX).reshape(len(stack), -1)
    return _main(made)


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + _AT_ONCE, n)) for start in range(0, n, _AT_ONCE)]


def _reduced(stack: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """(m, side, side, c), each channel about its mean."""
    m, height, width, channels = stack.shape
    beside = stack.transpose(1, 2, 0, 3).reshape(height, width, m * channels)
    if (height, width) != (side, side):
        beside = resized(beside, side, side)
    beside -= beside.mean(axis=(0, 1))
    return beside.reshape(side, side, m, channels).transpose(2, 0, 1, 3)


def _main(view: NDArray[np.float32]) -> NDArray[np.float32]:
    """(m, axes) the directions in which a view (m, f) varies most."""
    if view.shape[1] <= _AXES:
        return view
    _, axes = np.linalg.eigh(view.T @ view)  # ascending
    main: NDArray[np.float32] = view @ axes[:, -_AXES:]
    return main


def _unmoved(pixels: NDArray[np.generic], ids: SampleIds) -> NDArray[np.float32]:
    """(m, f) what no shift, turn, mirroring or gain changes: how strong the long waves are."""
    parts = []
    height, width = pixels.shape[1:3]
    most = min(_WAVES, height // 2, width // 2)
    one_way = np.arange(most + 1)
    for some in _blocks(len(ids)):
        images = pixels[ids[some]].astype(np.float32).mean(axis=3)
        images -= images.mean(axis=(1, 2), keepdims=True)
        upright = np.abs(np.fft.fft2(images)[:, one_way])
        both_ways = upright[:, :, one_way] + upright[:, :, -one_way]
        waves = np.sqrt(both_ways + both_ways.transpose(0, 2, 1)).reshape(len(images), -1)
        waves /= np.maximum(np.linalg.norm(waves, axis=1, keepdims=True), 1e-6)
        parts.append(waves.astype(np.float32))
    made = np.concatenate(parts)
    made -= made.mean(axis=0)
    return _main(made)


def _neighbours(
    view: NDArray[np.float32], rng: np.random.Generator, place: int, of: int
) -> Generator[Event, None, tuple[_Found, NDArray[np.float32]]]:
    """Neighbours by a view, and (m,) how far each image is from others as a rule.

    The latter is measured in a sample, where few or none of an image's own copies are.
    """
    n = len(view)
    sample = np.sort(rng.permutation(n)[: max(_SAMPLE, int(n * _SAMPLED))])
    row_in_sample = np.full(n, -1)
    row_in_sample[sample] = np.arange(len(sample))
    everyone = NeighbourSearch(view, _NEIGHBOURS)
    some = NeighbourSearch(view[sample], _USUAL_RANKS.stop)
    nearest = np.empty((n, min(_NEIGHBOURS, n - 1)), np.int32)
    distance = np.empty(nearest.shape, np.float32)
    usual = np.empty(n, np.float32)
    for rows in everyone.blocks(n):
        own = np.arange(rows.start, rows.stop)
        found = everyone.nearest(view[rows], own)
        nearest[rows], distance[rows] = found.ids, _apart(found.similarity)
        yield Progress(place * n + rows.stop, of * n, "looking for copies")
    for rows in some.blocks(n):
        similarity = some.nearest(view[rows], row_in_sample[rows]).similarity
        ranks = slice(min(_USUAL_RANKS.start, similarity.shape[1] - 1), None)
        usual[rows] = _apart(similarity[:, ranks]).mean(axis=1)
        yield Progress((place + 1) * n, of * n, "looking for copies")
    farther = np.maximum(usual[:, None], usual[nearest])
    pairs = np.stack([np.repeat(np.arange(n), nearest.shape[1]), nearest.reshape(-1)], axis=1)
    near = distance < _NEARER * farther
    near[:, _CANDIDATES:] = False
    return _Found(pairs, near.reshape(-1)), usual


def _apart(similarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of two directions."""
    distance: NDArray[np.float32] = np.sqrt(np.maximum(2 - 2 * similarity, 1e-9))
    return distance


def _unique(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    n = int(pairs.max(initial=0)) + 1
    coded = np.unique(pairs.min(axis=1) * n + pairs.max(axis=1))
    return np.stack(np.divmod(coded, n), axis=1)


def _numbers(
    seen: Evidence, usual: NDArray[np.float32], pairs: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(p, 3) the higher, the likelier a copy: how alike the details are, how shapeless what
    differs, how near the pair is for images that are so far from others."""
    plain, fitted = (_apart(x) for x in (seen.likeness, np.maximum(seen.likeness, seen.fitted)))
    near = -np.log(plain ** (1 - _FITTED) * fitted**_FITTED / usual[pairs].min(axis=1))
    detail = np.arctanh(np.clip(seen.detail, -_LARGEST, _LARGEST))
    return np.stack([detail, -np.maximum(seen.structure, 0), near], axis=1)


def _certainty(
    numbers: NDArray[np.float32], as_a_rule: NDArray[np.float32], turned: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """(p,) logistic in how far each number is beyond what neighbours are like as a rule."""
    low, middle, high = np.quantile(as_a_rule, (0.25, 0.5, 0.75), axis=0)
    beyond = (numbers - middle) / np.maximum(high - low, _LEAST_RANGES)
    score = beyond.clip(-_FARTHEST, _FARTHEST) @ _WEIGHTS + _OF_TURNED * turned + _OFFSET
    certainty: NDArray[np.float32] = (1 / (1 + np.exp(-score))).astype(np.float32)
    return certainty
