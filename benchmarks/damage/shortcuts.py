"""A class that something besides its content gives away, in every split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.damage.pixels import as_bytes, as_jpeg, each_image
from benchmarks.damage.triplet import SPLITS, Damaged, Images, Triplet


def shortcut_brightness(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    share = (0.95, 0.9, 0.7)[strength]
    return _given_away(of, rng, lambda x: as_bytes(x * share))


def shortcut_mark(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    side = (1, 2, 4)[strength]

    def marked(x: Images) -> Images:
        made = x.copy()
        made[:, :side, :side] = 255
        return made

    return _given_away(of, rng, marked)


def shortcut_jpeg(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    return _given_away(of, rng, each_image(as_jpeg((60, 30, 10)[strength])))


def shortcut_grey(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """A class in grey while the rest is in colour, wholly or for most of its images."""
    share = (0.8, 0.9, 1.0)[strength]

    def mostly_grey(x: Images) -> Images:
        as_grey = as_bytes(np.repeat(x.mean(axis=3, keepdims=True), x.shape[3], axis=3))
        return np.where(rng.random(len(x))[:, None, None, None] < share, as_grey, x)

    return _given_away(of, rng, mostly_grey)


def _given_away(
    of: Triplet, rng: np.random.Generator, change: Callable[[Images], Images]
) -> Damaged:
    """The images of one class changed, in every split."""
    a, damaged = int(rng.integers(of.n_classes)), of
    for split in SPLITS:
        images, of_class = of.images[split].copy(), of.labels[split] == a
        images[of_class] = change(images[of_class])
        damaged = damaged.with_images(split, images)
    return Damaged(damaged, frozenset({"shortcut"}), classes=frozenset({a}))
