"""Finds the labels of image arrays, and the array that names the classes.

The labels of some images are, by the first rule that finds any of a fitting length:
 1. the array a person named;
 2. an array called labels whose name differs from that of the images in that word alone;
 3. an array called labels of the same split; one for all pieces of a split is shared out;
 4. an array whose name says nothing, of the same split, with one value an image;
 5. the only such array beside each piece: ((x, y), (x, y)) in a pickle.
Of several, "labels" itself is taken, or the fine ones of fine and coarse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.meaning.array_names import (
    IMAGES,
    LABELS,
    NAMES,
    is_for_classes,
    is_of_target,
    meaning,
    words_of,
)
from models.data.readers.meaning.named_arrays import NamedArrays, described, is_column, listing
from models.data.readers.source import StoredArray
from models.errors import DatasetError
from models.types import Progress

_PLAIN = ("labels", "label", "y")


def labels_of_split(
    pieces: Sequence[StoredArray], split: str, alone: bool, found: NamedArrays
) -> list[StoredArray | None]:
    """The label array of each image array of a split; None where there is none.

    `split` is what the names of the images say of it, `alone` whether it is the only one.

    Raises
    ------
    Undecided
        If there are several.
    DatasetError
        If there are labels, but not as many as images.
    """
    if found.request.labels:
        candidates = found.called(found.request.labels)
    else:
        candidates = [a for a in found.arrays if _may_hold_labels(a)]
    others = [a for a in candidates if not any(a is piece for piece in pieces)]
    matched = [_matching(piece, others, found) for piece in pieces]
    if any(matched):
        return matched
    of_split = others if alone else [a for a in others if meaning(a.name).split == split]
    total = sum(piece.shape[0] for piece in pieces)
    fitting = [a for a in of_split if is_column(a) and a.shape[0] == total]
    if not fitting and not found.request.labels:
        own = [a for a in of_split if meaning(a.name).split == split]
        if own:
            raise _counts_differ(own[0], pieces[0], found)
        fitting = _unnamed(pieces, split, total, found)
        beside = [] if fitting else [_beside(piece, found) for piece in pieces]
        if beside and all(beside):
            return beside
        if not fitting:
            _check_broken(split, found)
    if not fitting:
        return [None] * len(pieces)
    labels = _one_of(fitting, found)
    if len(pieces) == 1:
        return [labels]
    ends = np.cumsum([piece.shape[0] for piece in pieces]).tolist()
    return [
        SomeRows(labels, end - piece.shape[0], end) for piece, end in zip(pieces, ends, strict=True)
    ]


def _may_hold_labels(array: StoredArray) -> bool:
    """Whether it is called labels. An "x_target" is images of a domain, but not with one value
    an image."""
    role = meaning(array.name).role
    return role == LABELS or (role == IMAGES and is_of_target(array.name) and len(array.shape) == 1)


def other_labels(taken: Sequence[StoredArray], found: NamedArrays) -> list[str]:
    """Names of label arrays as long as those taken, that were not taken."""
    used = {id(array) for array in taken}
    lengths = {array.shape[0] for array in taken}
    return [
        array.name
        for array in found.arrays
        if id(array) not in used
        and meaning(array.name).role == LABELS
        and is_column(array)
        and array.shape[0] in lengths
    ]


def class_names_for(
    labels: Sequence[StoredArray], used: Sequence[StoredArray], found: NamedArrays
) -> list[StoredArray]:
    """The text arrays that list the classes; several if the files of a dataset repeat them."""
    taken = {id(array) for array in used}
    listed = [
        array
        for array in found.arrays
        if array.dtype.kind in "US"
        and len(array.shape) == 1
        and id(array) not in taken
        and is_for_classes(array.name)
    ]
    words = {word for array in labels for word in meaning(array.name).rest}
    alike = [len(words & set(meaning(array.name).rest)) for array in listed]
    return [
        array for array, common in zip(listed, alike, strict=True) if common == max(alike)
    ]  # "fine_label_names" for "fine_labels"


class SomeRows(StoredArray):
    """The rows of an array that belong to one piece of a split."""

    def __init__(self, array: StoredArray, start: int, stop: int) -> None:
        self.name, self.file, self.dtype = array.name, array.file, array.dtype
        self.shape = (stop - start, *array.shape[1:])
        self._array, self._start = array, start

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        return self._array.rows(self._start + start, self._start + stop)

    def preparing(self) -> Iterator[Progress]:
        return self._array.preparing()

    @property
    def first_rows(self) -> int:
        return min(max(0, self._array.first_rows - self._start), self.shape[0])


def _matching(
    images: StoredArray, others: Sequence[StoredArray], found: NamedArrays
) -> StoredArray | None:
    """Labels whose name differs from that of the images in its role alone."""
    wanted = meaning(images.name).piece
    same = [a for a in others if meaning(a.name).piece == wanted]
    fitting = [a for a in same if is_column(a) and a.shape[0] == images.shape[0]]
    if same and not fitting:
        raise _counts_differ(same[0], images, found)
    return _one_of(fitting, found) if fitting else None


def _unnamed(
    pieces: Sequence[StoredArray], split: str, total: int, found: NamedArrays
) -> list[StoredArray]:
    roles = ("", NAMES) if split == "" else ("",)
    return [
        array
        for array in found.arrays
        if not any(array is piece for piece in pieces)
        and meaning(array.name).role in roles
        and meaning(array.name).split == split
        and is_column(array)
        and array.shape[0] == total
        and max(array.shape[1:], default=1) == 1
    ]


def _beside(images: StoredArray, found: NamedArrays) -> StoredArray | None:
    """The one array without a telling name in the same container, with one value an image."""
    container = images.name.rpartition("/")[0]
    near = [
        array
        for array in _unnamed([images], meaning(images.name).split, images.shape[0], found)
        if container and array.name.rpartition("/")[0] == container
    ]
    return near[0] if len(near) == 1 else None


def _one_of(fitting: Sequence[StoredArray], found: NamedArrays) -> StoredArray:
    if len(fitting) == 1:
        return fitting[0]
    plain = [a for a in fitting if words_of(a.name)[-1:] and words_of(a.name)[-1] in _PLAIN]
    shortest = min((len(words_of(a.name)) for a in plain), default=0)
    exact = [a for a in plain if len(words_of(a.name)) == shortest]
    fine = [a for a in fitting if "fine" in words_of(a.name)]
    for choice in (exact, fine):
        if len(choice) == 1:
            return choice[0]
    example = quote(fitting[0].name)
    raise found.undecided(
        f"has several label arrays: {listing(fitting)}",
        f"Say which with --labels KEY, for example --labels {example}.",
    )


def _counts_differ(labels: StoredArray, images: StoredArray, found: NamedArrays) -> DatasetError:
    return DatasetError(
        f"array {described(labels)} does not give one label to each of the "
        f"{images.shape[0]:,} images in “{images.name}”",
        found.where,
        "Save as many labels as images, or name another array with --labels KEY.",
    )


def _check_broken(split: str, found: NamedArrays) -> None:
    for broken in found.unusable:
        says = meaning(broken.name)
        if says.role == LABELS and says.split == split:
            raise found.broken(broken)
