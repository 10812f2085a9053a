"""Do the labels belong to the images? Whole classes, whole stretches, and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.audit.causes import OF_CLASSES
from models.audit.class_labels import damage_found, damages_of
from models.audit.crossing import taught_by_others
from models.audit.finding import BY_CLASSIFIER, Finding
from models.audit.material import AuditMaterial
from models.audit.shuffled import shuffled_everywhere
from models.audit.split_order import splits_without_common_classes
from models.audit.wording import listed
from models.audit.wrong_labels import FEWEST, SingleWrongLabels
from models.review.copies import NO_COPY
from models.types import Event, Mask, Unable

_CHECK = "labels"
_LEAKS = ("leak_exact", "leak_near")


def check_labels(
    material: AuditMaterial, found: Sequence[Finding] = ()
) -> Iterator[Finding | Event]:
    """Compare labels with what a model expects, and with what the other splits teach.

    The first knows more, but has learnt its own training split by heart; the second needs no
    model, and says which split is damaged, but only where splits differ.
    """
    yield from splits_without_common_classes(material)
    if len(material.class_names) < 2:
        why = (
            "There is one class only, and no label it could be taken for."
            if material.class_names
            else "No image has a label, so there is none to check."
        )
        yield Unable(_CHECK, why, BY_CLASSIFIER)
        return
    taught = yield from taught_by_others(material, _no_copies(material, found), _processed(found))
    seen = material.predictions
    if seen is None and not any(one.tells for one in taught):
        why = material.unasked or "Without a trained model nothing says what a label should be."
        yield Unable(_CHECK, why, BY_CLASSIFIER)
        return
    if material.unasked:
        yield Unable(_CHECK, material.unasked, partly=True)
    known = material.labelled.copy()
    if seen is not None:
        known &= np.isfinite(seen.probabilities[:, 0])
    damages = damages_of(material, seen, known, taught)
    for damage in damages:
        yield damage_found(material, damage)
    yield from shuffled_everywhere(material, taught)
    single = SingleWrongLabels(material, seen, known, taught)
    for code, split in enumerate(material.splits):
        if (known & (material.split_codes == code)).sum() >= FEWEST:
            # What is wrong with whole classes of one split makes all disagree.
            noise = single.of(code, damaged=bool(damages))
            if noise is not None:
                yield noise
        elif (material.split_codes == code).any():
            why = f"{split} has too few labelled images to judge its classes."
            is_taught = any(one.split == split and one.tells for one in taught)
            kinds = ("label_noise",) if is_taught else BY_CLASSIFIER
            yield Unable(_CHECK, why, tuple(f"{kind}:{split}" for kind in kinds))
    damaged = list(dict.fromkeys(one.split for one in damages))
    waiting = [split for split in single.waiting if split not in damaged]
    if waiting:
        once = f"once {listed(damaged)} {'is' if len(damaged) == 1 else 'are'} put right"
        why = f"Single wrong labels of {listed(waiting)} can be told {once}."
        yield Unable(_CHECK, why, tuple(f"label_noise:{split}" for split in waiting))
    if single.unlike:
        why = (
            f"Images of {listed(single.unlike)} look otherwise than those of the other splits, so "
            "that these do not tell which labels are wrong there."
        )
        yield Unable(_CHECK, why, tuple(f"label_noise:{split}" for split in single.unlike))
    if single.unclear:
        why = (
            "The model is too often wrong itself to count single wrong labels of"
            if seen
            else "Without a trained model, too little is known of the labels of"
        )
        kinds = ("label_noise",) if seen else BY_CLASSIFIER
        about = tuple(f"{kind}:{split}" for kind in kinds for split in single.unclear)
        yield Unable(_CHECK, f"{why} {listed(single.unclear)}.", about)


def _processed(found: Sequence[Finding]) -> set[str]:
    """Splits whose images were found to look otherwise."""
    of_looks = [one for one in found if one.check == "distribution"]
    return {split for one in of_looks if one.kind not in OF_CLASSES for split in one.splits}


def _no_copies(material: AuditMaterial, found: Sequence[Finding]) -> Mask:
    """Labelled images of which no other split has a copy."""
    known: Mask = material.labelled & (material.copy_group == NO_COPY)
    for one in found:
        if one.kind in _LEAKS:
            known[one.samples] = False
    return known
