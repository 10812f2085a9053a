"""A class whose labels were shuffled in all splits alike, so that nobody learns what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.audit.crossing import Taught
from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial
from models.review.spelling import spellings
from models.types import SampleIds

_FEWEST, _FEWEST_CLASSES = 6, 4  # images that still carry the label; classes
_RARE = 0.4  # of the images of a usual class: the rest went to the others
_EVEN = 0.27  # share of what is expected of these images that would have to move to be even
_UNSURE = 0.65  # of the usual confidence
_CLEAR = 0.25  # chance of the own label beyond that of any, which other classes need meanwhile
_LIKE = 0.5  # quantile of their confidence, up to which images count as like them
# Share of the usual agreement that those have; measured 0 to .39, and .44 to .79 where a class was
# only rare.
_LOST = 0.36
_CONFIDENCE = 0.9


def shuffled_everywhere(material: AuditMaterial, taught: Sequence[Taught]) -> Iterator[Finding]:
    """Classes of which few images are left, and these lie where labels are of all sorts.

    Shuffling leaves one label of k in place and hands the others to all classes. So images that
    carry the label look like many whose labels are even over all classes: what is expected of
    them is even, too, of none of them is a classifier sure, and of the many others of which it is
    as unsure the labels are seldom what it expects. A class that is rare for another reason looks
    like one or two others, or each of its images like some class.
    """
    told = [one for one in taught if one.tells]
    k = len(material.class_names)
    if not told or k < _FEWEST_CLASSES:
        return
    ids = np.concatenate([one.ids for one in told])
    expected = np.concatenate([one.probabilities for one in told])
    labels, confidence = material.labels[ids], expected.max(axis=1)
    right = expected.argmax(axis=1) == labels
    counts = np.bincount(labels, minlength=k)
    met = np.flatnonzero(counts >= _FEWEST)
    means = {a: expected[labels == a].mean(axis=0) for a in met.tolist()}
    usual = float(np.median([means[a][a] for a in means])) if means else 0.0
    spelt = _spelt_in_several_ways(material, counts)
    if usual < 1 / k + _CLEAR * (1 - 1 / k):
        return
    for a, mean in means.items():
        uneven = float(np.abs(mean - 1 / k).sum() / 2)
        sure = float(confidence[labels == a].mean() / confidence.mean())
        if counts[a] > _RARE * np.median(counts[met]) or uneven > _EVEN or sure > _UNSURE:
            continue
        if material.class_names[a] in spelt:  # what looks like it carries its other names
            continue
        like = (labels != a) & (confidence <= np.quantile(confidence[labels == a], _LIKE))
        if like.sum() >= counts[a] and right[like].mean() <= _LOST * right[labels != a].mean():
            yield _found(material, a, ids[labels == a], ids[like], float(mean[a]), usual)


def _spelt_in_several_ways(material: AuditMaterial, counts: NDArray[np.int64]) -> set[str]:
    """Names of classes that are one class by several names."""
    groups = spellings(dict(zip(material.class_names, counts.tolist(), strict=True)))
    return {name for one in groups for name in (one.keep, *(x.class_name for x in one.variants))}


def _found(
    material: AuditMaterial, a: int, left: SampleIds, like: SampleIds, own: float, usual: float
) -> Finding:
    name = material.class_names[a]
    return Finding(
        "labels",
        "class_shuffled",
        Severity.WARNING,
        _CONFIDENCE,
        f"The labels of {name} seem shuffled in all splits: {len(left):,} images are left that "
        f"carry it, and what looks like these carries all sorts of labels, {name} with a chance "
        f"of {own:.0%}; in the other classes it is {usual:.0%}.",
        "A script assigned the files of one folder to classes at random.",
        Remedy("Find where these labels come from, and make them again from there."),
        material.splits,
        (name,),
        own,
        samples=np.concatenate([left, like]),
    )
