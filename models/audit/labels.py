"""Do the labels belong to the images? Whole classes, whole stretches, and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
_SUREST = 0.1  # of the images no net learnt from: the model is right of these, if of any
_FEWEST_SUREST = 50
_NOTABLE, _SERIOUS = 0.01, 0.1  # share of wrong labels
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


def check_labels(material: AuditMaterial, _: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Compare labels with what a model expects, split by split."""
    yield from _split_by_order(material)
    seen = material.predictions
    if seen is None or len(material.class_names) < 2:
        yield Unable(_CHECK, "Without a trained model nothing says what a label should be.")
        return
    known = np.isfinite(seen.probabilities[:, 0]) & material.labelled
    for code, split in enumerate(material.splits):
        ids = np.flatnonzero(material.split_codes == code)
        labels = np.where(known[ids], material.labels[ids], UNLABELLED).astype(np.int32)
        if (labels != UNLABELLED).sum() < _FEWEST:
            if len(ids):
                yield Unable(_CHECK, f"{split} has too few labelled images to judge its classes.")
            continue
        about = seen.probabilities[ids], labels, seen.trained[ids], material.class_names
        for damage in damage_of_split(*about):
            yield _of_damage(material, seen, damage, split, ids)
    yield from _one_by_one(material, seen, known)


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


def _one_by_one(
    material: AuditMaterial, seen: Predictions, known: Mask
) -> Iterator[Finding | Event]:
    """Wrong labels here and there, from the images of which a model is surest.

    A model's own mistakes grow rare among the images it is surest of; wrong labels do not. So the
    share of labels that contradict it there is about the share of wrong ones, of those mistakes
    that do not follow the looks of images; by the others it is too low.
    """
    unseen = np.flatnonzero(known & ~seen.trained)
    confidence = seen.probabilities[unseen].max(axis=1)
    n_surest = int(_SUREST * len(unseen))
    if n_surest < _FEWEST_SUREST:
        yield Unable(_CHECK, "Too few images were kept from training to count wrong labels.")
        return
    surest = unseen[np.argsort(-confidence, kind="stable")[:n_surest]]
    predicted = seen.probabilities.argmax(axis=1).astype(np.int32)
    wrong = predicted[surest] != material.labels[surest]
    low, high = wilson(int(wrong.sum()), n_surest)
    if low < _NOTABLE:
        return
    share = float(wrong.mean())
    most = _pairs(material, material.labels[surest[wrong]], predicted[surest[wrong]])
    yield Finding(
        _CHECK,
        "label_noise",
        Severity.ERROR if low >= _SERIOUS else Severity.WARNING,
        _CONFIDENCE,
        f"About {share:.0%} of the labels are wrong ({low:.1%} to {high:.1%}): of the "
        f"{n_surest:,} images the model is surest of, and never learnt from, it contradicts "
        f"{int(wrong.sum()):,}{most}.",
        "Labels from several people who were paid by the image: most are right, and nobody "
        "looked twice.",
        Remedy("Go through the images in the order of suspicion; the first are mostly wrong."),
        effect=share,
        ci95=(low, high),
        samples=surest[wrong],
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
