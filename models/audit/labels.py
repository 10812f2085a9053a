"""Do the labels belong to the images? Whole classes, whole stretches, and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.material import AuditMaterial, Predictions
from models.audit.wording import listed, within
from models.review.intervals import wilson
from models.scoring.class_damage import (
    CLASS_ABSORBED,
    CLASS_SHUFFLED,
    CLASS_SWAP,
    LABEL_OFFSET,
    LABELS_RANDOM,
    MISALIGNED,
    ClassDamage,
    damage_of_split,
)
from models.types import UNLABELLED, Event, LabelVector, Mask, SampleIds, Unable

_CHECK = "labels"
_FEWEST = 100  # labelled images of a split, for its labels to be judged
_SUREST = 0.1, 0.25  # of a split, of which the model is right, if of any: few of many images
_ENOUGH_SUREST = 100
# Mistakes of a model among these, of those among all; measured .00 and .02 on Fashion-MNIST,
# .15 and .28 on CIFAR-10, 1,000 clean images a split.
_OWN_MISTAKES = 0.2, 0.35
_SUREST_LEARNT = 0.25, 0.22  # the same of images it learnt from; .00 and .18
_LEARNT = 0.45  # agreement beyond chance; measured .52 on CIFAR-10 with 1,000 images, .33 if noisy
_NOTABLE, _SERIOUS = 0.01, 0.1  # share of wrong labels
_HALF = 0.5  # of a split, from which on it counts as learnt from
_Z95 = 1.959964
_CONFIDENCE = 0.95  # that damage of whole classes is there, once it is named

_REAL_WORLD: Mapping[str, str] = {
    CLASS_SWAP: "Two annotators had the list of classes in a different order, and one of them "
    "labelled the test set.",
    LABEL_OFFSET: "One tool counts classes from 0, the other from 1.",
    MISALIGNED: "A row was deleted from the table of labels, and every label after it moved up.",
    CLASS_SHUFFLED: "One folder was filled by a script that mixed its files up.",
    LABELS_RANDOM: "Images were shuffled and labels were not.",
    CLASS_ABSORBED: "A new class was added to the guideline, and half the team kept using the old.",
}
_BY_PEOPLE = (
    "Labels from several people who were paid by the image: most are right, and nobody looked "
    "twice."
)
_ONE_BY_ONE = Remedy("Go through the images in the order of suspicion; the first are mostly wrong.")


@dataclass(frozen=True)
class _Surest:
    """The images of a split a model is surest of, and those whose label contradicts it."""

    n: int
    wrong: SampleIds
    looks: LabelVector  # what the model says of these
    share: float  # of all labels of the split that are wrong
    ci95: tuple[float, float]
    unclear: bool  # contradicted, but no more than by a model that is often wrong


def check_labels(material: AuditMaterial, _: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Compare labels with what a model expects, split by split."""
    yield from _split_by_order(material)
    seen = material.predictions
    if seen is None or len(material.class_names) < 2:
        yield Unable(_CHECK, "Without a trained model nothing says what a label should be.")
        return
    known = np.isfinite(seen.probabilities[:, 0]) & material.labelled
    weak = _is_weak(material, seen, known)
    unclear = []
    for code, split in enumerate(material.splits):
        ids = np.flatnonzero(material.split_codes == code)
        labels = np.where(known[ids], material.labels[ids], UNLABELLED).astype(np.int32)
        if (labels != UNLABELLED).sum() < _FEWEST:
            if len(ids):
                yield Unable(_CHECK, f"{split} has too few labelled images to judge its classes.")
            continue
        about = seen.probabilities[ids], labels, seen.trained[ids], material.class_names
        damages = damage_of_split(*about)
        for damage in damages:
            yield _of_damage(material, seen, damage, split, ids)
        surest = _surest(material, seen, ids[known[ids]])
        worse = _worse_than_unseen(material, seen, known, code)
        if surest.ci95[0] >= _NOTABLE and not weak:
            yield _noise(material, seen, split, surest)
        elif worse is not None:
            yield worse
        elif (weak or surest.unclear) and not damages:
            unclear.append(split)
    if unclear:
        yield Unable(
            _CHECK,
            "The model is too often wrong itself to count single wrong labels of "
            f"{listed(unclear)}.",
        )


