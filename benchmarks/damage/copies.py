"""Images that are there twice: in one split, in two, altered, or under two labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.damage.pixels import as_bytes, as_jpeg, each_image
from benchmarks.damage.triplet import Damaged, Images, Triplet, so_many


def leak_exact(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Training images in the test split."""
    return _leaked(of, strength, rng, lambda x: x, "leak_exact")


def leak_near(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Training images in the test split, mirrored, shifted, brighter or compressed."""

    def altered(x: Images) -> Images:
        made = x.copy()
        for place, image in enumerate(x):
            made[place] = _ALTERATIONS[place % len(_ALTERATIONS)](image[np.newaxis])[0]
        return made

    return _leaked(of, strength, rng, altered, "leak_near")


def duplicate_exact(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Images of the training split that are there twice."""
    n = len(of.labels["train"])
    some, twice = np.split(rng.permutation(n)[: 2 * so_many(n, strength)], 2)
    images, labels = of.images["train"].copy(), of.labels["train"].copy()
    images[twice], labels[twice] = images[some], labels[some]
    damaged = of.with_images("train", images).with_labels("train", labels)
    return Damaged(damaged, frozenset({"duplicate_exact"}), frozenset({"train"}))


def duplicate_conflict(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """The same, under another label."""
    n = len(of.labels["train"])
    some, twice = np.split(rng.permutation(n)[: 2 * so_many(n, strength)], 2)
    images, labels = of.images["train"].copy(), of.labels["train"].copy()
    images[twice] = images[some]
    labels[twice] = (labels[some] + rng.integers(1, of.n_classes, len(some))) % of.n_classes
    damaged = of.with_images("train", images).with_labels("train", labels)
    return Damaged(damaged, frozenset({"duplicate_conflict"}), frozenset({"train"}))


def _leaked(
    of: Triplet,
    strength: int,
    rng: np.random.Generator,
    change: Callable[[Images], Images],
    kind: str,
) -> Damaged:
    n = len(of.labels["test"])
    places = rng.permutation(n)[: so_many(n, strength)]
    taken = rng.permutation(len(of.labels["train"]))[: len(places)]
    images, labels = of.images["test"].copy(), of.labels["test"].copy()
    images[places] = change(of.images["train"][taken])
    labels[places] = of.labels["train"][taken]
    damaged = of.with_images("test", images).with_labels("test", labels)
    return Damaged(damaged, frozenset({kind}))


def _shifted(x: Images) -> Images:
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    made: Images = padded[:, 1 : 1 + x.shape[1], 3 : 3 + x.shape[2]]
    return made


_ALTERATIONS: tuple[Callable[[Images], Images], ...] = (
    lambda x: x[:, :, ::-1],
    _shifted,
    lambda x: as_bytes(x * 0.8 + 20.0),
    each_image(as_jpeg(60)),
)
