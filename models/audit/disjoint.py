"""Are the splits disjoint? Copies within and across them, exact and near, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.audit.copy_evidence import TURNS
from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.near_copies import CERTAIN, near_copies
from models.review.copies import NO_COPY, beside, joined
from models.review.intervals import wilson
from models.types import Event, LabelVector, Mask, SampleIds, Unable

_CHECK = "disjoint"
_MOST_IMAGES, _QUICK_IMAGES = 100_000, 10_000  # comparing all with all is quadratic
_TOUCHED = 0.01  # share of a split, to be more than a note
_FEW_NEAR = 8  # near copies: fewer may be look-alikes, which small splits have too
_FEWEST_JUDGED = 100


@dataclass(frozen=True)
class _Groups:
    """Images that are one picture. `of` is (n,), NO_COPY where an image is alone; `exact` likewise,
    where others than exact copies are among them: those are told of by themselves."""

    of: LabelVector
    exact: LabelVector | None = None

    @property
    def near(self) -> bool:
        return self.exact is not None

    def touches(self, n_found: int, n: int) -> bool:
        """Whether so many of n images are more than a note."""
        return n_found >= max(_TOUCHED * n, _FEW_NEAR if self.near else 1)

    @property
    def word(self) -> str:
        return "nearly the same" if self.near else "exactly the same"

    def argument(self, ids: SampleIds) -> dict[str, list[list[int]]]:
        """What a new split has to keep together; it finds exact copies by itself."""
        return {"groups": grouped(_side_by_side(self, ids), self.of)} if self.near else {}


def check_disjoint(material: AuditMaterial, _: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Groups of copies: leaks across splits, duplicates within one, and those whose labels
    contradict each other."""
    exact = _Groups(material.copy_group)
    yield from _reported(material, exact)
    once = material.usable & ((exact.of == NO_COPY) | (exact.of == np.arange(material.n)))
    ids = np.flatnonzero(once)
    if len(ids) < 3:
        why = "There are too few different images to tell near copies from similar ones."
        yield Unable(_CHECK, why, ("duplicate_near", "leak_near"))
        return
    most = _QUICK_IMAGES if material.quick else _MOST_IMAGES
    if len(ids) > most:
        of = f"{most:,} of {len(ids):,} different images, chosen at random"
        ids = np.sort(np.random.default_rng(material.seed).choice(ids, most, False))
        quick = " (quick)" if material.quick else ""
        yield Unable(_CHECK, f"Near copies were looked for among {of}{quick}.", partly=True)
    copies = yield from near_copies(material.images.pixels, ids, material.seed)
    sure = copies.certainty >= CERTAIN
    pairs = _paired(material.n, copies.a[sure], copies.b[sure])
    near = _Groups(_widened(pairs, exact.of), exact.of)
    turned = copies.a[sure], copies.b[sure], copies.turn[sure]
    yield from _reported(material, near, _Turned(*turned))


def _widened(pairs: LabelVector, exact: LabelVector) -> LabelVector:
    """(n,) groups of near copies with all that are exactly the same as one of them."""
    named = joined(exact, pairs)
    widened: LabelVector = np.where(beside(named, pairs != NO_COPY), named, NO_COPY)
    return widened


def _paired(n: int, a: SampleIds, b: SampleIds) -> LabelVector:
    """(n,) the first image of each group that pairs make; NO_COPY for images in none."""
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), (n, n))
    _, group = connected_components(graph, directed=False)
    sizes = np.bincount(group, minlength=n)
    _, first = np.unique(group, return_index=True)
    paired: LabelVector = np.where(sizes[group] > 1, first[group], NO_COPY).astype(np.int32)
    return paired


def grouped(ids: SampleIds, names: NDArray[np.integer]) -> list[list[int]]:
    """Ids in order of their groups, as the remedies of findings list them; `names` are (n,)."""
    cuts = np.flatnonzero(np.diff(names[ids])) + 1
    return [part.tolist() for part in np.split(ids, cuts)]


@dataclass(frozen=True)
class _Turned:
    """Pairs that are one picture, the surest first, and how the one lies beside the other."""

    a: SampleIds
    b: SampleIds
    turn: NDArray[np.uint8]

    def told(self, leaked: SampleIds, sources: SampleIds) -> str:
        """What was done to some images that are copies of others, where it can be said."""
        both = np.concatenate([[self.a, self.b], [self.b, self.a]], axis=1)
        here = np.isin(both[0], leaked) & np.isin(both[1], sources)
        _, surest = np.unique(both[0, here], return_index=True)
        turned = np.bincount(np.tile(self.turn, 2)[here][surest], minlength=len(TURNS))[1:]
        named = [f"{n:,} {TURNS[code]}" for code, n in enumerate(turned, 1) if n]
        return f" ({', '.join(named)})" if named else ""


def _reported(
    material: AuditMaterial, groups: _Groups, turned: _Turned | None = None
) -> Iterator[Finding]:
    members = np.flatnonzero(groups.of != NO_COPY)
    if not len(members):
        return
    yield from _conflicts(material, groups, members)
    for a, b in combinations(range(len(material.splits)), 2):
        yield from _leak(material, groups, members, (a, b), turned)
    for code in range(len(material.splits)):
        yield from _repeated(material, groups, members, code)


