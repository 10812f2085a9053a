"""Which properties go with a class: in all splits alike, or in one as in no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from models.audit.by_class import Grouping, surely_off
from models.audit.causes import cause_in
from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.traces import Bytes
from models.audit.wording import listed
from models.review.association import Contrast, holm, one_against_rest
from models.review.properties import PROPERTIES, measured
from models.types import LabelVector, SampleIds, Scores

_CHECK, _KIND = "shortcuts", "shortcut"
_STRONG = 0.3  # of an area under the ROC curve, from the middle: a note
_OTHERWISE = 0.25  # between two splits
_SURELY = 0.2  # the least that may be in truth
_FEWEST = 30  # images of a class, here and elsewhere
_SIGNIFICANT = 0.001
_Z95 = 1.959964
_PIXEL_PROPERTIES = PROPERTIES[:7]
_AT_ONCE = 2_048


def associations(
    material: AuditMaterial,
    ids: SampleIds,
    pixels: Bytes,
    grouping: Grouping,
    codes: Sequence[int],
    found: Sequence[Finding],
) -> Iterator[Finding]:
    """Properties that go with a class: in one split otherwise than in the others, or in all."""
    table = _table(pixels)
    names = [material.class_names[code] for code in codes]
    yield from _by_split(material, ids, table, grouping, names, found)
    lines, strongest, told = [], 0.0, []
    for row, name in enumerate(_PIXEL_PROPERTIES):
        known = np.isfinite(table[row])
        if not known.any() or np.ptp(table[row][known]) == 0:
            continue
        contrast = one_against_rest(table[row][known], grouping.classes[known], grouping.k)
        sure = surely_off(contrast)
        group = int(np.abs(sure).argmax())
        if abs(sure[group]) >= _STRONG:
            level = "high" if sure[group] > 0 else "low"
            words = name.replace("_", " ")
            lines.append(f"{words} is {level} in {names[group]} ({contrast.area[group]:.2f})")
            strongest = max(strongest, abs(float(sure[group])))
            told.append(names[group])
    if lines:
        yield Finding(
            _CHECK,
            _KIND,
            Severity.NOTE,
            0.5,
            f"Some classes can be told by simple properties, with the chance that an image of the "
            f"class has the larger value: {listed(lines)}. Often that is what they show.",
            "Wolves were photographed in snow, dogs on grass.",
            Remedy("Look at the images at both ends under Bias, and judge whether it is content."),
            classes=tuple(dict.fromkeys(told)),
            effect=strongest,
            topic="association",
        )


def _table(pixels: Bytes) -> Scores:
    """(properties, m)"""
    if pixels.shape[3] not in (1, 3):
        pixels = pixels[..., :1]
    size = (pixels.shape[1], pixels.shape[2])
    blocks = [
        measured(pixels[start : start + _AT_ONCE], size)[: len(_PIXEL_PROPERTIES)]
        for start in range(0, len(pixels), _AT_ONCE)
    ]
    return np.concatenate(blocks, axis=1)


@dataclass(frozen=True)
class _Strange:
    """A property that goes with classes in one split as in no other."""

    name: str
    split: int
    groups: SampleIds  # the farthest first
    areas: NDArray[np.float64]  # (k,) under the ROC curve, in that split
    others: NDArray[np.float64]  # and in the others


def _strangest(table: Scores, grouping: Grouping) -> _Strange | None:
    met = np.unique(grouping.splits)
    n = grouping.sums()
    best, farthest = None, _OTHERWISE
    places = [
        (row, code) for row in range(len(table)) for code in met[: 1 if len(met) == 2 else None]
    ]
    compared = []
    for row, code in places:
        here = grouping.splits == code
        a, b = (_contrast(table[row], grouping, which) for which in (here, ~here))
        spread = np.hypot(a.high - a.low, b.high - b.low) / (2 * _Z95)
        few = np.minimum(n[:, code], n.sum(axis=1) - n[:, code]) < _FEWEST
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.where(few, np.nan, erfc(np.abs(a.area - b.area) / spread / np.sqrt(2)))
        compared.append((a.area, b.area, spread, p))
    held = holm(np.concatenate([p for *_, p in compared])).reshape(len(places), -1)
    for (row, code), (area, other, spread, _), p in zip(places, compared, held, strict=True):
        apart = np.abs(area - other)
        strange = (p < _SIGNIFICANT) & (apart >= _OTHERWISE) & (apart - _Z95 * spread >= _SURELY)
        groups = np.flatnonzero(strange)
        groups = groups[np.argsort(-apart[groups], kind="stable")]
        if len(groups) and apart[groups[0]] >= farthest:
            farthest = float(apart[groups[0]])
            best = _Strange(_PIXEL_PROPERTIES[row], int(code), groups, area, other)
    return best


def _by_split(
    material: AuditMaterial,
    ids: SampleIds,
    table: Scores,
    grouping: Grouping,
    names: Sequence[str],
    found: Sequence[Finding],
) -> Iterator[Finding]:
    """The split in which a property goes with a class in the most different way."""
    one = _strangest(table, grouping) if len(np.unique(grouping.splits)) > 1 else None
    if one is None:
        return
    split, group = material.splits[one.split], int(one.groups[0])
    name, area, other = names[group], float(one.areas[group]), float(one.others[group])
    words = one.name.replace("_", " ")
    said = Finding(
        _CHECK,
        _KIND,
        Severity.WARNING,
        0.8,
        f"{words.capitalize()} goes with {name} in {split} as it does nowhere else: an image of "
        f"the class has the larger value than another with a chance of {area:.2f} in {split}, of "
        f"{other:.2f} in the other splits. What a model learns from it in one does not hold in the "
        "other.",
        "In the training photos all cows stood on a meadow, in the test photos on a beach.",
        Remedy(
            f"Look at {name} in {split} beside the others; split anew if they were collected "
            "apart.",
            "split",
        ),
        (split,),
        tuple(names[group] for group in one.groups),
        area - other,
        samples=ids[(grouping.classes == group) & (grouping.splits == one.split)],
        plot=Plot(
            f"Chance of a larger {words}",
            tuple(names),
            {
                split: np.nan_to_num(one.areas, nan=0.5).tolist(),
                "other splits": np.nan_to_num(one.others, nan=0.5).tolist(),
            },
        ),
        topic="by split",
    )
    cause = cause_in(split, found) if len(material.splits) > 2 else cause_in("", found)
    yield said.because_of(cause) if cause else said


def _contrast(values: Scores, grouping: Grouping, which: NDArray[np.bool_]) -> Contrast:
    known = which & np.isfinite(values)
    classes: LabelVector = grouping.classes[known]
    return one_against_rest(values[known], classes, grouping.k)
