"""Are the classes balanced, and is each large enough to be learnt and to be measured?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.wording import listed, within
from models.review.balance import class_counts
from models.review.intervals import wilson
from models.types import Event, SampleIds, Unable

_CHECK = "balance"
_UNEVEN = 0.8  # effective classes, of those there are, below which it is worth a note
_SEVERE = 20.0  # largest over smallest class
_DOMINANT = 0.9  # share of the largest class, above which accuracy says little
_FEW, _SCARCE = 10, 30  # images of a class in a split
_TO_COMPARE = 5  # images for each class there is: fewer are uneven by chance


def check_balance(material: AuditMaterial, _: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Class shares of each split, as the labels stand now.

    The effective number of classes is the exponential of the entropy of their shares: k if all
    are alike, 1 if one has everything (Hill, 1973, "Diversity and evenness").
    """
    labels = np.where(material.labelled, material.labels, -1).astype(np.int32)
    if (labels < 0).all():
        yield Unable(_CHECK, "No image has a label, so there are no classes to compare.")
        return
    n_classes = len(material.class_names)
    counts = class_counts(labels, material.split_codes, len(material.splits), n_classes)[:, :-1]
    real = [code for code in range(n_classes) if code != material.info.not_of_dataset]
    ever = [code for code in real if counts[:, code].sum()]
    for code, split in enumerate(material.splits):
        if counts[code].sum() and len(ever) > 1:
            yield from _uneven(material, split, counts[code], ever)
            yield from _too_small(material, code, split, counts[code], ever)


def _uneven(
    material: AuditMaterial, split: str, counts: SampleIds, classes: Sequence[int]
) -> Iterator[Finding | Event]:
    of_classes = counts[list(classes)]
    n = int(of_classes.sum())
    shares = of_classes / n
    if n < _TO_COMPARE * len(classes) and (n < _SCARCE or shares.max() < _DOMINANT):
        yield Unable(
            _CHECK,
            f"{split} has {n:,} labelled {'image' if n == 1 else 'images'} for {len(classes):,} "
            "classes: too few to tell whether these are uneven.",
            (f"imbalance:{split}",),
        )
        return
    met = shares[shares > 0]
    effective = float(np.exp(-(met * np.log(met)).sum()))
    largest, smallest = int(shares.argmax()), int(shares.argmin())
    most, least = int(of_classes[largest]), int(of_classes[smallest])
    is_even = effective >= _UNEVEN * len(classes)
    if is_even and _surely_times(most, least) < _SEVERE:  # of many classes some are small by chance
        return
    severe = shares[largest] >= _DOMINANT or most >= _SEVERE * max(least, 1)
    names = [material.class_names[code] for code in classes]
    rare = np.flatnonzero(shares < 0.5 * shares[largest])
    yield Finding(
        _CHECK,
        "imbalance",
        Severity.WARNING if severe else Severity.NOTE,
        1.0,
        within(
            split,
            material.splits,
            f"the classes are uneven: {names[largest]} has {most:,} images, {names[smallest]} "
            f"{f'{least:,} ({most / least:.0f} times as many)' if least else 'none'}. The "
            f"{len(classes)} classes count for {effective:.1f}; always answering {names[largest]} "
            f"is right for {shares[largest]:.0%}.",
        ),
        "Of the parts on a production line one in a hundred is faulty: a model that finds none "
        "of them is 99% right.",
        Remedy(
            "Judge by recall of each class, not by accuracy. Train with class weights, or collect "
            f"more of {listed([names[i] for i in rare])}.",
            "class_weights",
        ),
        (split,),
        tuple(names[i] for i in rare) if len(rare) < len(classes) else (),
        effective / len(classes),
        plot=Plot("Images of each class", tuple(names), {split: of_classes.tolist()}),
    )


def _surely_times(most: int, least: int) -> float:
    """How many times as large one class is as another at least, whatever chance did to both."""
    return (most - 2 * math.sqrt(most)) / (least + 2 * math.sqrt(least) + 1)


def _too_small(
    material: AuditMaterial, code: int, split: str, counts: SampleIds, classes: Sequence[int]
) -> Iterator[Finding]:
    small = [c for c in classes if 0 < counts[c] < _SCARCE]
    few = [c for c in small if counts[c] < _FEW]
    if not small:
        return
    worst = min(small, key=lambda c: int(counts[c]))
    n = int(counts[worst])
    low, high = wilson(round(0.9 * n), n)
    named = sorted(few or small, key=lambda c: int(counts[c]))
    names = tuple(material.class_names[c] for c in named)
    members = np.isin(material.labels, named) & material.labelled
    yield Finding(
        _CHECK,
        "class_too_small",
        Severity.WARNING if few else Severity.NOTE,
        1.0,
        within(
            split,
            material.splits,
            f"{listed(names)} {'has' if len(names) == 1 else 'have'} fewer than "
            f"{_FEW if few else _SCARCE} images ({names[0]}: {n}). If "
            f"{f'90% of these {n} were' if n > 1 else 'this one was'} right, "
            f"the accuracy of the class could still be anything from {low:.0%} to {high:.0%}.",
        ),
        "A rare disease with eight scans in the test set: whether the model finds it cannot be "
        "said, whatever the total accuracy.",
        Remedy("Collect more images of these classes, merge them into others, or leave them out."),
        (split,),
        names,
        float(n),
        (low, high),
        np.flatnonzero(members & (material.split_codes == code)),
    )
