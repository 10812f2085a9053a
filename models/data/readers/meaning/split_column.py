"""The split of each image, where a column of the words train, val and test lies beside the images.

Such splits keep the images in their order: decisions are about their places.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.images.folder_layout import OUTSIDE, split_word
from models.data.readers.meaning.array_labels import label_column
from models.data.readers.meaning.array_names import TEST, TRAIN, VAL, words_of
from models.data.readers.meaning.labels import as_text
from models.data.readers.meaning.named_arrays import NamedArrays
from models.data.readers.source import StoredArray
from models.types import Progress, SplitAssignment

_TITLES = frozenset(("split", "set", "data set", "subset", "partition", "phase"))
_PLACES = {TRAIN: 0, VAL: 1, TEST: 2}


@dataclass(frozen=True)
class ToldSplits:
    """Sizes of the splits; the split of each image, unless they follow one another."""

    sizes: dict[str, int]
    assignment: SplitAssignment | None

    @property
    def n(self) -> int:
        return sum(self.sizes.values())


def is_title_of_splits(title: str) -> bool:
    """Whether a column of this name may tell the splits: "split", "Subset", "data/partition"."""
    return " ".join(words_of(title.rpartition("/")[2])) in _TITLES


def told_by(texts: NDArray[Any]) -> ToldSplits | None:
    """The splits that a text an image tells, (n,); None if there are others than split words."""
    found, at = np.unique(texts, return_inverse=True)
    spelled = [as_text(text).strip() for text in found]
    names = [split_word(text) or OUTSIDE for text in spelled]
    if not any(spelled) or any(text and not split_word(text) for text in spelled):
        return None
    present = sorted(set(names), key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    codes = np.array([present.index(name) for name in names], np.uint8)[at]
    sizes = np.bincount(codes, minlength=len(present)).tolist()
    changes = np.flatnonzero(np.diff(codes)) + 1
    in_order = codes[[0, *changes.tolist()]].tolist()
    if len(in_order) == len(present):
        return ToldSplits({present[code]: sizes[code] for code in in_order}, None)
    return ToldSplits(dict(zip(present, sizes, strict=True)), SplitAssignment.of(present, codes))


def not_taken(column: str) -> str:
    """What to say of a column that is called like splits and tells none."""
    return (
        f"“{column}” holds other values than train, val and test, so it is not known what they "
        "mean and the images were not split by it. Write these words in it to have them split."
    )


def splits_apart(
    found: NamedArrays,
) -> Generator[Progress, None, tuple[NamedArrays, dict[str, ToldSplits]]]:
    """The arrays but those that tell splits, and by the name of each of these what it tells."""
    told: dict[str, ToldSplits] = {}
    for array in found.arrays:
        if math.prod(array.shape[1:]) == 1 and is_title_of_splits(array.name):
            yield from array.preparing()
            texts = _texts(array, found.where)
            if len(texts) and (splits := told_by(texts)):
                told[array.name] = splits
    if is_title_of_splits(found.request.labels):  # somebody wants to look at them as classes
        return found, {}
    others = [array for array in found.arrays if array.name not in told]
    return replace(found, arrays=others), told


def _texts(array: StoredArray, where: str) -> NDArray[Any]:
    """The values of a column of text or of an enumeration; none of another."""
    if array.dtype.kind not in "USiu":
        return np.empty(0, np.str_)
    column = label_column(array, where)
    if column.is_text:
        return column.values
    known = dict(enumerate(column.names))
    return np.array([known.get(value, "?") for value in column.values.tolist() if known], np.str_)
