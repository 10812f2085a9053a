"""The result of a run in figures: the `train` contract of the command line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.intervals import wilson
from models.training.material import Material
from models.types import LabelVector, Mask, Probs


def accuracies(material: Material, probabilities: Probs) -> dict[str, Any]:
    """Accuracy in all its parts, counted against the labels of the run.

    Classes are judged on images that were not trained on, where there are any. Every figure
    is None where there is nothing to count.
    """
    predicted = np.nan_to_num(probabilities, nan=-1.0).argmax(axis=1).astype(np.int32)
    counted = material.labelled & ~np.isnan(probabilities).any(axis=1)
    right = predicted == material.labels
    trained, held_out = (_mask(material, ids) for ids in (material.trained, material.held_out))
    unseen = counted & ~trained
    judged = unseen if unseen.any() else counted
    return {
        "train_accuracy": _share(right, counted & trained),
        "heldout_accuracy": _share(right, counted & held_out),
        "majority_accuracy": _majority(material.labels[judged]),
        "splits": {
            name: _split(right, counted & (material.split_codes == code))
            for code, name in enumerate(material.splits)
        },
        "per_class": [
            _class_figures(name, code, material.labels[judged], predicted[judged])
            for code, name in enumerate(material.class_names)
            if code != material.not_of_dataset
        ],
    }


def _split(right: Mask, which: Mask) -> dict[str, Any]:
    n, n_right = int(which.sum()), int(right[which].sum())
    interval = list(wilson(n_right, n)) if n else [None, None]
    return {"n": n, "accuracy": _share(right, which), "ci95": interval}


def _class_figures(
    name: str, code: int, labels: LabelVector, predicted: LabelVector
) -> dict[str, Any]:
    given, answered = labels == code, predicted == code
    recall = _share(answered, given)
    precision = _share(given, answered)
    n = int(given.sum())
    return {"class": name, "n": n, "accuracy": recall, "recall": recall, "precision": precision}


def _share(right: Mask, which: Mask) -> float | None:
    return float(right[which].mean()) if which.any() else None


def _majority(labels: LabelVector) -> float | None:
    return float(np.bincount(labels).max() / len(labels)) if len(labels) else None


def _mask(material: Material, ids: NDArray[np.int64]) -> Mask:
    mask = np.zeros(material.n, bool)
    mask[ids] = True
    return mask
