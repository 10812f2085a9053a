"""Damages clean train / validation / test splits, seeded, in every way an audit has a name for."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from sklearn.datasets import load_digits

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


# -- labels -------------------------------------------------------------------------------
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


# -- distribution and processing ------------------------------------------------------------
def label_shift(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Some classes are rarer in the test split than in the others."""
    rare = rng.permutation(of.n_classes)[: of.n_classes // 2]
    kept = np.ones(len(of.labels["test"]), bool)
    kept[np.isin(of.labels["test"], rare)] = False
    kept |= rng.random(len(kept)) < (0.5, 0.3, 0.1)[strength]
    return Damaged(_of_split(of, "test", kept), frozenset({"label_shift"}))


def class_missing(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """A class that is only in some splits."""
    a = int(rng.integers(of.n_classes))
    damaged = _of_split(of, "train", of.labels["train"] != a)
    if strength == 0:
        damaged = _of_split(of, "test", of.labels["test"] != a)
    kinds = frozenset({"class_missing", "label_set_mismatch"})
    return Damaged(damaged, kinds, classes=frozenset({a}))


def brightness(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    by = (15, 30, 60)[strength]
    return _changed(of, lambda x: _bytes(x.astype(float) + by), "brightness")


def contrast(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    share = (0.85, 0.7, 0.4)[strength]
    return _changed(
        of,
        lambda x: _bytes(
            (x - x.mean((1, 2), keepdims=True)) * share + x.mean((1, 2), keepdims=True)
        ),
        *("contrast", "scaling", "brightness"),
    )


def scaling(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    share = (0.85, 0.5, 0.25)[strength]
    kinds = ("scaling", "brightness", "contrast")
    return _changed(of, lambda x: _bytes(x * share), *kinds)


def blur(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    radius = (0.5, 1.0, 2.0)[strength]
    blurred = ImageFilter.GaussianBlur(radius)
    changed = _each(lambda image: image.filter(blurred))
    return _changed(of, changed, "blur", "resampled", parameter=f"{radius}")


def noise(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    sd = (8, 16, 32)[strength]
    return _changed(of, lambda x: _bytes(x + rng.normal(0, sd, x.shape)), "noise")


def grey(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    def to_grey(x: Images) -> Images:
        return _bytes(np.repeat(x.mean(axis=3, keepdims=True), x.shape[3], axis=3))

    return _changed(of, to_grey, "grey")


def channel_order(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    return _changed(of, lambda x: x[..., ::-1].copy(), "channel_order")


def inverted(of: Triplet, _: int, __: np.random.Generator) -> Damaged:
    return _changed(of, lambda x: (255 - x).astype(np.uint8), "inverted")


def flipped(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    upside_down = strength == 2

    def flip(x: Images) -> Images:
        return (x[:, ::-1] if upside_down else x[:, :, ::-1]).copy()

    return _changed(of, flip, "flipped", *(("rotated",) if upside_down else ()))


def rotated(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    quarters = (3, 1, 2)[strength]
    return _changed(
        of,
        lambda x: np.rot90(x, quarters, (1, 2)).copy(),
        *("rotated", "flipped"),
        parameter=f"{90 * quarters}",
    )


def resampled(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    share = (0.75, 0.5, 0.35)[strength]

    def small_and_back(image: Image.Image) -> Image.Image:
        width, height = (max(1, round(side * share)) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BILINEAR)
        return small.resize(image.size, Image.Resampling.BILINEAR)

    return _changed(of, _each(small_and_back), "resampled", "blur")


def jpeg(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    return _changed(of, _each(_as_jpeg((50, 25, 10)[strength])), "jpeg")


def border(of: Triplet, strength: int, _: np.random.Generator) -> Damaged:
    wide = (1, 2, 3)[strength]

    def framed(x: Images) -> Images:
        made = x.copy()
        made[:, :wide], made[:, -wide:] = 200, 200
        made[:, :, :wide], made[:, :, -wide:] = 200, 200
        return made

    return _changed(of, framed, "border")


def foreign_images(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """Digits among the images of the test split, as large as these and with as many channels."""
    n = len(of.labels["test"])
    places = rng.permutation(n)[: _so_many(n, strength)]
    images = of.images["test"].copy()
    height, width, channels = images.shape[1:]
    digits = load_digits().images
    for place, digit in zip(places, rng.permutation(len(digits)), strict=False):
        small = Image.fromarray((digits[digit] * 255 / 16).astype(np.uint8))
        large = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
        images[place] = np.repeat(large[..., np.newaxis], channels, axis=2)
    damaged = of.with_images("test", images)
    return Damaged(damaged, frozenset({"foreign_images"}), frozenset({"test"}))


# -- copies -------------------------------------------------------------------------------
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
    some, twice = np.split(rng.permutation(n)[: 2 * _so_many(n, strength)], 2)
    images, labels = of.images["train"].copy(), of.labels["train"].copy()
    images[twice], labels[twice] = images[some], labels[some]
    damaged = of.with_images("train", images).with_labels("train", labels)
    return Damaged(damaged, frozenset({"duplicate_exact"}), frozenset({"train"}))


def duplicate_conflict(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """The same, under another label."""
    n = len(of.labels["train"])
    some, twice = np.split(rng.permutation(n)[: 2 * _so_many(n, strength)], 2)
    images, labels = of.images["train"].copy(), of.labels["train"].copy()
    images[twice] = images[some]
    labels[twice] = (labels[some] + rng.integers(1, of.n_classes, len(some))) % of.n_classes
    damaged = of.with_images("train", images).with_labels("train", labels)
    return Damaged(damaged, frozenset({"duplicate_conflict"}), frozenset({"train"}))


# -- balance and shortcuts ------------------------------------------------------------------
def imbalance(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """All classes but one are thinned out, in all splits alike."""
    a, share = int(rng.integers(of.n_classes)), (0.1, 0.05, 0.02)[strength]
    damaged = of
    for split in SPLITS:
        kept = (of.labels[split] == a) | (rng.random(len(of.labels[split])) < share)
        damaged = _of_split(damaged, split, kept)
    return Damaged(damaged, frozenset({"imbalance", "class_too_small"}))


def class_too_small(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """One class has a handful of images in every split."""
    a, left = int(rng.integers(of.n_classes)), (8, 5, 2)[strength]
    damaged = of
    for split in SPLITS:
        of_class = rng.permutation(np.flatnonzero(of.labels[split] == a))
        kept = np.ones(len(of.labels[split]), bool)
        kept[of_class[left:]] = False
        damaged = _of_split(damaged, split, kept)
    kinds = frozenset({"class_too_small", "imbalance"})
    return Damaged(damaged, kinds, classes=frozenset({a}))


def shortcut_brightness(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    share = (0.95, 0.9, 0.7)[strength]
    return _given_away(of, rng, lambda x: _bytes(x * share))


def shortcut_mark(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    side = (1, 2, 4)[strength]

    def marked(x: Images) -> Images:
        made = x.copy()
        made[:, :side, :side] = 255
        return made

    return _given_away(of, rng, marked)


def shortcut_jpeg(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    return _given_away(of, rng, _each(_as_jpeg((60, 30, 10)[strength])))


def shortcut_grey(of: Triplet, strength: int, rng: np.random.Generator) -> Damaged:
    """A class in grey while the rest is in colour, wholly or for most of its images."""
    share = (0.8, 0.9, 1.0)[strength]

    def mostly_grey(x: Images) -> Images:
        as_grey = _bytes(np.repeat(x.mean(axis=3, keepdims=True), x.shape[3], axis=3))
        return np.where(rng.random(len(x))[:, None, None, None] < share, as_grey, x)

    return _given_away(of, rng, mostly_grey)


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


# -- how ------------------------------------------------------------------------------------
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


def _changed(
    of: Triplet, change: Callable[[Images], Images], *kinds: str, parameter: str = ""
) -> Damaged:
    """The test split processed in another way than the others."""
    damaged = of.with_images("test", change(of.images["test"]))
    return Damaged(damaged, frozenset(kinds), frozenset({"test"}), parameter=parameter)


def _of_split(of: Triplet, split: str, kept: NDArray[np.bool_]) -> Triplet:
    damaged = of.with_images(split, of.images[split][kept])
    return damaged.with_labels(split, of.labels[split][kept])


def _leaked(
    of: Triplet,
    strength: int,
    rng: np.random.Generator,
    change: Callable[[Images], Images],
    kind: str,
) -> Damaged:
    n = len(of.labels["test"])
    places = rng.permutation(n)[: _so_many(n, strength)]
    taken = rng.permutation(len(of.labels["train"]))[: len(places)]
    images, labels = of.images["test"].copy(), of.labels["test"].copy()
    images[places] = change(of.images["train"][taken])
    labels[places] = of.labels["train"][taken]
    damaged = of.with_images("test", images).with_labels("test", labels)
    return Damaged(damaged, frozenset({kind}))


def _so_many(n: int, strength: int) -> int:
    return max(2, round(n * (0.02, 0.05, 0.2)[strength]))


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


def _each(change: Callable[[Image.Image], Image.Image]) -> Callable[[Images], Images]:
    def changed(images: Images) -> Images:
        made = [
            np.asarray(change(Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)))
            for image in images
        ]
        return np.stack(made).reshape(images.shape)

    return changed


def _as_jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    def through(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return through


def _bytes(values: NDArray[Any]) -> Images:
    made: Images = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return made


def _shifted(x: Images) -> Images:
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    made: Images = padded[:, 1 : 1 + x.shape[1], 3 : 3 + x.shape[2]]
    return made


_ALTERATIONS: tuple[Callable[[Images], Images], ...] = (
    lambda x: x[:, :, ::-1],
    _shifted,
    lambda x: _bytes(x * 0.8 + 20.0),
    _each(_as_jpeg(60)),
)