def _of_damage(
    material: AuditMaterial, seen: Predictions, damage: ClassDamage, split: str, ids: SampleIds
) -> Finding:
    predicted = seen.probabilities[ids].argmax(axis=1)
    here = np.zeros(len(ids), bool)
    here[damage.first : damage.end] = True
    here &= material.labelled[ids] & (predicted != material.labels[ids])
    if damage.classes:
        here &= np.isin(predicted, damage.classes)
    return Finding(
        _CHECK,
        damage.kind,
        Severity.ERROR,
        _CONFIDENCE,
        within(split, material.splits, damage.sentence[:1].lower() + damage.sentence[1:]),
        _REAL_WORLD[damage.kind],
        _remedy(material, damage, split),
        (split,),
        tuple(material.class_names[code] for code in damage.classes),
        damage.evidence.get("share", damage.evidence.get("shifted", float("nan"))),
        samples=ids[here],
    )


def _remedy(material: AuditMaterial, damage: ClassDamage, split: str) -> Remedy:
    k = len(material.class_names)
    becomes: dict[int, int] = {}
    if damage.kind == CLASS_SWAP:  # images that look like the first carry the second, and so on
        circle = damage.classes
        becomes = dict(zip((*circle[1:], circle[0]), circle, strict=True))
    elif damage.kind == LABEL_OFFSET:
        step = int(damage.evidence["step"])
        becomes = {(code + step) % k: code for code in range(k)}
    if becomes:
        names = {material.class_names[a]: material.class_names[b] for a, b in becomes.items()}
        return Remedy(
            f"Give every image of {split} the class it looks like, by exchanging the labels.",
            "relabel",
            {"split": split, "becomes": names},
        )
    if damage.kind == MISALIGNED:
        return Remedy("Find the missing or doubled row in the table of labels, and read it again.")
    if damage.kind == CLASS_ABSORBED:
        return Remedy("Decide whether they are one class or two; then look through its images.")
    return Remedy("Find where these labels come from, and make them again from there.")


def _is_weak(material: AuditMaterial, seen: Predictions, known: Mask) -> bool:
    """Whether a model learnt too little for its being sure to mean anything: among images it did
    not learn from, it agrees with the labels of no split well beyond chance."""
    right = seen.probabilities.argmax(axis=1) == material.labels
    by_split = [
        float(right[here].mean())
        for code in range(len(material.splits))
        if (here := known & ~seen.trained & (material.split_codes == code)).sum() >= _FEWEST
    ]
    chance = 1 / len(material.class_names)
    return max(by_split, default=0.0) < chance + _LEARNT * (1 - chance)


def _surest(material: AuditMaterial, seen: Predictions, ids: SampleIds) -> _Surest:
    """Compare the labels of a split with what a model says of the images it is surest of.

    A model's own mistakes grow rare there; wrong labels do not. If it were wrong of a share m of
    all images, it would be of at most r m of the surest, where r was measured on clean data;
    labels of which w are wrong add to both. So the shares of labels that contradict it, s of the
    surest and a of all, tell w = (s - r a) / (1 - r). What is wrong where images look alike is
    missed.
    """
    confidence = seen.probabilities[ids].max(axis=1)
    part = float(np.clip(_ENOUGH_SUREST / len(ids), *_SUREST))
    own = float(np.interp(part, _SUREST, _OWN_MISTAKES))
    if seen.trained[ids].mean() > _HALF:  # the surest of all are those whose label was learnt
        part, own = _SUREST_LEARNT
    surest = ids[np.argsort(-confidence, kind="stable")[: round(part * len(ids))]]
    predicted = seen.probabilities.argmax(axis=1).astype(np.int32)
    wrong = predicted[surest] != material.labels[surest]
    low, high = wilson(int(wrong.sum()), len(surest))
    by_model = own * float((predicted[ids] != material.labels[ids]).mean())
    of_labels = (np.array([low, wrong.mean(), high]) - by_model) / (1 - own)
    least, share, most = np.clip(of_labels, 0, 1).tolist()
    unclear = least < _NOTABLE <= low
    return _Surest(
        len(surest), surest[wrong], predicted[surest[wrong]], share, (least, most), unclear
    )


def _noise(material: AuditMaterial, seen: Predictions, split: str, surest: _Surest) -> Finding:
    low, high = surest.ci95
    most = _pairs(material, material.labels[surest.wrong], surest.looks)
    known = ", though it learnt from them" if seen.trained[surest.wrong].any() else ""
    return Finding(
        _CHECK,
        "label_noise",
        Severity.ERROR if low >= _SERIOUS else Severity.WARNING,
        _CONFIDENCE,
        within(
            split,
            material.splits,
            f"about {surest.share:.0%} of the labels are wrong ({low:.1%} to {high:.1%}): of the "
            f"{surest.n:,} images the model is surest of{known}, it contradicts "
            f"{len(surest.wrong):,}{most}.",
        ),
        _BY_PEOPLE,
        _ONE_BY_ONE,
        (split,),
        effect=surest.share,
        ci95=surest.ci95,
        samples=surest.wrong,
    )


