"""A good split: every kind of image spread evenly, what belongs together on one side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.guard import is_test
from models.review.learnt_splits import training_splits
from models.types import LabelVector, Mask, SampleIds

_ROUNDING = 1e-9  # a whole number may come out of a division a little too small


@dataclass(frozen=True)
class Torn:
    """Groups that lie in several splits, and the images in them."""

    groups: int
    sample_ids: SampleIds


@dataclass(frozen=True)
class Unevenness:
    """Where the share of a class in a split is furthest from its share in all."""

    deviation: float
    split: int  # code
    label: int


def in_order_of_use(names: Sequence[str]) -> list[str]:
    """Splits as one works with them, by their names: first those to train on, last those to test
    on, whatever order a source has them in (that of folders is test, train, val)."""
    learnt = {names[code] for code in training_splits(names)}
    return sorted(names, key=lambda name: 2 if is_test(name) else int(name not in learnt))


def assigned(
    kinds: NDArray[np.int64], group: NDArray[np.int64], shares: Sequence[float], seed: int
) -> NDArray[np.uint8]:
    """Put whole groups of images into splits so that each gets its share of every kind.

    Groups that are made of the same kinds can stand for each other, so they are handed out by
    number, large ones first: to each split as much as it still lacks of these kinds, the rest one
    by one to where the squared distance from what is wanted, relative to it, grows least. Single
    images come last and even out what the groups left uneven.

    Parameters
    ----------
    kinds : int64 (n,)
        What is spread evenly: the class, from 0 up; having no label is a kind like any other.
    group : int64 (n,)
        Equal for images that stay together.
    shares : sequence of float
        Of each split, relative to each other; up to 255.
    seed : int
        The same seed gives the same split, on every machine and with every version of numpy.

    Returns
    -------
    uint8 (n,)
        Position in `shares`.
    """
    if not len(shares) or min(shares) <= 0:
        raise ValueError("a split needs a share above nothing")
    if not len(kinds):
        return np.empty(0, np.uint8)
    share = np.array(shares, np.float64) / sum(shares)
    _, unit = np.unique(group, return_inverse=True)
    table = _Table.of(unit, kinds, seed)
    filling = _Filling(share, np.bincount(kinds).astype(np.float64))
    codes = np.empty(len(table.starts) - 1, np.uint8)
    for members in table.alike():
        start, end = table.starts[members[0]], table.starts[members[0] + 1]
        numbers = filling.hand_out(len(members), table.kinds[start:end], table.counts[start:end])
        codes[members] = np.repeat(np.arange(len(share), dtype=np.uint8), numbers)
    return codes[unit]


def torn(group: NDArray[np.int64], codes: NDArray[np.uint8], counted: Mask) -> Torn:
    """The groups whose images, as far as they count, lie in more than one split."""
    ids = np.flatnonzero(counted)
    lowest, highest = np.full(len(group), 255, np.uint8), np.zeros(len(group), np.uint8)
    np.minimum.at(lowest, group[ids], codes[ids])
    np.maximum.at(highest, group[ids], codes[ids])
    is_torn = lowest < highest
    return Torn(int(is_torn.sum()), ids[is_torn[group[ids]]])


def unevenness(
    labels: LabelVector, codes: NDArray[np.uint8], counted: Mask, n_splits: int
) -> Unevenness | None:
    """How evenly the classes are spread over splits; None where there is nothing to compare."""
    judged = counted & (labels >= 0)
    if not judged.any():
        return None
    n_classes = int(labels[judged].max()) + 1
    at = codes[judged].astype(np.int64) * n_classes + labels[judged]
    table = np.bincount(at, minlength=n_splits * n_classes).reshape(n_splits, n_classes)
    sizes = table.sum(axis=1, keepdims=True)
    off = np.abs(table / np.maximum(sizes, 1) - table.sum(axis=0) / table.sum()) * (sizes > 0)
    split, label = np.unravel_index(off.argmax(), off.shape)
    return Unevenness(float(off[split, label]), int(split), int(label))


@dataclass(frozen=True)
class _Table:
    """What each unit is made of: rows (kind, how many), those of one unit together."""

    starts: NDArray[np.int64]  # (units + 1,) first row of each
    kinds: NDArray[np.int64]
    counts: NDArray[np.int64]
    sizes: NDArray[np.int64]  # (units,)
    looks: NDArray[np.uint64]  # (units,) equal where units are made of the same
    places: NDArray[np.uint64]  # (units,) in a random order

    @classmethod
    def of(cls, unit: NDArray[np.int64], kinds: NDArray[np.int64], seed: int) -> _Table:
        n_kinds = int(kinds.max()) + 1
        rows, counts = np.unique(unit * n_kinds + kinds, return_counts=True)
        of_row, of_kind = np.divmod(rows, n_kinds)
        sizes = np.bincount(unit)
        starts = np.searchsorted(of_row, np.arange(len(sizes) + 1))
        # The raw numbers of this generator never change, unlike what is drawn with them.
        drawn = np.random.PCG64(seed).random_raw(n_kinds + len(sizes))
        of_rows = drawn[of_kind] * counts.astype(np.uint64)
        looks = np.add.reduceat(of_rows, starts[:-1])  # turning over: a hash of what is in a unit
        return cls(starts, of_kind, counts, sizes, looks, drawn[n_kinds:])

    def alike(self) -> list[NDArray[np.int64]]:
        """Units that can stand for each other, in random order; large ones first."""
        order = np.lexsort((self.places, self.looks, -self.sizes))
        looks = self.looks[order]
        return np.split(order, np.flatnonzero(looks[1:] != looks[:-1]) + 1)


class _Filling:
    """How far the splits are filled, kind by kind."""

    def __init__(self, share: NDArray[np.float64], totals: NDArray[np.float64]) -> None:
        self._share, self._totals = share, totals
        self._lacking = share[:, np.newaxis] * totals  # (splits, kinds)
        self._lacking_all = share * totals.sum()

    def hand_out(
        self, n_units: int, kinds: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Give units of this make to the splits; how many each got."""
        size = int(counts.sum())
        numbers = np.zeros(len(self._share), np.int64)
        weights = counts / self._totals[kinds]
        if n_units > 1:
            lacking = self._lacking[:, kinds].clip(min=0) @ weights
            numbers += (n_units * lacking / lacking.sum() + _ROUNDING).astype(np.int64)
            self._lacking[:, kinds] -= numbers[:, np.newaxis] * counts
            self._lacking_all -= numbers * size
        # Kinds by how rare they are, together as heavy as the size of the unit.
        weights *= size / weights.sum()
        for _ in range(n_units - int(numbers.sum())):  # fewer than there are splits
            grows = (counts - 2 * self._lacking[:, kinds]) @ weights
            grows += size * (size - 2 * self._lacking_all)
            best = int(np.round(grows / self._share, 6).argmin())
            numbers[best] += 1
            self._lacking[best, kinds] -= counts
            self._lacking_all[best] -= size
        return numbers
