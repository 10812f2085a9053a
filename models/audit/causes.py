"""One cause, one finding: which finding is only the symptom of another."""

from __future__ import annotations

from collections.abc import Sequence

from models.audit.finding import Finding, Severity

OF_CLASSES = ("label_shift", "class_missing")
"""What the check of distributions finds of classes, not of looks."""

# Kind of a cause -> kinds that follow from it in the splits, or among the classes, it is about.
_OF_LABELS = ("label_noise", "class_shuffled", "labels_random", "class_swap", "class_absorbed")
# A model sees other classes in images that were turned or recoloured (a 6 is a 9 upside down);
# what only makes them harder to see does not exchange two classes.
_RECOLOURED = ("inverted", "channel_order", "rotated", "flipped", "grey")
_HARDER = ("scaling", "brightness", "contrast", "blur", "noise", "resampled", "jpeg", "border")
_OF_A_WEAK_EYE = ("label_noise", "class_shuffled", "labels_random", "class_absorbed")
_FOLLOWS: dict[str, tuple[str, ...]] = {
    "class_swap": ("label_noise",),
    "label_offset": ("label_noise",),
    "misaligned": ("label_noise",),
    "labels_random": ("label_noise",),
    "class_shuffled": ("label_noise", "label_shift", "class_too_small", "imbalance"),
    "class_absorbed": ("label_noise", "class_missing", "label_shift", "imbalance"),
    "order": ("class_missing", "label_shift", "label_set_mismatch", "imbalance", *_OF_LABELS),
    "label_set_mismatch": ("class_missing", "label_shift"),
    "class_missing": ("label_shift", "imbalance"),
    "label_shift": ("class_too_small", "imbalance"),
    "imbalance": ("class_too_small",),
    **dict.fromkeys(_RECOLOURED, (*_OF_LABELS, "foreign_images")),
    **dict.fromkeys(_HARDER, (*_OF_A_WEAK_EYE, "foreign_images")),
    "foreign_images": ("label_noise",),
}
# What was done to all images of a split, or to a class in all splits, is a warning as long as
# nobody measured what it costs, and that may be anything.
_UNMEASURED = (*_RECOLOURED, *_HARDER, "class_shuffled")
# What of one class stands out by traces of processing, where a whole split was processed so: the
# split holds more of some classes' values than of others'.
_TRACES: dict[str, tuple[str, ...]] = {
    "values": ("scaling", "contrast", "brightness", "jpeg", "resampled"),
    "jpeg": ("jpeg", "resampled", "blur", "scaling"),
    "mark": ("border",),
    "grey": ("grey",),
}


def explained(findings: Sequence[Finding]) -> list[Finding]:
    """The same findings, each symptom pointing at its cause."""
    return [_because(one, findings) for one in findings]


def _because(symptom: Finding, findings: Sequence[Finding]) -> Finding:
    if symptom.explained_by:
        return symptom
    for cause in findings:
        follows = symptom.kind in _FOLLOWS.get(cause.kind, ()) or cause.kind in _traces(symptom)
        if follows and _meet(cause, symptom) and _weighs_enough(cause, symptom):
            return symptom.because_of(cause)
    return symptom


def _weighs_enough(cause: Finding, symptom: Finding) -> bool:
    """A few foreign images do not make a third of the labels wrong: what costs less than its
    symptom is not the cause of it, or not all of it."""
    return cause.severity >= symptom.severity or cause.kind in _UNMEASURED


def _traces(symptom: Finding) -> tuple[str, ...]:
    return _TRACES.get(symptom.topic, ()) if symptom.kind == "shortcut" else ()


def _meet(cause: Finding, symptom: Finding) -> bool:
    """Whether they are about the same part of the dataset; naming none means all of it."""

    def common(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        return not a or not b or bool(set(a) & set(b))

    return common(cause.splits, symptom.splits) and common(cause.classes, symptom.classes)


def cause_in(split: str, findings: Sequence[Finding]) -> Finding | None:
    """What else is wrong with how a split looks or is labelled; without a name, with any split."""
    for one in findings:
        of_split = not split or split in one.splits
        if of_split and one.check in ("labels", "distribution") and one.severity > Severity.NOTE:
            return one
    return None
