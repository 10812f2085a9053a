"""What is audited: each kind of damage to each dataset, two at once, and clean draws."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.damage import (
    ANY_IMAGES,
    COLOUR_ONLY,
    NO_DIGITS_ONLY,
    STRENGTHS,
    Damage,
    Damaged,
    Triplet,
    drawn,
)
from benchmarks.trained import CIFAR, Dataset, cifar, digits, fashion

CLEAN = "clean"
PAIRS = (
    ("leak_near", "brightness"),
    ("class_swap", "noise"),
    ("label_shift", "jpeg"),
    ("duplicate_exact", "scaling"),
)
_OF_LABELS = frozenset(
    {
        *("label_noise", "class_swap", "label_offset", "class_shuffled", "labels_random"),
        *("class_absorbed", "misaligned"),
    }
)
_CLEAN_DRAWS, _WHOLE_EVERY = 30, 10
SIZES = (*((1_000, strength) for strength in ("middle", "weak", "strong")), (200, "middle"))
QUICK_SIZES = ((300, "middle"),)
_QUICK_DRAWS = 3


@dataclass(frozen=True)
class Wanted:
    """Which cases to audit."""

    only: tuple[str, ...] = ()  # kinds; empty for all
    sizes: tuple[tuple[int, str], ...] = SIZES  # images a split, and how strong the damage is
    seed: int = 1
    quick: bool = False


@dataclass(frozen=True)
class Case:
    """One triplet to audit. Without `damages` it is a clean draw."""

    dataset: str
    n: int  # images a split, fewer where there are not as many
    seed: int
    damages: tuple[str, ...] = ()
    strength: str = ""
    draw: int = 0  # which one, of the clean ones
    whole: bool = False  # by the whole program, with a run

    @property
    def name(self) -> str:
        what = "+".join(self.damages)
        return f"{self.dataset}-{self.n}-" + (
            f"{self.strength}-{what}" if what else f"{CLEAN}-{self.draw}"
        )

    def to_line(self) -> dict[str, Any]:
        return {**asdict(self), "damages": list(self.damages)}

    def made(self, draws: Draws) -> tuple[Triplet, list[Damaged]]:
        """The triplet, and what was done to it."""
        rng = np.random.default_rng((self.seed, *self.name.encode()))
        triplet, done = draws.of(self.dataset, self.n, rng), []
        for name in self.damages:
            done.append(DAMAGES[name](triplet, STRENGTHS.index(self.strength), rng))
            triplet = done[-1].triplet
        return triplet, done


class Draws:
    """Clean splits of the datasets; each dataset is read once."""

    def __init__(self) -> None:
        self._read: dict[str, Dataset] = {}

    def has(self, dataset: str) -> bool:
        """Whether its files are on this machine."""
        try:
            self._images(dataset)
        except FileNotFoundError:
            return False
        return True

    def of(self, dataset: str, n: int, rng: np.random.Generator) -> Triplet:
        images, labels = self._images(dataset)
        return drawn(images, labels, min(n, len(labels) // 3), rng)

    def _images(self, dataset: str) -> Dataset:
        if dataset not in self._read:
            images, labels = _SOURCES[dataset]()
            self._read[dataset] = (images if images.ndim == 4 else images[..., None]), labels
        return self._read[dataset]


def every_case(dataset: str, wanted: Wanted) -> Iterator[Case]:
    """All cases of a dataset that are wanted."""
    kinds = [
        *ANY_IMAGES,
        *(COLOUR_ONLY if dataset in _COLOURED else ()),
        *(NO_DIGITS_ONLY if dataset != _DIGITS else ()),
    ]
    for n, strength in wanted.sizes:
        for kind in kinds:
            if not wanted.only or kind in wanted.only:
                whole = kind in _OF_LABELS
                yield Case(dataset, n, wanted.seed, (kind,), strength, whole=whole)
    n = wanted.sizes[0][0]
    for pair in PAIRS:
        if not wanted.only or "+".join(pair) in wanted.only:
            whole = bool(_OF_LABELS & set(pair))
            yield Case(dataset, n, wanted.seed, pair, "middle", whole=whole)
    if not wanted.only or CLEAN in wanted.only:
        for draw in range(_QUICK_DRAWS if wanted.quick else _CLEAN_DRAWS):
            yield Case(dataset, n, wanted.seed, draw=draw, whole=draw % _WHOLE_EVERY == 0)


def _cifar_without_twins() -> Dataset:
    """Training images alone, and none of those that ciFAIR lists as a twin."""
    images, labels = cifar()
    with (CIFAR / "cifair_duplicates_cifar10.csv").open(newline="") as file:
        twins = [int(row["TrainID"]) for row in csv.DictReader(file)]
    return np.delete(images, twins, axis=0), np.delete(labels, twins)


DAMAGES: Mapping[str, Damage] = {**ANY_IMAGES, **COLOUR_ONLY, **NO_DIGITS_ONLY}
_DIGITS = "digits"
_SOURCES: Mapping[str, Callable[[], Dataset]] = {
    _DIGITS: digits,
    "fashion": fashion,
    "cifar10": _cifar_without_twins,
}
_COLOURED = frozenset({"cifar10"})
DATASETS = tuple(_SOURCES)
