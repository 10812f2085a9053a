"""The result of a run in figures: the `train` contract of the command line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.intervals import wilson
from models.training.material import Material
from models.types import LabelVector, Mask, Probs

_NAMED = 5  # classes named in a sentence


def accuracies(material: Material, probabilities: Probs) -> dict[str, Any]:
    """Accuracy in all its parts, counted against the labels of the run.

    Classes are judged on images that were not trained on, where there are any. Beside every
    accuracy stands that of always answering the most frequent class, the majority baseline.
    Intervals are Wilson's, at 95%. A figure is None where there is nothing to count.
    """
    predicted = probabilities.argmax(axis=1).astype(np.int32)
    counted = material.labelled & ~np.isnan(probabilities).any(axis=1)
    right = predicted == material.labels
    trained, held_out = (_mask(material, ids) for ids in (material.trained, material.held_out))
    unseen = counted & material.unseen
    judged = unseen if unseen.any() else counted
    labels = material.labels[judged]
    common, majority = _majority(labels)
    classes = _Classes(material.class_names, predicted[judged], labels)
    in_use = [c for c in range(len(material.class_names)) if c != material.not_of_dataset]
    labelled = np.bincount(material.labels[counted], minlength=len(material.class_names))
    answered = np.bincount(predicted[counted], minlength=len(material.class_names))
    never = [
        code
        for code in in_use
        if labelled[code]
        and not classes.predicted[code]
        and (classes.given[code] or not answered[code])
    ]
    overall = {
        "n": len(labels),
        "not_trained_on": bool(unseen.any()),
        "accuracy": _share(right, judged),
        "ci95": _interval(int(right[judged].sum()), len(labels)),
        "majority_class": material.class_names[common] if len(labels) else None,
        "majority_accuracy": majority,
    }
    return {
        "train_accuracy": _share(right, counted & trained),
        "heldout_accuracy": _share(right, counted & held_out),
        "majority_accuracy": majority,
        "judged": overall,
        "splits": {
            name: _split(right, material.labels, counted & (material.split_codes == code))
            for code, name in enumerate(material.splits)
        },
        "per_class": [classes.figures(code) for code in in_use],
        "never_predicted": [material.class_names[code] for code in never],
        "remarks": [*_on_never_predicted(classes, never), *_on_majority(overall)],
    }


class _Classes:
    """How often each class was given, predicted, and both, among the images judged."""

    def __init__(self, names: tuple[str, ...], predicted: LabelVector, labels: LabelVector) -> None:
        self.n, self.names = len(labels), names
        self.given = np.bincount(labels, minlength=len(names))
        self.predicted = np.bincount(predicted, minlength=len(names))
        self._both = np.bincount(labels[predicted == labels], minlength=len(names))

    def figures(self, code: int) -> dict[str, Any]:
        n, n_predicted = int(self.given[code]), int(self.predicted[code])
        n_right = int(self._both[code])
        recall = n_right / n if n else None
        return {
            "class": self.names[code],
            "n": n,
            "accuracy": recall,
            "recall": recall,
            "recall_ci95": _interval(n_right, n),
            "precision": n_right / n_predicted if n_predicted else None,
            "precision_ci95": _interval(n_right, n_predicted),
            "n_predicted": n_predicted,
            "n_right": n_right,
        }


def _on_never_predicted(classes: _Classes, codes: list[int]) -> list[str]:
    if not codes:
        return []
    among = f"the {classes.n:,} images judged"
    counts = [int(classes.given[code]) for code in codes[:_NAMED]]
    if len(codes) == 1:
        so_many = "none is" if not counts[0] else "1 is" if counts[0] == 1 else f"{counts[0]:,} are"
        name = classes.names[codes[0]]
        return [f"{name} is never predicted: of {among}, {so_many} labelled so."]
    named = [
        f"{classes.names[code]} ({n:,}{' labelled so' * (place == 0)})"
        for place, (code, n) in enumerate(zip(codes[:_NAMED], counts, strict=True))
    ]
    more = len(codes) - len(named)
    if more:
        named.append(f"{more:,} more class{'es' * (more != 1)}")
    return [f"Never predicted among {among}: {', '.join(named[:-1])} and {named[-1]}."]


def _on_majority(judged: dict[str, Any]) -> list[str]:
    if not judged["n"]:
        return []
    name, majority, accuracy = (
        judged[key] for key in ("majority_class", "majority_accuracy", "accuracy")
    )
    if majority == 1:
        return [f"All {judged['n']:,} images judged are labelled {name}: accuracy says little."]
    low, high = judged["ci95"]
    if low > majority:
        return []
    than = "not clearly above" if accuracy > majority else "not above"
    return [
        f"The accuracy of {accuracy:.1%} ({low:.1%} to {high:.1%} on {judged['n']:,} images) is "
        f"{than} the {majority:.1%} of always answering {name}."
    ]


def _split(right: Mask, labels: LabelVector, which: Mask) -> dict[str, Any]:
    n, n_right = int(which.sum()), int(right[which].sum())
    return {
        "n": n,
        "accuracy": _share(right, which),
        "ci95": _interval(n_right, n),
        "majority_accuracy": _majority(labels[which])[1],
    }


def _interval(n_right: int, n: int) -> list[float | None]:
    return list(wilson(n_right, n)) if n else [None, None]


def _share(right: Mask, which: Mask) -> float | None:
    return float(right[which].mean()) if which.any() else None


def _majority(labels: LabelVector) -> tuple[int, float | None]:
    """The most frequent class and its share."""
    if not len(labels):
        return -1, None
    counts = np.bincount(labels)
    return int(counts.argmax()), float(counts.max() / len(labels))


def _mask(material: Material, ids: NDArray[np.int64]) -> Mask:
    mask = np.zeros(material.n, bool)
    mask[ids] = True
    return mask
