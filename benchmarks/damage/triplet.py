"""Three splits of one dataset, and what was done to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector

SPLITS = ("train", "validation", "test")
STRENGTHS = ("weak", "middle", "strong")

Images = NDArray[np.uint8]  # (n, h, w, c)


@dataclass(frozen=True)
class Triplet:
    """Three splits of one dataset."""

    images: Mapping[str, Images]
    labels: Mapping[str, LabelVector]
    n_classes: int
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # names, if they matter

    def with_images(self, split: str, images: Images) -> Triplet:
        return replace(self, images={**self.images, split: images})

    def with_labels(self, split: str, labels: NDArray[Any]) -> Triplet:
        return replace(self, labels={**self.labels, split: labels.astype(np.int32)})


@dataclass(frozen=True)
class Damaged:
    """What was done, and which findings say so rightly."""

    triplet: Triplet
    kinds: frozenset[str]  # any of them is right
    splits: frozenset[str] = frozenset()  # empty: whichever
    classes: frozenset[int] = frozenset()  # that must be named, if any
    parameter: str = ""  # words that must stand in the finding, if the kind has a parameter


Damage = Callable[[Triplet, int, np.random.Generator], Damaged]
"""Damages a triplet at a strength: 0 weak, 1 middle, 2 strong."""


def drawn(images: Images, labels: LabelVector, n: int, rng: np.random.Generator) -> Triplet:
    """Three splits of n images each, drawn without replacement and equally from all classes."""
    ids = rng.permutation(len(labels))[: 3 * n]
    parts = dict(zip(SPLITS, np.split(ids, 3), strict=True))
    return Triplet(
        {name: images[part] for name, part in parts.items()},
        {name: labels[part] for name, part in parts.items()},
        int(labels.max()) + 1,
    )


def of_split(of: Triplet, split: str, kept: NDArray[np.bool_]) -> Triplet:
    damaged = of.with_images(split, of.images[split][kept])
    return damaged.with_labels(split, of.labels[split][kept])


def so_many(n: int, strength: int) -> int:
    return max(2, round(n * (0.02, 0.05, 0.2)[strength]))
