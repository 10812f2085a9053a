"""What gives a class away beside its pixels: size and type of the files, order in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from models.audit.by_class import Grouping, difference, one_after_another, surely_off
from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.wording import listed, within
from models.review.association import one_against_rest
from models.types import Mask, SampleIds, Scores

_CHECK, _KIND = "shortcuts", "shortcut"
_GIVES_AWAY = 0.4  # more of a class has such a file than of the others
_MOST_VALUES = 32  # sizes that are tried
_NUMBER_GIVES_AWAY = 0.4  # of an area under the ROC curve, from the middle: 0.9 or 0.1
_ORDERED = 0.8  # of the labels follow from the one before, beyond what shares of classes explain
_FEWEST_IN_ORDER = 50
_ALIASES = {".jpeg": ".jpg", ".tiff": ".tif"}


def file_type(path: str) -> str:
    """The suffix of a file, one for each format; empty where an image is no file of its own."""
    suffix = PurePosixPath(path).suffix.lower()
    return _ALIASES.get(suffix, suffix) if suffix[1:].isalnum() else ""


def facts_of_files(
    material: AuditMaterial, ids: SampleIds, grouping: Grouping, codes: Sequence[int]
) -> Iterator[Finding]:
    """Sizes and types of files that one class has and the others do not."""
    height, width = material.facts.sizes[ids].T
    types = [file_type(material.paths[i]) for i in ids]
    names = np.array([f"{w}x{h} pixels" for w, h in zip(width, height, strict=True)])
    for topic, values, verb in (("size", names, "have"), ("file", np.array(types), "are")):
        found = list(_categories(material, ids, grouping, codes, topic, values, verb))
        yield from found
        if topic == "size" and not found and len(np.unique(names)) > 1:
            yield from _sizes(material, ids, grouping, codes, height, width)


def _categories(
    material: AuditMaterial,
    ids: SampleIds,
    grouping: Grouping,
    codes: Sequence[int],
    topic: str,
    values: NDArray[np.str_],
    verb: str,
) -> Iterator[Finding]:
    every, counts = np.unique(values, return_counts=True)
    if len(every) < 2:
        return
    told: set[int] = set()
    for value in every[np.argsort(-counts, kind="stable")][:_MOST_VALUES]:
        has = values == value
        groups = one_after_another(
            lambda left, has=has: np.maximum(difference(has, grouping, left).size, 0),  # type: ignore[misc]
            grouping.k,
            _GIVES_AWAY,
        )
        new = [group for group in groups if group not in told]
        if not new:
            continue
        told.update(new)
        own, others = _shares(has, grouping, new)
        classes = tuple(material.class_names[codes[group]] for group in new)
        yield _given_away(
            topic,
            f"{own:.0%} of the images of {listed(classes)} {verb} {value}, of all "
            f"others {others:.0%}: the file gives the class away, whatever it shows.",
            "Photos of one kind were downloaded from a shop, which has all of them in one size.",
            Remedy("Make all images in one way from their originals, or collect others."),
            classes,
            own - others,
            ids[has & np.isin(grouping.classes, new)],
        )


def _shares(has: Mask, grouping: Grouping, groups: Sequence[int]) -> tuple[float, float]:
    """Of the images of the first of some classes, and of those of all but these classes."""
    first = grouping.classes == groups[0]
    others = np.isin(grouping.classes, groups, invert=True)
    return float(has[first].mean()), float(has[others].mean())


def _sizes(
    material: AuditMaterial,
    ids: SampleIds,
    grouping: Grouping,
    codes: Sequence[int],
    height: NDArray[np.int32],
    width: NDArray[np.int32],
) -> Iterator[Finding]:
    area: Scores = (height * width).astype(np.float32)
    aspect: Scores = (width / height).astype(np.float32)
    for word, opposite, number in (("larger", "smaller", area), ("wider", "narrower", aspect)):
        contrast = one_against_rest(number, grouping.classes, grouping.k)
        sure = surely_off(contrast)
        group = int(np.abs(sure).argmax())
        if abs(sure[group]) < _NUMBER_GIVES_AWAY:
            continue
        name = material.class_names[codes[group]]
        share = max(contrast.area[group], 1 - contrast.area[group])
        yield _given_away(
            "size",
            f"Images of {name} are {word if sure[group] > 0 else opposite} than the others in "
            f"{share:.0%} of all comparisons: the size of the file gives the class away.",
            "Photos of one kind were downloaded from a shop, which has all of them in one size.",
            Remedy("Make all images in one way from their originals, or collect others."),
            (name,),
            float(contrast.area[group]),
            ids[grouping.classes == group],
            (float(contrast.low[group]), float(contrast.high[group])),
        )
        return


def order_of_the_file(material: AuditMaterial) -> Iterator[Finding]:
    """Whether the label of an image follows from the one before it. Folders are always sorted."""
    if material.info.kind == "folder":
        return
    k = len(material.class_names)
    for code, split in enumerate(material.splits):
        here = np.flatnonzero(material.labelled & (material.split_codes == code))
        labels = material.labels[here].astype(np.int64)
        if len(labels) < _FEWEST_IN_ORDER or len(np.unique(labels)) < 2:
            continue
        followers, n = np.unique(labels[:-1] * k + labels[1:], return_counts=True)
        likeliest = np.zeros(k)
        np.maximum.at(likeliest, followers // k, n)
        base = np.bincount(labels).max() / len(labels)
        known = likeliest.sum() / (len(labels) - 1)
        if known - base < _ORDERED * (1 - base):
            continue
        yield Finding(
            _CHECK,
            _KIND,
            Severity.NOTE,
            1.0,
            within(
                split,
                material.splits,
                f"labels follow from the order of the file: {known:.0%} can be told from the one "
                "before. It costs nothing as long as images are shuffled before they are learnt "
                "from or split.",
            ),
            "Somebody took the last tenth of a sorted file for validation: it held one class.",
            Remedy("Shuffle before splitting, and in every epoch."),
            (split,),
            effect=float(known),
            topic="order",
        )


def _given_away(
    topic: str,
    words: str,
    real_world: str,
    remedy: Remedy,
    classes: tuple[str, ...],
    effect: float,
    samples: SampleIds,
    ci95: tuple[float, float] | None = None,
) -> Finding:
    return Finding(
        _CHECK,
        _KIND,
        Severity.WARNING,
        0.99,
        words,
        real_world,
        remedy,
        classes=classes,
        effect=effect,
        ci95=ci95,
        samples=samples,
        topic=topic,
    )
