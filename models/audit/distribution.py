"""Do the splits follow one distribution? Classes, and how the images look and were processed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.audit.changes import Change, changes, colour_at_edge
from models.audit.class_shares import differing_classes
from models.audit.finding import Finding, Remedy, Severity
from models.audit.looks import Looks, Reference, Stack, looks
from models.audit.material import AuditMaterial
from models.data.undoing import BYTES, applied
from models.types import Event, Progress, SampleIds, Unable

_CHECK = "distribution"
_COMPARED, _QUICKLY_COMPARED = 1_000, 400  # images of each split
_FEWEST = 40
_HALVINGS = 20  # of a split, to learn how far two like parts are apart
_USUAL = 0.9  # of these
_BEYOND = 2.0  # times as far apart, for splits to differ for certain
# Of the distance, what a change may leave to be named: where they differ for certain, and where
# they are only farther apart than usual.
_LEFT, _LEFT_IN_DOUBT = 0.5, 0.2
_LEFT_UNDONE = 0.2  # and what undoing it may leave, to be offered
_BROKEN = 0.05  # of accuracy

_REAL_WORLD = {
    "inverted": "Half the scans came from a device that stores black as 255.",
    "channel_order": "One team read its photos with OpenCV (BGR), the other with PIL (RGB).",
    "scaling": "One split was divided by 255 twice, or normalised by its own statistics.",
    "brightness": "The test photos were taken in the evening.",
    "contrast": "A new camera with another sensor took the test photos.",
    "blur": "The lens of one camera was not clean.",
    "resampled": "One split was made larger from thumbnails.",
    "noise": "One camera worked in the dark with a high ISO.",
    "jpeg": "One split went through a messenger that compresses photos.",
    "grey": "Some photos were scanned from a printed page.",
    "flipped": "A front camera mirrors what it takes.",
    "rotated": "The EXIF orientation was lost when photos were copied.",
    "border": "A scanner left a frame around its pages.",
}


def check_distribution(
    material: AuditMaterial, _: Sequence[Finding] = ()
) -> Iterator[Finding | Event]:
    """Compare each split with each other one, and name what makes them differ."""
    if len(material.splits) < 2:
        yield Unable(_CHECK, "There is one split only, and nothing to compare it with.")
        return
    yield from differing_classes(material)
    yield from _processing(material)


@dataclass(frozen=True)
class _Part:
    """Some images of a split, and how they look."""

    split: str
    ids: SampleIds
    images: Stack
    looks: Looks

    @cached_property
    def apart(self) -> float:
        """How far two halves of it are apart, but for a few in which rare images decide."""
        rng = np.random.default_rng(0)
        n = len(self.looks)
        distances = []
        for _ in range(_HALVINGS):
            order = rng.permutation(n)
            halves = self.looks[order[: n // 2]], self.looks[order[n // 2 :]]
            distances.append(Reference.of(halves[0]).distance(halves[1]))
        return float(np.quantile(distances, _USUAL))


@dataclass(frozen=True)
class _Named:
    """What was done to `changed` and not to `usual`, as far as it explains the difference."""

    usual: _Part
    changed: _Part
    change: Change
    distance: float  # before
    left: float  # once it is done to the usual one too


def _processing(material: AuditMaterial) -> Iterator[Finding | Event]:
    parts = _parts(material)
    if len(parts) < 2:
        why = "Too few images of the same classes to compare how splits look."
        yield Unable(_CHECK, why, tuple(_REAL_WORLD))
        return
    usually = float(np.median([part.apart for part in parts]))
    differing, apart = [], dict.fromkeys([part.split for part in parts], 0.0)
    pairs = list(combinations(parts, 2))
    for place, (a, b) in enumerate(pairs):
        yield Progress(place, len(pairs), "comparing splits")
        distance = min(_both_ways(a, b))
        apart[a.split] += distance
        apart[b.split] += distance
        if distance > max(usually, a.apart, b.apart):
            differing.append((a, b))
    if _look_alike_mirrored(parts[0], usually):
        yield Unable(
            _CHECK,
            "Mirrored left to right, these images look as before: whether a split was mirrored "
            "cannot be told.",
            ("flipped",),
        )
    told = set()
    for usual, changed in _odd_second(differing, apart):
        if changed.split not in told:
            named = _tried(usual, changed, _BEYOND * usually)
            if named is not None:
                told.add(changed.split)
                yield _processed(material, named)


def _look_alike_mirrored(part: _Part, usually: float) -> bool:
    """Whether mirroring changes no more than chance does. Natural images are so: a classifier of
    patches that learnt from 4,000 images of CIFAR-10 which way round they are is right of 52%."""
    mirrored = looks(np.ascontiguousarray(part.images[:, :, ::-1]))
    return Reference.of(part.looks).distance(mirrored) <= usually


def _both_ways(a: _Part, b: _Part) -> tuple[float, float]:
    """How far they are apart, in units of either: what is the same in all images of one but for
    a few odd ones makes it look far from the other, and its own halves from each other."""
    return Reference.of(b.looks).distance(a.looks), Reference.of(a.looks).distance(b.looks)


def _odd_second(
    pairs: Sequence[tuple[_Part, _Part]], apart: Mapping[str, float]
) -> list[tuple[_Part, _Part]]:
    """Each pair with the split second that differs from more of the others, or is farther apart
    from them all; of two alike in that the later one, for a model learns from the first."""
    times = Counter(part.split for pair in pairs for part in pair)
    odd = {split: (times[split], apart[split]) for split in apart}
    return [(b, a) if odd[a.split] > odd[b.split] else (a, b) for a, b in pairs]


def _parts(material: AuditMaterial) -> list[_Part]:
    """Of each split as many images of each class, so that classes do not make them differ."""
    at_most = _QUICKLY_COMPARED if material.quick else _COMPARED
    parts = []
    for code, ids in _alike_in_classes(material, at_most).items():
        if len(ids) >= _FEWEST:
            images = material.stack(ids)
            parts.append(_Part(material.splits[code], ids, images, looks(images)))
    return parts


def _alike_in_classes(material: AuditMaterial, at_most: int) -> dict[int, SampleIds]:
    codes = range(len(material.splits))
    drawn = {code: material.ids_of(code, at_most) for code in codes}
    if not all(material.labelled[ids].all() for ids in drawn.values()):
        return drawn
    k = len(material.class_names)
    counts = {c: np.bincount(material.labels[ids], minlength=k) for c, ids in drawn.items()}
    filled = [count for count in counts.values() if count.sum() >= _FEWEST]
    if not filled:
        return drawn
    common = np.minimum.reduce(filled)
    if common.sum() < _FEWEST:
        return {}  # what differs is what they show, not how they were processed
    alike = {}
    for code, ids in drawn.items():
        rng = np.random.default_rng((material.seed, code, 1))
        order = rng.permutation(ids)
        rank = _rank_in_class(material.labels[order])
        alike[code] = np.sort(order[rank < common[material.labels[order]]])
    return alike


def _rank_in_class(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """(n,) how many of the same class come before each."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], labels[order])
    rank = np.empty(len(labels), np.int64)
    rank[order] = np.arange(len(labels)) - starts
    return rank


