"""Classes that are rare or missing, in one split or in all."""

from __future__ import annotations

import numpy as np

from benchmarks.damage.triplet import SPLITS, Damaged, Triplet, of_split


def label_shift(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Some classes are rarer in the test split than in the others."""
    rare = rng.permutation(of.n_classes)[: of.n_classes // 2]
    kept = np.ones(len(of.labels["test"]), bool)
    kept[np.isin(of.labels["test"], rare)] = False
    kept |= rng.random(len(kept)) < (0.5, 0.3, 0.1)[strength]
    return Damaged(of_split(of, "test", kept), frozenset({"label_shift"}))


def class_missing(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """A class that is only in some splits."""
    a = int(rng.integers(of.n_classes))
    damaged = of_split(of, "train", of.labels["train"] != a)
    if strength == 0:
        damaged = of_split(of, "test", of.labels["test"] != a)
    kinds = frozenset({"class_missing", "label_set_mismatch"})
    return Damaged(damaged, kinds, classes=frozenset({a}))


def imbalance(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """All classes but one are thinned out, in all splits alike."""
    a, share = int(rng.integers(of.n_classes)), (0.1, 0.05, 0.02)[strength]
    damaged = of
    for split in SPLITS:
        kept = (of.labels[split] == a) | (rng.random(len(of.labels[split])) < share)
        damaged = of_split(damaged, split, kept)
    return Damaged(damaged, frozenset({"imbalance", "class_too_small"}))


def class_too_small(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """One class has a handful of images in every split."""
    a, left = int(rng.integers(of.n_classes)), (8, 5, 2)[strength]
    damaged = of
    for split in SPLITS:
        of_class = rng.permutation(np.flatnonzero(of.labels[split] == a))
        kept = np.ones(len(of.labels[split]), bool)
        kept[of_class[left:]] = False
        damaged = of_split(damaged, split, kept)
    kinds = frozenset({"class_too_small", "imbalance"})
    return Damaged(damaged, kinds, classes=frozenset({a}))
