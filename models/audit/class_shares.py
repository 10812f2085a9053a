"""Do the splits have the same classes, each with the same share?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri  # scipy.stats takes half a second to load

from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.label_sets import in_words, same_classes
from models.audit.material import AuditMaterial
from models.audit.wording import listed
from models.review.balance import class_counts

_CHECK = "distribution"
_FEWEST = 40  # labelled images of a split
_SHIFTED = 0.1  # of the labels that would have to move (total variation)
_SIGNIFICANT = 0.001
_RARER = 3.0  # times, for the share of a single class to be worth a word
_EXCHANGED = 0.25  # of what one class has too many, that another does not lack
_EXPECTED = 10  # images of a class that is missing, were it as frequent as elsewhere


def differing_classes(material: AuditMaterial) -> Iterator[Finding]:
    labels = np.where(material.labelled, material.labels, -1).astype(np.int32)
    k = len(material.class_names)
    counts = class_counts(labels, material.split_codes, len(material.splits), k)[:, :-1]
    filled = [code for code in range(len(counts)) if counts[code].sum() >= _FEWEST]
    for code in filled:
        yield from _missing(material, counts, code, filled)
    for a, b in combinations(filled, 2):
        met = (counts[a] > 0) & (counts[b] > 0)
        if met.sum() < 2:
            continue
        shares = [counts[code] / counts[code].sum() for code in (a, b)]
        moved = float(np.abs(shares[0] - shares[1]).sum() / 2)
        p = by_chance(counts[[a, b]][:, met])
        if (moved < _SHIFTED or p > _SIGNIFICANT) and not _one_moved(counts[a], counts[b]):
            continue
        most = np.argsort(-np.abs(shares[0] - shares[1]), kind="stable")[:3]
        names = [material.class_names[c] for c in most]
        first, second = (material.splits[code] for code in (a, b))
        yield Finding(
            _CHECK,
            "label_shift",
            Severity.WARNING,
            1 - min(p, _SIGNIFICANT),
            f"{first} and {second} have other shares of the classes: {moved:.0%} of the labels "
            f"would have to change to make them alike. The largest differences are in "
            f"{listed(names)} ({names[0]}: {shares[0][most[0]]:.1%} and "
            f"{shares[1][most[0]]:.1%}).{_exchanged(shares[0] - shares[1], names, most)}",
            "The model was trained on photos of summer, and is used in winter.",
            Remedy("Split anew, with the same share of each class in each split.", "split"),
            (first, second),
            tuple(names),
            moved,
            plot=Plot(
                "Share of each class",
                material.class_names,
                {first: shares[0].tolist(), second: shares[1].tolist()},
            ),
        )


def by_chance(counts: NDArray[np.int64]) -> float:
    """The chance that rows (r, c) of counts drawn alike differ as much: Pearson's test, in [0, 1].

    Every row and column has to have something in it.
    """
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    statistic = ((counts - expected) ** 2 / expected).sum()
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return float(chdtrc(freedom, statistic))


def _one_moved(first: NDArray[np.int64], second: NDArray[np.int64]) -> bool:
    """Whether a single class is far rarer in one split than in the other, beyond chance."""
    n = int(first.sum()), int(second.sum())
    pooled = (first + second) / sum(n)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    apart = np.abs(first / n[0] - second / n[1])
    least, most = (pick(first / n[0], second / n[1]) for pick in (np.minimum, np.maximum))
    beyond = -ndtri(_SIGNIFICANT / (2 * len(first)))
    of_note = (pooled * min(n) >= _EXPECTED) & (most >= _RARER * least)
    return bool((of_note & (apart > beyond * error)).any())


def _exchanged(
    differences: NDArray[np.float64], names: Sequence[str], most: NDArray[np.int64]
) -> str:
    """Words for a class that has too many of just what another one lacks."""
    a, b = differences[most[0]], differences[most[1]]
    if abs(a + b) > _EXCHANGED * abs(a):
        return ""
    return (
        f" What {names[0]} has {'too many' if a > 0 else 'too few'} there, {names[1]} has "
        f"{'too few' if a > 0 else 'too many'}: one may carry the label of the other."
    )


def _missing(
    material: AuditMaterial, counts: NDArray[np.int64], code: int, filled: Sequence[int]
) -> Iterator[Finding]:
    others = counts[[other for other in filled if other != code]].sum(axis=0)
    if not others.sum():
        return
    expected = others / others.sum() * counts[code].sum()
    gone = [int(c) for c in np.flatnonzero((counts[code] == 0) & (expected >= _EXPECTED))]
    if not gone:
        return
    names = tuple(material.class_names[c] for c in gone)
    occurring = {material.class_names[c] for c in np.flatnonzero(counts[code])}
    split = material.splits[code]
    yield Finding(
        _CHECK,
        "class_missing",
        Severity.ERROR if len(gone) > 1 else Severity.WARNING,
        1.0,
        f"{split} has no image of {listed(names)}; were {'it' if len(names) == 1 else 'they'} as "
        f"frequent as in the other splits, there would be {expected[gone].sum():,.0f}.",
        "A hospital sent no patient with that diagnosis, and nobody noticed.",
        _one_name_or_split(material, occurring, names),
        (split,),
        names,
        float(expected[gone].sum() / max(counts[code].sum(), 1)),
    )


def _one_name_or_split(
    material: AuditMaterial, occurring: Collection[str], gone: Collection[str]
) -> Remedy:
    """A class that is missing may be there under another name, in this split or in the others."""
    pairs = same_classes(material).items()
    becomes = {
        old: new
        for old, new in pairs
        if (old in occurring and new in gone) or (old in gone and new in occurring)
    }
    if not becomes:
        return Remedy("Split anew, with every class in each split.", "split")
    said = f"It is one class by two names; give it one: {in_words(becomes)}."
    return Remedy(said, "map_classes", {"becomes": becomes})