def _tried(usual: _Part, changed: _Part, certain: float) -> _Named | None:
    """The change that makes the usual split look most like the other one, if any does."""
    reference = Reference.of(changed.looks)
    before = reference.distance(usual.looks)
    height, width, channels = usual.images.shape[1:]
    tried = changes(channels, square=height == width, frame=colour_at_edge(changed.images))
    found = [
        (reference.distance(looks(np.ascontiguousarray(change.apply(usual.images)))), change)
        for change in tried
    ]
    left, change = min(found, key=lambda one: one[0])
    if left > (_LEFT if before > certain else _LEFT_IN_DOUBT) * before:
        return None
    return _Named(usual, changed, change, before, left)


def _processed(material: AuditMaterial, named: _Named) -> Finding:
    usual, changed, change = named.usual.split, named.changed.split, named.change
    explained = 1 - named.left / named.distance
    undo = {"split": changed, "undo": change.undo}
    return Finding(
        _CHECK,
        change.kind,
        Severity.ERROR if _costs(material, changed) else Severity.WARNING,
        min(1.0, explained + 0.05),
        f"The images of {changed} are {change.words}, those of {usual} are not: once the same is "
        f"done to {usual}, {explained:.0%} of the difference between the two is gone.",
        _REAL_WORLD[change.kind],
        Remedy(f"Undo it in {changed}.", "undo_processing", undo)
        if _comes_back(named)
        else Remedy(f"Make {changed} anew from its originals, in the way {usual} was made."),
        (changed,),
        effect=explained,
        samples=named.changed.ids,
    )


def _comes_back(named: _Named) -> bool:
    """Whether undoing the change makes the changed split look like the usual one again: not where
    too much was cut off on the way."""
    if named.change.undo is None:
        return False
    reference, images = Reference.of(named.usual.looks), named.changed.images
    undone = np.clip(np.rint(applied(images, [named.change.undo], BYTES)), *BYTES)
    left = reference.distance(looks(undone))
    return left <= _LEFT_UNDONE * reference.distance(named.changed.looks)


def _costs(material: AuditMaterial, changed: str) -> bool:
    """Whether the model is clearly worse on the changed split than on other images that it did not
    learn from; where there are none, than on those it did, which flatter it."""
    seen = material.predictions
    if seen is None:
        return False
    right = seen.probabilities.argmax(axis=1) == material.labels
    known = material.labelled & np.isfinite(seen.probabilities[:, 0])
    here = material.split_codes == material.splits.index(changed)
    judged, others = known & here & ~seen.trained, known & ~here
    usual = others & ~seen.trained if (others & ~seen.trained).any() else others
    if not judged.any() or not usual.any():
        return False
    return bool(right[usual].mean() - right[judged].mean() >= _BROKEN)
