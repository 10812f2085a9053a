"""Damage to the labels of whole classes, split by split, and in which of the splits it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.audit.crossing import Taught
from models.audit.finding import Finding, Remedy, Severity
from models.audit.hidden import hidden_classes
from models.audit.material import AuditMaterial, Predictions
from models.audit.wording import within
from models.scoring.class_damage import (
    CLASS_ABSORBED,
    CLASS_SHUFFLED,
    CLASS_SWAP,
    LABEL_OFFSET,
    LABELS_RANDOM,
    MISALIGNED,
    ClassDamage,
    class_damage,
    damage_of_split,
)
from models.types import UNLABELLED, LabelVector, Mask, Probs

_CHECK = "labels"
# What may as well be in the split that was learnt from.
_RELATIVE = (CLASS_SWAP, LABEL_OFFSET, CLASS_ABSORBED)
_MUTUAL = (CLASS_SWAP, LABEL_OFFSET)  # a damaged split accuses a sound one of the same
_OUTWEIGHS = 2.0  # times as many images on the one side as on the other, to be sure of it
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


@dataclass(frozen=True)
class DamageOfSplit:
    """Damage of one split, with what showed it."""

    split: str
    damage: ClassDamage
    predicted: LabelVector  # (m,) of its images, in the order of sample ids; -1 where unknown

    @property
    def what(self) -> tuple[str, frozenset[int]]:
        return self.damage.kind, frozenset(self.damage.classes)


def damages_of(
    material: AuditMaterial, seen: Predictions | None, known: Mask, taught: Sequence[Taught]
) -> list[DamageOfSplit]:
    """What is wrong with whole classes, by a model and by what the other splits teach.

    To a model all that it learnt from is right: where two classes were swapped in the training
    split, they seem to be in all others. What the others teach is asked of each split alike, so
    of three splits the odd one is the damaged one, and of two it is either.
    """
    by_model = [] if seen is None else list(_by_model(material, seen, known))
    by_others = list(_by_others(material, taught))
    asked = {one.split for one in taught if one.tells}
    labelled = np.unique(material.split_codes[material.labelled])
    splits = tuple(material.splits[code] for code in labelled)
    if len(splits) == 2:
        later = {one.what: one for one in [*by_others, *by_model]}
        return [_either(one, splits) for one in later.values()]
    by_others = _odd_ones(by_others, taught)
    if len(asked) > 2:
        odd = {(one.what, one.split) for one in by_others}
        met = {one.what for one in by_others}
        by_model = [
            one
            for one in by_model
            if (one.what, one.split) in odd or one.what not in met or one.split not in asked
        ]
    have = {(one.what, one.split) for one in by_model}
    found = by_model + [one for one in by_others if (one.what, one.split) not in have]
    return sorted(found, key=lambda one: material.splits.index(one.split))


def _by_model(material: AuditMaterial, seen: Predictions, known: Mask) -> Iterator[DamageOfSplit]:
    for code, split in enumerate(material.splits):
        ids = material.split_codes == code
        labels = np.where(known[ids], material.labels[ids], UNLABELLED).astype(np.int32)
        probabilities = seen.probabilities[ids]
        about = probabilities, labels, seen.trained[ids], material.class_names
        for damage in damage_of_split(*about):
            if not _is_missing(damage, labels):
                yield DamageOfSplit(split, damage, _predicted(probabilities))


def _by_others(material: AuditMaterial, taught: Sequence[Taught]) -> Iterator[DamageOfSplit]:
    for one in taught:
        if not one.tells:
            continue
        here = np.flatnonzero(material.split_codes == material.splits.index(one.split))
        probabilities = np.full((len(here), len(material.class_names)), np.nan, np.float32)
        probabilities[np.searchsorted(here, one.ids)] = one.probabilities
        labels = np.where(material.labelled[here], material.labels[here], UNLABELLED)
        about = probabilities, labels.astype(np.int32), material.class_names
        found = class_damage(*about)
        met = {code for damage in found for code in damage.classes}
        if all(damage.classes for damage in found):
            hidden = hidden_classes(one, len(here), material.class_names)
            found += [damage for damage in hidden if damage.classes[0] not in met]
        for damage in found:
            # Of images that look otherwise some class is taken for all sorts of others.
            is_told = one.looks_alike or damage.kind != CLASS_SHUFFLED
            if is_told and not _is_missing(damage, labels):
                yield DamageOfSplit(one.split, damage, _predicted(probabilities))


def _is_missing(damage: ClassDamage, labels: LabelVector) -> bool:
    """Whether nothing carries the label of a class that seems shuffled: then the split has none of
    it, and what looks like it are mistakes."""
    return damage.kind == CLASS_SHUFFLED and not np.isin(damage.classes, labels).any()


def _odd_ones(accused: Sequence[DamageOfSplit], taught: Sequence[Taught]) -> list[DamageOfSplit]:
    """Of splits that are all accused of the same by the others, the one that is the reason.

    A large split that is damaged teaches its damage, so that every sound one seems to have it.
    """
    sizes = {one.split: len(one.ids) for one in taught}
    found = []
    for what in dict.fromkeys(one.what for one in accused):
        same = [one for one in accused if one.what == what]
        names = {one.split for one in same}
        odd = [one for one in same if _explains(one.split, names, sizes)]
        if len(same) > 1 and odd and same[0].damage.kind in _MUTUAL:
            same = [_either(odd[-1], [one.split for one in odd])]
        found += same
    return found


def _explains(odd: str, accused: Collection[str], sizes: Mapping[str, int]) -> bool:
    """Whether these splits would be accused if one of them alone were damaged: the others then
    have it on the one side, and what is left of the splits on the other."""
    total = sum(sizes.values())
    for split in sizes.keys() - {odd}:
        damaged, sound = sizes[odd], total - sizes[odd] - sizes[split]
        if split in accused and sound >= _OUTWEIGHS * damaged:
            return False
        if split not in accused and damaged >= _OUTWEIGHS * sound:
            return False
    return True


def _predicted(probabilities: Probs) -> LabelVector:
    known = np.isfinite(probabilities[:, 0])
    predicted = np.where(known, np.nan_to_num(probabilities).argmax(axis=1), UNLABELLED)
    return predicted.astype(np.int32)


def _either(one: DamageOfSplit, splits: Sequence[str]) -> DamageOfSplit:
    """The same with a word on the other split, where it may as well be that one."""
    others = [split for split in splits if split != one.split]
    if one.damage.kind not in _RELATIVE or not others:
        return one
    either = " or ".join(others)
    sentence = f"{one.damage.sentence} Or {either} is the wrong one: the images tell which."
    return replace(one, damage=replace(one.damage, sentence=sentence))


def damage_found(material: AuditMaterial, one: DamageOfSplit) -> Finding:
    """It as a finding, with the images that prove it."""
    damage, split = one.damage, one.split
    ids = np.flatnonzero(material.split_codes == material.splits.index(split))
    here = np.zeros(len(ids), bool)
    here[damage.first : damage.end] = True
    here &= material.labelled[ids] & (one.predicted >= 0) & (one.predicted != material.labels[ids])
    if damage.classes:
        here &= np.isin(one.predicted, damage.classes)
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
