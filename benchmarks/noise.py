"""Labels made wrong on purpose, by a seed, so that finding them can be counted."""

from __future__ import annotations

import numpy as np

from models.types import LabelVector, Mask


def symmetric(labels: LabelVector, rate: float, seed: int) -> tuple[LabelVector, Mask]:
    """Give a share of the images any other class; labels and which of them are wrong."""
    rng = np.random.default_rng(seed)
    n_classes = int(labels.max()) + 1
    wrong: Mask = rng.random(len(labels)) < rate
    noisy = labels.copy()
    noisy[wrong] = (labels[wrong] + rng.integers(1, n_classes, wrong.sum())) % n_classes
    return noisy, wrong
