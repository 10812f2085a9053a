"""Splits that were cut from a file sorted by class, or whose classes are not the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.label_sets import in_words, same_classes
from models.audit.material import AuditMaterial
from models.audit.wording import listed

_CHECK = "labels"
_SORTED = 0.1  # of the changes of label from one image to the next that there were in any order
_SPLIT_ANEW = Remedy("Split anew, at random and with every class in each split.", "split")


def splits_without_common_classes(material: AuditMaterial) -> Iterator[Finding]:
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
    if kind == "label_set_mismatch" and not alone:
        return  # of the same classes there are other shares, which is said elsewhere
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
        _one_name_each(material) if kind == "label_set_mismatch" else _SPLIT_ANEW,
        tuple(material.splits[code] for code in filled),
        effect=common,
        plot=Plot(
            "Share of each class",
            material.class_names,
            {material.splits[code]: shares[code].tolist() for code in filled},
        ),
    )


def _one_name_each(material: AuditMaterial) -> Remedy:
    becomes = same_classes(material)
    if not becomes:
        return _SPLIT_ANEW
    said = f"Give each class one name in all splits: {in_words(becomes)}."
    return Remedy(said, "map_classes", {"becomes": becomes})


def _is_sorted(material: AuditMaterial) -> bool:
    """Whether labels come in long runs in the order of the file. Folders always are sorted, and a
    class that is most of a split makes long runs by itself."""
    if material.info.kind == "folder":
        return False
    changes = expected = 0.0
    for code in range(len(material.splits)):
        labels = material.labels[material.labelled & (material.split_codes == code)]
        shares = np.bincount(labels) / max(len(labels), 1)
        changes += int((labels[1:] != labels[:-1]).sum())
        expected += len(labels) * (1 - float((shares**2).sum()))
    return changes < _SORTED * expected or expected == 0