def _worse_than_unseen(
    material: AuditMaterial, seen: Predictions, known: Mask, code: int
) -> Finding | None:
    """Wrong labels of a split a model learnt from and yet agrees with less than with others.

    What is learnt by heart makes it agree more. Compared with the unseen split it agrees with
    least, for that one may be harder; so this is the least there can be.
    """
    wrong = seen.probabilities.argmax(axis=1) != material.labels
    here, split = known & (material.split_codes == code), material.splits[code]
    unseen = [
        wrong[others]
        for other in range(len(material.splits))
        if (others := known & ~seen.trained & (material.split_codes == other)).sum() >= _FEWEST
    ]
    if not unseen or seen.trained[here].mean() <= _HALF:
        return None
    hardest = max(unseen, key=lambda one: float(one.mean()))
    n, m, ours, theirs = here.sum(), len(hardest), wrong[here].mean(), hardest.mean()
    error = _Z95 * np.sqrt(ours * (1 - ours) / n + theirs * (1 - theirs) / m)
    least, share, most = np.clip([ours - theirs + by for by in (-error, 0, error)], 0, 1).tolist()
    if least < _NOTABLE:
        return None
    contradicted = np.flatnonzero(here & wrong)
    confidence = seen.probabilities[contradicted].max(axis=1)
    return Finding(
        _CHECK,
        "label_noise",
        Severity.ERROR if least >= _SERIOUS else Severity.WARNING,
        _CONFIDENCE,
        f"At least {share:.0%} of the labels of {split} are wrong ({least:.1%} to {most:.1%}): "
        f"the model agrees with {1 - ours:.0%} of these labels, which it learnt from, and with "
        f"{1 - theirs:.0%} or more of those it never saw.",
        _BY_PEOPLE,
        _ONE_BY_ONE,
        (split,),
        effect=share,
        ci95=(least, most),
        samples=contradicted[np.argsort(-confidence, kind="stable")],
    )


def _pairs(material: AuditMaterial, given: LabelVector, said: LabelVector) -> str:
    """The most frequent mistake, where one stands out."""
    pairs, counts = np.unique(np.stack([given, said]), axis=1, return_counts=True)
    most = int(counts.argmax())
    if counts[most] < 0.3 * counts.sum() or counts[most] < 3:
        return ""
    label, looks = (material.class_names[code] for code in pairs[:, most])
    return f", most often {looks} labelled {label}"


def _split_by_order(material: AuditMaterial) -> Iterator[Finding]:
    """Splits that were cut from a file sorted by class: they hardly share classes."""
    shares = np.zeros((len(material.splits), len(material.class_names)))
    for code in range(len(material.splits)):
        labels = material.labels[material.labelled & (material.split_codes == code)]
        if len(labels):
            shares[code] = np.bincount(labels, minlength=shares.shape[1]) / len(labels)
    filled = [code for code in range(len(shares)) if shares[code].any()]
    if len(filled) < 2:
        return
    common = max(
        float(np.minimum(shares[a], shares[b]).sum()) for a in filled for b in filled if a < b
    )
    if common > 0.5:
        return
    alone = [
        material.class_names[k]
        for k in np.flatnonzero(shares.any(axis=0))
        if (shares[filled, k] > 0).sum() == 1
    ]
    lonely = f"; {listed(alone)} {'is' if len(alone) == 1 else 'are'} in one only" if alone else ""
    kind = "order" if _is_sorted(material) else "label_set_mismatch"
    how = (
        "The file was sorted by class when it was cut into splits"
        if kind == "order"
        else "The splits hardly share any classes"
    )
    yield Finding(
        _CHECK,
        kind,
        Severity.ERROR,
        1.0,
        f"{how}: no two of them have more than {common:.0%} of their labels in common{lonely}.",
        "The photos of a day were stored class by class, and the last fifth became the test set.",
        Remedy("Split anew, at random and with every class in each split.", "split"),
        tuple(material.splits[code] for code in filled),
        effect=common,
        plot=Plot(
            "Share of each class",
            material.class_names,
            {material.splits[code]: shares[code].tolist() for code in filled},
        ),
    )


def _is_sorted(material: AuditMaterial) -> bool:
    """Whether labels come in long runs in the order of the file."""
    labels = material.labels[material.labelled]
    return len(labels) > 1 and float((labels[1:] != labels[:-1]).mean()) < 0.1
