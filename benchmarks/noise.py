"""Labels made wrong on purpose, by a seed, so that finding them can be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from models.types import LabelVector, Mask, Probs

_ROUNDS = 20  # until chances that are cut off at 1 add up to the rate all the same


def symmetric(labels: LabelVector, rate: float, seed: int) -> tuple[LabelVector, Mask]:
    """Give a share of the images any other class; labels and which of them are wrong."""
    rng = np.random.default_rng(seed)
    n_classes = int(labels.max()) + 1
    wrong: Mask = rng.random(len(labels)) < rate
    noisy = labels.copy()
    noisy[wrong] = (labels[wrong] + rng.integers(1, n_classes, wrong.sum())) % n_classes
    return noisy, wrong


def asymmetric(
    labels: LabelVector, mistaken_for: Mapping[int, int], rate: float, seed: int
) -> tuple[LabelVector, Mask]:
    """Take some classes for another; `rate` is the share of all images, not of these classes.

    Raises ValueError if these classes have too few images for it.
    """
    may_be = np.isin(labels, list(mistaken_for))
    chance = rate * len(labels) / max(1, may_be.sum())
    if chance > 1:
        raise ValueError(f"{may_be.sum()} images cannot be {rate:.0%} of {len(labels)}")
    wrong: Mask = may_be & (np.random.default_rng(seed).random(len(labels)) < chance)
    becomes = np.arange(labels.max() + 1, dtype=labels.dtype)
    becomes[list(mistaken_for)] = list(mistaken_for.values())
    return np.where(wrong, becomes[labels], labels), wrong


def instance_dependent(
    labels: LabelVector, weak: Probs, rate: float, seed: int
) -> tuple[LabelVector, Mask]:
    """Give ambiguous images the class a weak net would choose next.

    The chance of an image is in proportion to the probability of that class; `weak` is what the
    net says, (n, k). ValueError if too few images are ambiguous for the rate.
    """
    every = np.arange(len(labels))
    others = weak.astype(np.float64)
    others[every, labels] = -1
    second = others.argmax(axis=1).astype(labels.dtype)
    ambiguity = others[every, second].clip(min=0)
    if (ambiguity > 0).mean() < rate:
        raise ValueError(f"fewer than {rate:.0%} of the images are ambiguous")
    chance = ambiguity
    for _ in range(_ROUNDS):
        chance = np.minimum(1, chance * rate * len(labels) / chance.sum())
    wrong: Mask = np.random.default_rng(seed).random(len(labels)) < chance
    return np.where(wrong, second, labels), wrong


def weak_net(images: NDArray[Any], labels: LabelVector, seed: int) -> Probs:
    """Probabilities (n, k) of a small perceptron after one epoch on the true labels.

    It is no part of the product, so the noise stays the same when the product gets better.
    """
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255
    net = MLPClassifier((64,), batch_size=256, random_state=seed)
    net.partial_fit(pixels, labels, classes=np.arange(labels.max() + 1))
    weak: Probs = net.predict_proba(pixels).astype(np.float32)
    return weak
