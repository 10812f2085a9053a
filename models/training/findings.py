"""What a run finds wrong with whole classes, split by split."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.learnt_splits import to_train_on, training_splits
from models.scoring.class_damage import (
    CLASS_ABSORBED,
    CLASS_SWAP,
    LABEL_OFFSET,
    LABELS_RANDOM,
    ClassDamage,
    damage_of_split,
)
from models.training.material import Material
from models.types import UNLABELLED, Probs

_FEWEST = 100  # labelled images, for a split to be judged
_STEPS_TO_LEARN = 100  # below, a net at chance may only have been trained too little
NOTHING_LEARNT = "nothing_learnt"
# The same in all that was learnt from, these would be right to the model.
_RELATIVE = (CLASS_SWAP, LABEL_OFFSET, CLASS_ABSORBED)


def findings(material: Material, probabilities: Probs, steps: int) -> list[dict[str, Any]]:
    """Damage to whole classes in each split, as the `findings` of a run's result.

    Parameters
    ----------
    probabilities : float32 (n, k)
        The final ones of a run.
    steps : int
        Steps the net was trained for. A net that has learnt nothing fits labels no better than
        random ones, so after few steps, and where no split speaks for it, labels are not
        called random.

    Returns
    -------
    list of {"kind", "splits", "classes", "sentence", "rows", "samples", "evidence"}
        Split by split, most far-reaching first. `rows` is the stretch [first, end) in the
        order of the split, as the sentence counts, `samples` its first and last sample id.
    """
    if np.isnan(probabilities).all():
        return [_nothing_learnt(material)]
    found: list[dict[str, Any]] = []
    judged = at_chance = 0
    for code, split in enumerate(material.splits):
        ids = np.flatnonzero(material.split_codes == code)
        labels = np.where(material.labelled[ids], material.labels[ids], UNLABELLED)
        if probabilities.shape[1] < 2 or (labels != UNLABELLED).sum() < _FEWEST:
            continue
        trained = material.met[ids]
        damages = damage_of_split(
            probabilities[ids], labels.astype(np.int32), trained, material.class_names
        )
        judged += 1
        at_chance += any(damage.kind == LABELS_RANDOM for damage in damages)
        found += [_finding(damage, material, split, ids) for damage in damages]
    if steps < _STEPS_TO_LEARN and at_chance == judged:
        return [one for one in found if one["kind"] != LABELS_RANDOM]
    return found


def _nothing_learnt(material: Material) -> dict[str, Any]:
    """Why no label is suspected, and what the images are ordered by instead."""
    labels = np.unique(material.learnable_labels[material.labelled])
    names = [material.class_names[label] for label in labels]
    why = f"All labels are {names[0]}" if names else "No image has a label"
    if len(names) > 1:
        few = f"Only {len(names)} classes have labels, and too few images to learn them"
        why = _of_train_alone(material) or few
    return {
        "kind": NOTHING_LEARNT,
        "splits": list(material.splits),
        "classes": names,
        "sentence": (
            f"{why}, so there is nothing to tell classes by: images are ordered by how strange "
            "they look, exact copies with different labels first."
        ),
        "rows": [0, material.n],
        "samples": [0, material.n - 1],
        "evidence": {},
    }


def _of_train_alone(material: Material) -> str:
    """Why classes that have labels were not learnt, where the splits to learn from have fewer than
    two of them; else ""."""
    in_train = to_train_on(material.splits, material.split_codes)
    labels = np.unique(material.learnable_labels[material.labelled & in_train])
    if len(labels) > 1:
        return ""
    train = " and ".join(material.splits[code] for code in training_splits(material.splits))
    what = (
        f"All labels of {train} are {material.class_names[labels[0]]}"
        if len(labels)
        else (f"No image of {train} has a label")
    )
    return f"{what}, and no other split is learnt from"


def _finding(
    damage: ClassDamage, material: Material, split: str, ids: NDArray[np.int64]
) -> dict[str, Any]:
    sentence = f"{split}: {damage.sentence}" if len(material.splits) > 1 else damage.sentence
    learnt = np.unique(material.split_codes[material.met])
    trained = [material.splits[code] for code in learnt]
    if damage.kind in _RELATIVE and split not in trained:
        learnt_from = " and ".join(trained) or "another dataset"
        sentence += (
            f" The model learnt from {learnt_from}: the images tell which of the two is wrong."
        )
    return {
        "kind": damage.kind,
        "splits": [split],
        "classes": [material.class_names[code] for code in damage.classes],
        "sentence": sentence,
        "rows": [damage.first, damage.end],
        "samples": [int(ids[damage.first]), int(ids[damage.end - 1])],
        "evidence": damage.evidence,
    }