def _leak(
    material: AuditMaterial,
    groups: _Groups,
    members: SampleIds,
    codes: tuple[int, int],
    turned: _Turned | None,
) -> Iterator[Finding]:
    """Images of the later split that the earlier one has too."""
    split = material.split_codes[members]
    earlier, later = (members[split == code] for code in codes)
    leaked = later[np.isin(groups.of[later], groups.of[earlier])]
    if groups.exact is not None:
        leaked = leaked[~beside(groups.exact, _mask(material.n, earlier))[leaked]]
    if not len(leaked):
        return
    first, second = (material.splits[code] for code in codes)
    n = int((material.usable & (material.split_codes == codes[1])).sum())
    share = len(leaked) / n
    sources = earlier[np.isin(groups.of[earlier], groups.of[leaked])]
    how = turned.told(leaked, sources) if turned else ""
    yield Finding(
        _CHECK,
        "leak_near" if groups.near else "leak_exact",
        Severity.ERROR if groups.touches(len(leaked), n) else Severity.NOTE,
        1.0 if not groups.near else 0.9,
        f"{len(leaked):,} of the {n:,} images of {second} ({share:.1%}) {_are(len(leaked))} "
        f"{groups.word} as images of {first}{how}.{accuracy_without(material, leaked, codes[1])}",
        "Photos of one scene were taken in a burst, and the burst was split at random: the model "
        "is examined on what it has learnt by heart.",
        Remedy(
            f"Leave these images out of {second}, and judge again.",
            "exclude",
            {"samples": leaked.tolist(), **groups.argument(np.concatenate([leaked, sources]))},
        ),
        (first, second),
        effect=share,
        ci95=wilson(len(leaked), n),
        samples=_side_by_side(groups, np.concatenate([leaked, sources])),
    )


def accuracy_without(material: AuditMaterial, leaked: SampleIds, code: int) -> str:
    """A sentence: the accuracy on a split with and without what leaked into it; "" if unknown."""
    seen = material.predictions
    if seen is None:
        return ""
    judged = material.labelled & (material.split_codes == code)
    judged &= np.isfinite(seen.probabilities[:, 0])
    clean = judged.copy()
    clean[leaked] = False
    if clean.sum() < _FEWEST_JUDGED:
        return ""
    right = seen.probabilities.argmax(axis=1) == material.labels
    return (
        f" With them the accuracy is {right[judged].mean():.1%}, without them "
        f"{right[clean].mean():.1%}."
    )


def _repeated(
    material: AuditMaterial, groups: _Groups, members: SampleIds, code: int
) -> Iterator[Finding]:
    """Images that a split has several times."""
    own = members[material.split_codes[members] == code]
    spare = new = _spare(groups.of, own)
    if groups.exact is not None:
        new = np.setdiff1d(spare, _spare(groups.exact, own))
        spare = spare[np.isin(groups.of[spare], groups.of[new])]
    if not len(spare):
        return
    again = own[np.isin(groups.of[own], groups.of[spare])]
    split = material.splits[code]
    n = int((material.usable & (material.split_codes == code)).sum())
    extra = len(spare)
    yield Finding(
        _CHECK,
        "duplicate_near" if groups.near else "duplicate_exact",
        Severity.WARNING if groups.touches(len(new), n) else Severity.NOTE,
        1.0 if not groups.near else 0.9,
        f"{extra:,} of the {n:,} images of {split} ({extra / n:.1%}) {_are(extra)} {groups.word} "
        "as another image there.",
        "The same product photo was uploaded by several shops.",
        Remedy(
            "Keep one image of each group.",
            "keep_one",
            {"split": split, "samples": spare.tolist(), **groups.argument(again)},
        ),
        (split,),
        effect=extra / n,
        samples=_side_by_side(groups, again),
    )


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _spare(of: LabelVector, ids: SampleIds) -> SampleIds:
    """Those of some images that are not the first of their group among them."""
    members = ids[of[ids] != NO_COPY]
    spare: SampleIds = np.delete(members, np.unique(of[members], return_index=True)[1])
    return spare


def _conflicts(material: AuditMaterial, groups: _Groups, members: SampleIds) -> Iterator[Finding]:
    """Copies that carry different labels: at most one of them can be right."""
    labelled = members[material.labelled[members]]
    if groups.exact is not None:
        labelled = np.setdiff1d(labelled, _torn(groups.exact, labelled, material.labels))
    torn = _torn(groups.of, labelled, material.labels)
    if not len(torn):
        return
    n = max(int(material.labelled.sum()), 1)
    share = len(torn) / n
    codes = np.unique(material.split_codes[torn])
    n_torn = len(np.unique(groups.of[torn]))
    yield Finding(
        _CHECK,
        "duplicate_conflict",
        Severity.WARNING if groups.touches(len(torn), n) else Severity.NOTE,
        1.0 if not groups.near else 0.9,
        f"{len(torn):,} images that are {groups.word} as others carry different labels, in "
        f"{n_torn:,} group{'s' * (n_torn != 1)}.",
        "Two annotators got the same picture, and did not agree.",
        Remedy("Look at each group and give it one label."),
        tuple(material.splits[code] for code in codes),
        effect=share,
        samples=_side_by_side(groups, torn),
    )


def _torn(of: LabelVector, ids: SampleIds, labels: LabelVector) -> SampleIds:
    """Those of some images in whose group, among them, another carries another label."""
    ids = ids[of[ids] != NO_COPY]
    names, at = np.unique(of[ids], return_inverse=True)
    lowest = np.full(len(names), np.iinfo(np.int32).max)
    highest = np.full(len(names), -1)
    np.minimum.at(lowest, at, labels[ids])
    np.maximum.at(highest, at, labels[ids])
    torn: SampleIds = ids[(lowest < highest)[at]]
    return torn


def _mask(n: int, ids: SampleIds) -> Mask:
    mask = np.zeros(n, bool)
    mask[ids] = True
    return mask


def _side_by_side(groups: _Groups, ids: SampleIds) -> SampleIds:
    """Group by group, so that copies stand beside each other."""
    return ids[np.lexsort((ids, groups.of[ids]))]
