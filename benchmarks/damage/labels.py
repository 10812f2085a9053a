"""Damage to labels: single ones, whole classes, their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.damage.triplet import SPLITS, Damaged, Triplet


def label_noise(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Labels of the training split moved to any other class."""
    labels = of.labels["train"].copy()
    wrong = rng.random(len(labels)) < (0.1, 0.2, 0.4)[strength]
    labels[wrong] = (labels[wrong] + rng.integers(1, of.n_classes, wrong.sum())) % of.n_classes
    return _labelled(of, "train", labels, "label_noise")


def class_swap(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Two classes exchanged in the test split, for some or all of their images."""
    a, b = rng.choice(of.n_classes, 2, replace=False)
    labels = of.labels["test"].copy()
    moved = rng.random(len(labels)) < (0.8, 0.9, 1.0)[strength]
    was = labels.copy()
    labels[moved & (was == a)], labels[moved & (was == b)] = b, a
    return _labelled(of, "test", labels, "class_swap", classes=(a, b))


def label_offset(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    """Classes counted from another number in the test split."""
    step = (1, 1, 2)[strength]
    labels = (of.labels["test"] + step) % of.n_classes
    return _labelled(of, "test", labels, "label_offset", parameter=f"{step:+d}")


def class_shuffled(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """The images of one class carry any labels, in all splits or in the training split."""
    a = int(rng.integers(of.n_classes))
    damaged = of
    for split in SPLITS if strength else SPLITS[:1]:
        labels = of.labels[split].copy()
        of_class = labels == a
        labels[of_class] = rng.integers(0, of.n_classes, of_class.sum())
        damaged = damaged.with_labels(split, labels)
    return Damaged(damaged, frozenset({"class_shuffled"}), classes=frozenset({a}))


def labels_random(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Labels put into any order, in the test split or in all."""
    damaged = of
    for split in SPLITS if strength == 2 else SPLITS[2:]:
        damaged = damaged.with_labels(split, rng.permutation(of.labels[split]))
    splits = frozenset() if strength == 2 else frozenset({"test"})
    return Damaged(damaged, frozenset({"labels_random", "misaligned"}), splits)


def class_absorbed(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """One class carries the label of another in the training split."""
    a, b = rng.choice(of.n_classes, 2, replace=False)
    labels = of.labels["train"].copy()
    moved = (labels == a) & (rng.random(len(labels)) < (0.8, 0.9, 1.0)[strength])
    labels[moved] = b
    kinds = ("class_absorbed", "class_missing", "label_shift")
    return _labelled(of, "train", labels, *kinds, classes=(a,))


def misaligned(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """A row is missing: from some image of the test split on, labels belong to the next one."""
    n = len(of.labels["test"])
    first = int(n * (0.6, 0.3, 0.0)[strength])
    labels = of.labels["test"].copy()
    labels[first:] = np.roll(labels[first:], -int(rng.integers(1, 3)))
    return _labelled(of, "test", labels, "misaligned")


def order(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    """Splits cut from a file sorted by class."""
    images = np.concatenate([of.images[split] for split in SPLITS])
    labels = np.concatenate([of.labels[split] for split in SPLITS])
    by_class = np.argsort(labels, kind="stable")
    cuts = np.cumsum([len(of.labels[split]) for split in SPLITS])[:-1]
    parts = dict(zip(SPLITS, np.split(by_class, cuts), strict=True))
    damaged = replace(
        of,
        images={name: images[part] for name, part in parts.items()},
        labels={name: labels[part] for name, part in parts.items()},
    )
    return Damaged(damaged, frozenset({"order", "class_missing", "label_set_mismatch"}))


def _labelled(
    of: Triplet,
    split: str,
    labels: NDArray[Any],
    *kinds: str,
    classes: tuple[int, ...] = (),
    parameter: str = "",
) -> Damaged:
    named = frozenset(int(code) for code in classes)
    damaged = of.with_labels(split, labels)
    return Damaged(damaged, frozenset(kinds), frozenset({split}), named, parameter)
