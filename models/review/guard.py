"""Which images are kept from decisions at first: those of a test split."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from models.types import Mask

_TEST = re.compile(
    r"(^|[^a-z])(test(ing|set)?|t10k|hold[\W_]?out|held[\W_]?out|eval(uation)?)([^a-z]|$)"
)

Spans = tuple[tuple[int, int], ...]  # first sample id and one past the last


def is_test(split: str) -> bool:
    """Whether a split is one to test with, going by its name ("test", "t10k", "hold-out")."""
    return bool(_TEST.search(split.lower()))


def locked_spans(splits: Mapping[str, int]) -> Spans:
    """Where the images of test splits lie.

    Labels that are put right beside a model are put right where the model doubts them, and so
    move towards it: on a test split they would make it look better than it is. Deciding about
    single images there therefore takes a person to say so once. What is about classes (adding,
    renaming, merging) and what decides nothing (causes, notes, blind answers) is never kept back.

    Parameters
    ----------
    splits : mapping of str to int
        Name and size of each split, in the order of the sample ids.
    """
    spans, first = [], 0
    for name, size in splits.items():
        if is_test(name):
            spans.append((first, first + size))
        first += size
    return tuple(spans)


def masked(spans: Spans, n: int) -> Mask:
    """Which of all images lie in some spans. (n,)"""
    found = np.zeros(n, bool)
    for first, past_last in spans:
        found[first:past_last] = True
    return found
