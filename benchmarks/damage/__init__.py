"""Damages clean train / validation / test splits, seeded, in every way an audit has a name for."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.damage.classes import class_missing, class_too_small, imbalance, label_shift
from benchmarks.damage.copies import duplicate_conflict, duplicate_exact, leak_exact, leak_near
from benchmarks.damage.labels import (
    class_absorbed,
    class_shuffled,
    class_swap,
    label_noise,
    label_offset,
    labels_random,
    misaligned,
    order,
)
from benchmarks.damage.looks import (
    blur,
    border,
    brightness,
    channel_order,
    contrast,
    flipped,
    foreign_images,
    grey,
    inverted,
    jpeg,
    noise,
    resampled,
    rotated,
    scaling,
)
from benchmarks.damage.shortcuts import (
    shortcut_brightness,
    shortcut_grey,
    shortcut_jpeg,
    shortcut_mark,
)
from benchmarks.damage.triplet import (
    SPLITS,
    STRENGTHS,
    Damage,
    Damaged,
    Images,
    Triplet,
    drawn,
)

__all__ = [
    "ANY_IMAGES",
    "COLOUR_ONLY",
    "NO_DIGITS_ONLY",
    "SPLITS",
    "STRENGTHS",
    "Damage",
    "Damaged",
    "Images",
    "Triplet",
    "drawn",
]

ANY_IMAGES: Mapping[str, Damage] = {
    damage.__name__: damage
    for damage in (
        *(label_noise, class_swap, label_offset, class_shuffled, labels_random, class_absorbed),
        *(misaligned, order, label_shift, class_missing, brightness, contrast, scaling, blur),
        *(noise, inverted, flipped, rotated, resampled, jpeg, border, leak_exact, leak_near),
        *(duplicate_exact, duplicate_conflict, imbalance, class_too_small),
        *(shortcut_brightness, shortcut_mark, shortcut_jpeg),
    )
}
COLOUR_ONLY: Mapping[str, Damage] = {
    damage.__name__: damage for damage in (grey, channel_order, shortcut_grey)
}
NO_DIGITS_ONLY: Mapping[str, Damage] = {"foreign_images": foreign_images}
