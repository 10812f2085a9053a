"""What people call checks and kinds of findings; the window says the same in its own language."""

from __future__ import annotations

from collections.abc import Mapping

CHECK_NAMES: Mapping[str, str] = {
    "gaps": "Differences in accuracy",
    "labels": "Labels",
    "distribution": "How images look",
    "disjoint": "Copies and leaks",
    "foreign": "Foreign images",
    "related": "Series of images",
    "balance": "Balance of classes",
    "shortcuts": "Shortcuts",
    "quality": "Quality of images",
}

KIND_NAMES: Mapping[str, str] = {
    "label_noise": "Wrong labels",
    "class_swap": "Classes exchanged",
    "label_offset": "Class numbers shifted",
    "misaligned": "Labels out of step",
    "class_shuffled": "Labels of a class mixed up",
    "labels_random": "Labels at random",
    "class_absorbed": "Class absorbed by another",
    "label_set_mismatch": "Splits with other classes",
    "order": "Split in order",
    "duplicate_exact": "Exact copies",
    "duplicate_near": "Near copies",
    "duplicate_conflict": "Copies with other labels",
    "leak_exact": "Leak, exact copies",
    "leak_near": "Leak, near copies",
    "related": "Related images in several splits",
    "label_shift": "Other shares of classes",
    "class_missing": "Class missing",
    "brightness": "Other brightness",
    "contrast": "Other contrast",
    "blur": "Blurred",
    "noise": "Noise added",
    "grey": "Grey instead of colour",
    "channel_order": "Colour channels exchanged",
    "inverted": "Inverted",
    "flipped": "Mirrored",
    "rotated": "Turned",
    "scaling": "Other range of values",
    "resampled": "Resampled",
    "jpeg": "JPEG traces",
    "border": "Border added",
    "foreign_images": "Foreign images",
    "imbalance": "Imbalance",
    "class_too_small": "Class too small",
    "shortcut": "Shortcut",
    "quality": "Poor images",
    "unreadable": "Unreadable images",
    "gap_unexplained": "Unexplained gap",
    "too_good": "Too good to be true",
}


def kind_name(kind: str) -> str:
    return KIND_NAMES.get(kind, kind.replace("_", " ").capitalize())


def check_name(check: str) -> str:
    return CHECK_NAMES.get(check, check.replace("_", " ").capitalize())
