"""Misalignment: labels that belong to other images, some rows away, from some index on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector, Mask

_NEAR_OFFSETS = 16  # tried always; farther ones only if they stand out over all images
_FAR_OFFSETS = 4
_CODES = 8  # random signs a class, for the correlation at all offsets at once
_SIGMAS = 7.0  # above what chance gives; the best of all stretches and offsets reaches 5 to 6
_AT_MOST = 8  # stretches
_LEAST_LENGTH = 64
_SHARE_OF_REST = 0.5  # agreement a stretch needs or lacks, compared with the images beside it
_LEAST_AGREEMENT = 0.25  # beyond chance, for anything to be said of order
_LOST = 0.1  # agreement beyond chance that a stretch without order may have
_ELSEWHERE = 0.2  # share of a class that lies elsewhere, for it to tell what is usual
_MET = 0.75  # share of a stretch that is of such classes
_FEWEST_OF_CLASS = 10  # images elsewhere, to say how well a class is predicted


@dataclass(frozen=True)
class Stretch:
    """Images [first, end) that carry labels of others.

    `offset` d: image i is what label i + d says; 0 if their labels are in no order at all.
    `agreement` is the share of predictions that equal the label as it stands, `shifted` the same
    for the label `offset` rows on (NaN if there is none).
    """

    first: int
    end: int
    offset: int
    agreement: float
    shifted: float


def misaligned_stretches(predicted: LabelVector, labels: LabelVector) -> list[Stretch]:
    """Find stretches of images whose labels are out of step with them.

    Parameters
    ----------
    predicted : int32 (n,)
        Most likely class in the order of the file; -1 where there is none.
    labels : int32 (n,)
        Given labels in the same order; -1 where there is none.

    Returns
    -------
    list of Stretch
        In the order of the images, without overlap. Empty for labels that are wrong here and
        there, however many, and for labels that fit no better anywhere else.

    Notes
    -----
    A shift by d gains a match where the prediction equals label i + d and loses one where it
    equals label i; the stretch with the largest sum (Kadane) counts if the sum is beyond 7
    standard deviations of a random walk. In sorted files and series of frames, gains and losses
    cancel. Far offsets come from the circular cross-correlation of predictions and labels, both
    as random signs. Where no shift fits, a stretch whose labels agree no more than by chance,
    beside others that do, has lost its order.
    """
    found: list[Stretch] = []
    free: Mask = np.ones(len(labels), np.bool_)
    offsets = _offsets(predicted, labels)
    while len(found) < _AT_MOST:
        stretch = _best_shift(predicted, labels, offsets, free)
        if stretch is None:
            break
        found.append(stretch)
        free[stretch.first : stretch.end] = False
    lost = _without_order(predicted, labels, free)
    return sorted(found + ([lost] if lost else []), key=lambda stretch: stretch.first)


def agreement_beyond_chance(predicted: LabelVector, labels: LabelVector) -> tuple[float, float]:
    """Cohen's kappa of predictions and labels, and its standard error; both are of images that
    have a label and a prediction. (0, inf) where there is nothing to compare."""
    n = len(labels)
    if not n:
        return 0.0, math.inf
    k = int(max(predicted.max(), labels.max())) + 1
    shares = [np.bincount(codes, minlength=k) / n for codes in (predicted, labels)]
    chance = float(shares[0] @ shares[1])
    agreement = float((predicted == labels).mean())
    if chance >= 1 - 1e-9:
        return 0.0, math.inf
    error = math.sqrt(max(agreement * (1 - agreement), chance * (1 - chance)) / n)
    return (agreement - chance) / (1 - chance), error / (1 - chance)


def _offsets(predicted: LabelVector, labels: LabelVector) -> list[int]:
    """Offsets worth a look: all near ones, and far ones at which the two sequences match."""
    n = len(labels)
    near = [d for size in range(1, min(_NEAR_OFFSETS, n // 4) + 1) for d in (size, -size)]
    if n < 4 * _LEAST_LENGTH:
        return near
    rng = np.random.default_rng(0)
    k = int(max(predicted.max(), labels.max())) + 2
    matches = np.zeros(n)
    for _ in range(_CODES):
        signs = rng.choice((-1.0, 1.0), k)
        signs[-1] = 0  # code -1: no label or no prediction
        signals = [signs[codes] - signs[codes].mean() for codes in (predicted, labels)]
        spectra = [np.fft.rfft(signal) for signal in signals]
        matches += np.fft.irfft(spectra[0].conj() * spectra[1], n)
    ranked = np.argsort(-matches)[: 2 * _NEAR_OFFSETS + _FAR_OFFSETS]
    circular = [int(d) if d <= n // 2 else int(d) - n for d in ranked]
    far = [d for d in circular if abs(d) > _NEAR_OFFSETS][:_FAR_OFFSETS]
    return near + far


def _best_shift(
    predicted: LabelVector, labels: LabelVector, offsets: list[int], free: Mask
) -> Stretch | None:
    best: tuple[float, Stretch] | None = None
    stays = predicted == labels
    for offset in offsets:
        there, here = _shifted(labels, offset), free & (predicted >= 0)
        fits = (predicted == there) & here
        gain = fits.astype(np.int64) - (stays & here)
        first, end, total = _largest_sum(gain)
        sigmas = total / math.sqrt(max(1, int(np.abs(gain[first:end]).sum())))
        if sigmas < _SIGMAS or (best and total <= best[0]):
            continue
        # Beyond the last label that fits, chance alone would carry the stretch on.
        each = total / max(1, int(here[first:end].sum()))
        first, end, _ = _largest_sum(gain - each / 2 * here)
        agreement, shifted = float(stays[first:end].mean()), float(fits[first:end].mean())
        kappa, _ = _kappa(predicted[first:end], there[first:end])
        beside = np.delete(np.arange(len(labels)), slice(first, end))
        usual, _ = _kappa(predicted[beside], labels[beside])
        as_is, _ = _kappa(predicted[first:end], labels[first:end])
        fits_well = kappa >= max(_LEAST_AGREEMENT, _SHARE_OF_REST * usual)
        if fits_well and as_is < _SHARE_OF_REST * kappa:
            best = total, Stretch(first, end, offset, agreement, shifted)
    return best[1] if best else None


def _without_order(predicted: LabelVector, labels: LabelVector, free: Mask) -> Stretch | None:
    both = np.flatnonzero(free & (predicted >= 0) & (labels >= 0))
    kappa, _ = _kappa(predicted[both], labels[both])
    matches = (predicted[both] == labels[both]).astype(np.float64)
    if kappa >= 1 or len(both) < 2 * _LEAST_LENGTH:
        return None
    for halfway in _levels(matches):
        first, end, total = _largest_sum(halfway - matches)
        stretch, rest = both[first:end], np.delete(both, slice(first, end))
        if len(stretch) < _LEAST_LENGTH or len(rest) < _LEAST_LENGTH:
            continue
        if not _is_met_elsewhere(labels[stretch], labels[rest]):
            continue  # hard classes of a sorted file, not a stretch of it
        expected, chance = _expected(predicted[stretch], predicted[rest], labels[rest])
        agreement = float(matches[first:end].mean())
        error = math.sqrt(max(agreement * (1 - agreement), chance * (1 - chance)) / len(stretch))
        inside, beside = agreement - chance, expected - chance
        sigmas = total / math.sqrt(len(stretch) * halfway * (1 - halfway))
        lost = inside < _LOST * (1 - chance) and inside + 2 * error < _SHARE_OF_REST * beside
        if lost and beside > _LEAST_AGREEMENT * (1 - chance) and sigmas >= _SIGMAS:
            return Stretch(int(stretch[0]), int(stretch[-1]) + 1, 0, agreement, math.nan)
    return None


def _is_met_elsewhere(inside: LabelVector, outside: LabelVector) -> bool:
    """Whether most labels of a stretch are of classes that also lie outside of it.

    In a sorted file a stretch is a class or two, and a hard class looks like lost order."""
    k = int(max(inside.max(), outside.max())) + 1
    here, there = np.bincount(inside, minlength=k), np.bincount(outside, minlength=k)
    also_outside = there >= _ELSEWHERE * (here + there)
    return bool(here[also_outside].sum() >= _MET * len(inside))


def _levels(matches: NDArray[np.float64]) -> Iterator[float]:
    """Levels of agreement between that of a stretch in order and that of one without."""
    window = max(_LEAST_LENGTH, len(matches) // 20)
    sums = np.concatenate([[0], matches.cumsum()])
    local = (sums[window:] - sums[:-window]) / window
    low, high = float(local.min()), float(local.max())
    yield from (low + share * (high - low) for share in (0.5, 0.35, 0.65))


def _kappa(predicted: LabelVector, labels: LabelVector) -> tuple[float, float]:
    both = (predicted >= 0) & (labels >= 0)
    return agreement_beyond_chance(predicted[both], labels[both])


def _expected(
    inside: LabelVector, predicted: LabelVector, labels: LabelVector
) -> tuple[float, float]:
    """Agreement to expect of images predicted as `inside`, by that of the same classes elsewhere,
    and by chance. In a sorted file it tells a class that is hard from lost order."""
    k = int(max(inside.max(), predicted.max(), labels.max())) + 1
    met = np.bincount(predicted, minlength=k)
    matched = np.bincount(predicted[predicted == labels], minlength=k)
    shares = np.where(met >= _FEWEST_OF_CLASS, matched / np.maximum(met, 1), 0.0)
    weights = np.bincount(inside, minlength=k) / len(inside)
    by_chance = np.bincount(labels, minlength=k) / len(labels)
    return float(weights @ shares), float(weights @ by_chance)


def _shifted(labels: LabelVector, offset: int) -> LabelVector:
    """Label i + offset at place i; -1 beyond the ends."""
    moved: LabelVector = np.full_like(labels, -1)
    if offset > 0:
        moved[:-offset] = labels[offset:]
    else:
        moved[-offset:] = labels[:offset]
    return moved


def _largest_sum(gain: NDArray[np.int64] | NDArray[np.float64]) -> tuple[int, int, float]:
    """The stretch [first, end) with the largest sum, and that sum (Kadane)."""
    sums = np.concatenate([[0], gain.cumsum()])
    rise = sums - np.minimum.accumulate(sums)
    end = int(rise.argmax())
    first = int(end - sums[: end + 1][::-1].argmin()) if end else 0
    return first, end, float(rise[end])
