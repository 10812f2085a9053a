"""Does anything but its content give a class away: a mark, grey, traces of processing, a file?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.audit.associations import associations
from models.audit.by_class import (
    Grouping,
    combs,
    difference,
    one_after_another,
    spread_evenly,
)
from models.audit.files import facts_of_files, order_of_the_file
from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.patches import Patch, patches
from models.audit.traces import (
    Bytes,
    Floats,
    as_bytes,
    blockiness,
    has_blocks,
    is_grey,
    value_counts,
)
from models.audit.wording import listed
from models.review.copies import NO_COPY
from models.types import Event, LabelVector, Mask, Progress, SampleIds, Unable

CHECK, KIND = "shortcuts", "shortcut"

_EACH, _QUICKLY_EACH = 600, 200  # images of a class
_MOST = 20_000
_FEWEST = 12  # images of a class, to say what they have in common
_GREY = 0.3  # more of a class in grey than of the others
_BLOCKS = 0.12  # more of the high frequencies missing
_TEETH = 0.05  # how far values stand out, more or less than those of the others
_PLOTTED = 40  # values
# What takes some images of two classes to tell; the order of the file does not.
_OF_CLASSES = ("size", "file", "mark", "grey", "jpeg", "values", "by split", "association")

_REAL_WORLD: Mapping[str, str] = {
    "mark": "Scans of the sick came from one clinic, whose machine prints a mark into the corner; "
    "the model learnt the mark.",
    "grey": "The older photos of one kind were scanned in black and white.",
    "values": "One class was collected by somebody else, who normalised its images before saving.",
    "jpeg": "Pictures of one class were sent through a messenger that compresses them.",
}


@dataclass(frozen=True)
class Sample:
    """The images that are compared: labelled, of classes that are large enough, no copies."""

    ids: SampleIds
    labels: LabelVector  # (m,) codes of classes
    grouping: Grouping  # of these, classes counted from 0 in the order of `codes`
    codes: Sequence[int]
    pixels: Bytes


def check_shortcuts(
    material: AuditMaterial, found: Sequence[Finding] = ()
) -> Iterator[Finding | Event]:
    """Look for what gives a class away and cannot be its content.

    That a class is darker or less sharp than others is a note: it may be what it shows. That its
    values have gaps, that one pixel is always the same or that only its files are small is not.
    """
    yield from order_of_the_file(material)
    sample = _sample(material)
    if sample is None:
        why = f"Fewer than two classes have {_FEWEST} images, so none can be given away."
        yield Unable(CHECK, why, tuple(f"{KIND}:{topic}" for topic in _OF_CLASSES))
        return
    yield Progress(0, 4, "comparing classes")
    yield from facts_of_files(material, sample.ids, sample.grouping, sample.codes)
    for patch in patches(sample.pixels, sample.grouping):
        yield _marked(material, sample, patch)
    yield Progress(1, 4, "comparing classes")
    if sample.pixels.shape[3] == 3:
        yield from _grey(material, sample)
    yield from _processed(material, sample)
    yield Progress(3, 4, "comparing classes")
    yield from associations(
        material, sample.ids, sample.pixels, sample.grouping, sample.codes, found
    )


def _sample(material: AuditMaterial) -> Sample | None:
    first = (material.copy_group == NO_COPY) | (material.copy_group == np.arange(material.n))
    ids = np.flatnonzero(material.labelled & first)
    counts = np.bincount(material.labels[ids], minlength=len(material.class_names))
    codes = np.flatnonzero(counts >= _FEWEST)
    if len(codes) < 2:
        return None
    ids = ids[np.isin(material.labels[ids], codes)]
    each = _QUICKLY_EACH if material.quick else _EACH
    each = max(_FEWEST, min(each, _MOST // len(codes)))
    ids = spread_evenly(ids, material.labels[ids], each, material.seed)
    grouping = Grouping(
        np.searchsorted(codes, material.labels[ids]).astype(np.int32),
        material.split_codes[ids],
        len(codes),
        len(material.splits),
    )
    pixels = as_bytes(material.images.pixels[ids])
    return Sample(ids, material.labels[ids], grouping, codes.tolist(), pixels)


def _marked(material: AuditMaterial, sample: Sample, patch: Patch) -> Finding:
    name = material.class_names[sample.codes[patch.group]]
    words = (
        f"{patch.own:.0%} of the images of {name} have the same value ({patch.value}) at "
        f"{patch.size} {'place' if patch.size == 1 else 'places'} {patch.where}, of all others "
        f"{patch.rest:.0%}: this mark gives the class away."
    )
    remedy = Remedy(
        f"Cut or cover this part of all images, or collect images of {name} without it."
    )
    effect = patch.own - patch.rest
    return _given_away(material, sample, "mark", [patch.group], words, remedy, effect)


def _grey(material: AuditMaterial, sample: Sample) -> Iterator[Finding]:
    grey = is_grey(sample.pixels)

    def more(left: Mask) -> Floats:
        return np.maximum(difference(grey, sample.grouping, left).size, 0)

    groups = one_after_another(more, sample.grouping.k, _GREY)
    if not groups:
        return
    shares = _shares(grey, sample, groups)
    names = [material.class_names[sample.codes[group]] for group in groups]
    words = (
        f"{shares[groups[0]]:.0%} of the images of {names[0]} are grey, of the classes that are "
        f"in colour {shares[-1]:.0%}{_also(names)}: colour alone gives the class away."
    )
    remedy = Remedy("Make all images grey, or collect images of these classes in colour.")
    effect = float(shares[groups[0]] - shares[-1])
    yield _given_away(material, sample, "grey", groups, words, remedy, effect, grey)


def _processed(material: AuditMaterial, sample: Sample) -> Iterator[Finding | Event]:
    sizes = material.facts.sizes[sample.ids]
    as_stored = (sizes == sample.pixels.shape[1:3]).all()
    if not as_stored:
        yield Unable(
            CHECK,
            "Images were made smaller to compare them, which wipes out what processing and "
            "compression leave in single classes.",
            (f"{KIND}:jpeg", f"{KIND}:values"),
        )
        return
    told: list[int] = []
    if has_blocks(*sample.pixels.shape[1:3]):
        yield from _compressed(material, sample, told)
    yield Progress(2, 4, "comparing classes")
    yield from _combed(material, sample, told)


def _compressed(material: AuditMaterial, sample: Sample, told: list[int]) -> Iterator[Finding]:
    missing = blockiness(sample.pixels)
    groups = one_after_another(
        lambda left: difference(missing, sample.grouping, left).size, sample.grouping.k, _BLOCKS
    )
    if not groups:
        return
    told += groups
    means = _shares(missing, sample, groups)
    names = [material.class_names[sample.codes[group]] for group in groups]
    more = means[groups[0]] > means[-1]
    words = (
        f"The images of {names[0]} bear {'traces' if more else 'no traces'} of JPEG, those of "
        f"other classes {'do not' if more else 'do'}{_also(names)}: in 8x8 blocks "
        f"{abs(means[groups[0]] - means[-1]):.0%} {'more' if more else 'less'} of the high "
        "frequencies are missing. A model can learn this in place of what they show."
    )
    remedy = Remedy("Compress all classes alike, best from the originals.")
    effect = float(means[groups[0]] - means[-1])
    yield _given_away(material, sample, "jpeg", groups, words, remedy, effect)


def _combed(material: AuditMaterial, sample: Sample, told: Sequence[int]) -> Iterator[Finding]:
    """Classes whose values come in another comb than those of the others."""
    grouping = sample.grouping
    k, s = grouping.k, grouping.n_splits
    half = np.random.default_rng(material.seed).integers(0, 2, len(sample.ids))
    counts = value_counts(sample.pixels, half * k * s + grouping.cells, 2 * k * s)
    halves = counts.reshape(2, k, s, 256)

    found = one_after_another(lambda left: combs(halves, left), k, _TEETH)
    groups = [group for group in found if group not in told]
    if not groups:
        return
    names = [material.class_names[sample.codes[group]] for group in groups]
    of_class = counts.reshape(2, k, -1, 256).sum(axis=(0, 2))
    own, rest = of_class[groups[0]], np.delete(of_class, found, axis=0).sum(axis=0)
    tops = [int(np.flatnonzero(values).max(initial=0)) for values in (own, rest)]
    highest = f" Its highest value is {tops[0]}, theirs {tops[1]}." if tops[0] != tops[1] else ""
    words = (
        f"The values of {names[0]} have other gaps and spikes than those of the other classes"
        f"{_also(names)}, as values have that were multiplied and rounded once more.{highest} This "
        "class went through another processing, which a model can learn in place of what it shows."
    )
    remedy = Remedy("Make the images of all classes in the same way from their originals.")
    shares = [values / max(values.sum(), 1) for values in (own, rest)]
    difference_at = np.abs(shares[0] - shares[1])[1:255]  # the ends hold what was cut off
    first = min(max(int(difference_at.argmax()) + 1 - _PLOTTED // 2, 1), 255 - _PLOTTED)
    shown = slice(first, first + _PLOTTED)
    plot = Plot(
        "Share of each value",
        tuple(map(str, range(first, first + _PLOTTED))),
        {names[0]: shares[0][shown].tolist(), "other classes": shares[1][shown].tolist()},
    )
    alone = np.isin(np.arange(k), [group for group in found if group != groups[0]], invert=True)
    effect = float(combs(halves, alone)[groups[0]])
    yield _given_away(material, sample, "values", groups, words, remedy, effect, plot=plot)


def _shares(values: Floats | Mask, sample: Sample, groups: Sequence[int]) -> Floats:
    """Mean of each class, and at the end of all that are not among the groups."""
    grouping = sample.grouping
    n, total = grouping.sums().sum(axis=1), grouping.sums(values).sum(axis=1)
    others = np.isin(np.arange(grouping.k), groups, invert=True)
    shares: Floats = np.append(total / n, total[others].sum() / n[others].sum())
    return shares


def _also(names: Sequence[str]) -> str:
    return f" (the same holds for {listed(names[1:])})" if len(names) > 1 else ""


def _given_away(
    material: AuditMaterial,
    sample: Sample,
    topic: str,
    groups: Sequence[int],
    words: str,
    remedy: Remedy,
    effect: float,
    which: Mask | None = None,
    plot: Plot | None = None,
) -> Finding:
    members = np.isin(sample.grouping.classes, groups)
    if which is not None:
        members &= which
    return Finding(
        CHECK,
        KIND,
        Severity.WARNING,
        0.99,
        words,
        _REAL_WORLD[topic],
        remedy,
        classes=tuple(material.class_names[sample.codes[group]] for group in groups),
        effect=effect,
        samples=sample.ids[members],
        plot=plot,
        topic=topic,
    )
