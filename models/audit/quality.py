"""Which images are broken, empty, dark, bright, flat, blurred, say little, or are of odd form?"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.audit.causes import OF_CLASSES
from models.audit.files import file_type
from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.traces import Bytes, Floats, as_bytes
from models.audit.wording import listed
from models.review.properties import PROPERTIES, measured
from models.types import Event, Mask, Progress, SampleIds, Unable

_CHECK = "quality"
_NOTABLE, _HALF = 0.01, 0.5  # share of a split
_FEWEST = 30  # images, to say what is odd among them
_NO_LIGHT = 0.12  # mean and twice the deviation of the luma: even the bright parts are dark
_FLAT = 0.03  # deviation of the luma
_LESS = 3  # times less light or contrast than images usually have
_BLURRED, _LITTLE = 6, 2  # times less sharp than usual, half the information
_FAR = 4.0  # standard deviations, as the usual half of all images tells them
_ODD_ASPECT, _TINY = 2.5, 16  # times another aspect, times fewer pixels than usual
_USUAL_SIZE = 0.9  # of the images of a split
_USUAL_TYPE, _RARE_TYPE = 0.9, 0.01  # shares of files
# What is so beside the other images alone; files of an odd type are among far more than so few.
_UNUSUAL = ("dark", "bright", "flat", "blurred", "little", "aspect", "size")
_LEVELS = 32  # of the values whose entropy is the information of an image
_AT_ONCE = 1_024

_ROWS = [PROPERTIES.index(name) for name in ("brightness", "contrast", "sharpness")]
_CERTAIN_REAL_WORLD = "The camera went on taking pictures with its cap on, and nobody looked."
_ODD_REAL_WORLD = "A download failed, and the page that said so was saved as an image."


@dataclass(frozen=True)
class _Defect:
    """Images with one thing wrong, the worst first. `certain`: whatever the others look like."""

    topic: str
    words: str  # before ": 12 images"
    ids: SampleIds
    certain: bool


def check_quality(
    material: AuditMaterial, found: Sequence[Finding] = ()
) -> Iterator[Finding | Event]:
    """Go through the images one by one; what is odd is so beside the others of this dataset."""
    yield from _unreadable(material)
    yield from _sizes_of_splits(material)
    ids = np.flatnonzero(material.usable)
    if not len(ids):
        yield Unable(_CHECK, "No image can be read.", ("quality",))
        return
    empty = material.facts.blank[ids]
    broken = ~np.isfinite(material.facts.means[ids])
    yield from _found(material, _Defect("empty", "Of one value all over", ids[empty], True))
    words = "With values that are no numbers (NaN or infinite)"
    yield from _found(material, _Defect("not numbers", words, ids[broken], True))
    rest = ids[~empty & ~broken]
    if len(rest) < _FEWEST:
        why = f"With fewer than {_FEWEST} images nothing can be called unusual."
        yield Unable(_CHECK, why, tuple(f"quality:{topic}" for topic in _UNUSUAL))
        return
    seen = yield from _measured(material, rest)
    for defect in _of_light(rest, seen):
        for one in _found(material, defect):
            cause = _cause(one, found)
            yield one.because_of(cause) if cause else one
    for defect in (*_of_content(rest, seen), *_of_form(material, rest)):
        yield from _found(material, defect)


@dataclass(frozen=True)
class _Seen:
    """What the pixels of m images say."""

    brightness: Floats
    contrast: Floats
    sharpness: Floats
    information: Floats  # bits


def _cause(one: Finding, found: Sequence[Finding]) -> Finding | None:
    """What was done to a whole split: one that was made darker has images that are too dark, and
    where one has another range of values those of all others look flat beside it."""
    for cause in found:
        of_looks = cause.check == "distribution" and cause.kind not in OF_CLASSES
        here = set(one.splits) <= set(cause.splits) or cause.kind == "scaling"
        if of_looks and here and cause.severity > Severity.NOTE:
            return cause
    return None


def _measured(material: AuditMaterial, ids: SampleIds) -> Generator[Event, None, _Seen]:
    size = material.images.shape[:2]
    tables, information = [], []
    for start in range(0, len(ids), _AT_ONCE):
        pixels = as_bytes(material.images.pixels[ids[start : start + _AT_ONCE]])
        if pixels.shape[3] not in (1, 3):
            pixels = pixels[..., :1]
        tables.append(measured(pixels, size).astype(np.float64))
        information.append(_information(pixels))
        yield Progress(start, len(ids), "looking at every image")
    table = np.concatenate(tables, axis=1)
    brightness, contrast, sharpness = np.nan_to_num(table[_ROWS])
    return _Seen(brightness, contrast, sharpness, np.concatenate(information))


def _information(pixels: Bytes) -> Floats:
    """Entropy of the values of each image, in bits. (m,)"""
    m = len(pixels)
    levels = pixels.reshape(m, -1) // (256 // _LEVELS)
    codes = np.arange(m)[:, np.newaxis] * _LEVELS + levels
    counts = np.bincount(codes.reshape(-1), minlength=m * _LEVELS).reshape(m, _LEVELS)
    shares = counts / counts.sum(axis=1, keepdims=True)
    entropy: Floats = -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1)
    return entropy


def _of_light(ids: SampleIds, seen: _Seen) -> Iterator[_Defect]:
    for topic, words, light in (
        ("dark", "Black or nearly so", seen.brightness),
        ("bright", "White or nearly so", 1 - seen.brightness),
    ):
        reach = light + 2 * seen.contrast
        lost = (reach < _NO_LIGHT) & (reach < np.median(reach) / _LESS)
        yield _Defect(topic, words, _worst(ids, reach, lost), True)
    flat = (seen.contrast < _FLAT) & (seen.contrast < np.median(seen.contrast) / _LESS)
    yield _Defect("flat", "With hardly any contrast", _worst(ids, seen.contrast, flat), True)


def _of_content(ids: SampleIds, seen: _Seen) -> Iterator[_Defect]:
    log_sharpness = np.log(np.maximum(seen.sharpness, 1e-6))
    blurred = _far_below(log_sharpness) & (
        log_sharpness < np.median(log_sharpness) - np.log(_BLURRED)
    )
    yield _Defect(
        "blurred", "Blurred or without detail", _worst(ids, log_sharpness, blurred), False
    )
    little = _far_below(seen.information) & (
        seen.information < np.median(seen.information) / _LITTLE
    )
    words = "With far less information than the others, as drawings and placeholders have"
    yield _Defect("little", words, _worst(ids, seen.information, little), False)


def _of_form(material: AuditMaterial, ids: SampleIds) -> Iterator[_Defect]:
    height, width = material.facts.sizes[ids].T.astype(np.float64)
    aspect = np.abs(np.log(width / height) - np.median(np.log(width / height)))
    odd = aspect > np.log(_ODD_ASPECT)
    yield _Defect(
        "aspect", "Far wider or narrower than the others", _worst(ids, -aspect, odd), False
    )
    area = width * height
    tiny = area * _TINY < np.median(area)
    words = f"With less than a {_TINY}th of the usual number of pixels"
    yield _Defect("size", words, _worst(ids, area, tiny), False)
    types = np.array([file_type(material.paths[i]) for i in ids])
    every, place, counts = np.unique(types, return_inverse=True, return_counts=True)
    if counts.max() < _USUAL_TYPE * len(ids):
        return
    usual = every[counts.argmax()]
    for kind in np.flatnonzero(counts < _RARE_TYPE * len(ids)):
        words = f"Files of another type ({every[kind] or 'no suffix'}) than most ({usual})"
        yield _Defect(f"type {every[kind]}", words, ids[place == kind], False)


def _far_below(values: Floats) -> Mask:
    """Far below the median, in units of how far the usual images below it are."""
    low, middle = np.quantile(values, (0.25, 0.5))
    spread = max((middle - low) / 0.6745, 1e-9)  # of a normal distribution
    far: Mask = values < middle - _FAR * spread
    return far


def _worst(ids: SampleIds, values: Floats, which: Mask) -> SampleIds:
    """Those that are, the lowest first."""
    chosen = np.flatnonzero(which)
    return ids[chosen[np.argsort(values[chosen], kind="stable")]]


def _found(material: AuditMaterial, defect: _Defect) -> Iterator[Finding]:
    ids = defect.ids
    if not len(ids):
        return
    counts, shares = _by_split(material, ids, material.usable)
    classes = _whole_classes(material, ids) if defect.certain else ()
    severity = Severity.NOTE
    if defect.certain and (max(shares) >= _NOTABLE or classes):
        severity = Severity.ERROR if max(shares) >= _HALF else Severity.WARNING
    yield Finding(
        _CHECK,
        "quality",
        severity,
        1.0 if defect.certain else 0.7,
        f"{defect.words}: {_so_many(len(ids))}{_where(material, counts)}.",
        _CERTAIN_REAL_WORLD if defect.certain else _ODD_REAL_WORLD,
        Remedy(
            "Look at them, and leave out what is of no use.",
            "exclude",
            {"samples": ids.tolist()},
        ),
        _splits(material, counts),
        classes,
        max(shares),
        samples=ids,
        plot=Plot("Images", material.splits, {defect.topic: counts.tolist()}),
        topic=defect.topic,
    )


def _unreadable(material: AuditMaterial) -> Iterator[Finding]:
    why = material.facts.unreadable
    ids = np.flatnonzero(material.included & ~material.images.readable)
    if not len(ids):
        return
    counts, shares = _by_split(material, ids, material.included)
    known = [why[i] for i in ids.tolist() if i in why]
    reasons, times = np.unique(known, return_counts=True) if known else ((), ())
    usual = f" Most often: {reasons[int(np.argmax(times))]}" if len(reasons) else ""
    severity = Severity.NOTE
    if max(shares) >= _NOTABLE:
        severity = Severity.ERROR if max(shares) >= _HALF else Severity.WARNING
    yield Finding(
        _CHECK,
        "unreadable",
        severity,
        1.0,
        f"Unreadable: {_so_many(len(ids))}{_where(material, counts)}, which no figure counts."
        f"{usual}",
        "The disk was full while the dataset was copied.",
        Remedy(
            "Get these files again from where they come from, or exclude them.",
            "exclude",
            {"samples": ids.tolist()},
        ),
        _splits(material, counts),
        (),
        max(shares),
        samples=ids,
        plot=Plot("Images", material.splits, {"unreadable": counts.tolist()}),
    )


def _sizes_of_splits(material: AuditMaterial) -> Iterator[Finding]:
    """Splits whose images have each their own size."""
    usual: dict[str, tuple[int, int]] = {}
    for code, split in enumerate(material.splits):
        sizes = material.facts.sizes[material.ids_of(code)]
        if len(sizes):
            every, counts = np.unique(sizes, axis=0, return_counts=True)
            if counts.max() < _USUAL_SIZE * len(sizes):
                return
            height, width = every[counts.argmax()].tolist()
            usual[split] = width, height
    if len(set(usual.values())) < 2:
        return
    told = [f"{w}x{h} pixels in {split}" for split, (w, h) in usual.items()]
    height, width, _ = material.images.shape
    yield Finding(
        _CHECK,
        "quality",
        Severity.WARNING,
        1.0,
        f"Images have another size in each split: {listed(told)}. They were all made "
        f"{width}x{height} to compare them and to learn from them, so other differences between "
        "these splits may come from that alone.",
        "The test photos were exported by another tool, which made them smaller.",
        Remedy("Make all splits anew from the originals, in one size."),
        tuple(usual),
        plot=Plot(
            "Width and height of the images",
            tuple(usual),
            {
                "width": [w for w, _ in usual.values()],
                "height": [h for _, h in usual.values()],
            },
        ),
        topic="size by split",
    )


def _by_split(
    material: AuditMaterial, ids: SampleIds, of: Mask
) -> tuple[NDArray[np.int64], list[float]]:
    """How many of each split, and which share of it."""
    n_splits = len(material.splits)
    counts = np.bincount(material.split_codes[ids], minlength=n_splits)
    whole = np.bincount(material.split_codes[of], minlength=n_splits)
    return counts, (counts / np.maximum(whole, 1)).tolist()


def _whole_classes(material: AuditMaterial, ids: SampleIds) -> tuple[str, ...]:
    """Classes most of whose images are among these."""
    k = len(material.class_names)
    of = np.bincount(material.labels[material.labelled], minlength=k)
    here = np.bincount(material.labels[ids[material.labelled[ids]]], minlength=k)
    return tuple(material.class_names[c] for c in np.flatnonzero((of > 0) & (here > _HALF * of)))


def _splits(material: AuditMaterial, counts: NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(material.splits[code] for code in np.flatnonzero(counts))


def _where(material: AuditMaterial, counts: NDArray[np.int64]) -> str:
    """ " (8 in train, 4 in test)", where there are several splits."""
    if len(material.splits) == 1:
        return ""
    parts = [f"{counts[code]:,} in {material.splits[code]}" for code in np.flatnonzero(counts)]
    return f" ({', '.join(parts)})"


def _so_many(n: int) -> str:
    return "1 image" if n == 1 else f"{n:,} images"
