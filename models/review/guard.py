"""Which images are kept from decisions at first: those of a test split."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.types import Mask

_TEST = re.compile(
    r"(^|[^a-z])(test(ing|set)?|t10k|hold[\W_]?out|held[\W_]?out|eval(uation)?)([^a-z]|$)"
)


def is_test(split: str) -> bool:
    """Whether a split is one to test with, going by its name ("test", "t10k", "hold-out")."""
    return bool(_TEST.search(split.lower()))


def in_test(splits: Mapping[str, int], codes: NDArray[np.uint8] | None = None) -> Mask:
    """Which images lie in a test split. (n,)

    Labels that are put right beside a model are put right where the model doubts them, and so
    move towards it: on a test split they would make it look better than it is. Deciding about
    single images there therefore takes a person to say so once. What is about classes (adding,
    renaming, merging) and what decides nothing (causes, notes, blind answers) is never kept back.

    Parameters
    ----------
    splits : mapping of str to int
        Name and size of each split.
    codes : uint8 (n,), optional
        The split of each image; without them splits follow one another.
    """
    of_split = np.array([is_test(name) for name in splits], bool)
    return np.repeat(of_split, list(splits.values())) if codes is None else of_split[codes]
