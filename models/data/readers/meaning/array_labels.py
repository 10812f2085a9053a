"""Reads the labels of all splits of a dataset of arrays, in one list of classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.meaning.array_names import LEARNT_SPLITS, may_name_images, meaning
from models.data.readers.meaning.detect import Part
from models.data.readers.meaning.joining import Piece, joined
from models.data.readers.meaning.labels import MANY, NOT_OF_DATASET, Labels, as_text
from models.data.readers.source import StoredArray
from models.errors import DatasetError
from models.types import UNLABELLED

_BLOCK_BYTES = 64 << 20
_FEWEST_NAMES = 3


@dataclass(frozen=True)
class Column:
    """One value a sample, as a label array holds it."""

    values: NDArray[Any]  # (n,) integers, floats, bool, str or bytes
    width: int = 0  # of one-hot rows; their value is the position, -1 where all is 0
    names: tuple[str, ...] = ()  # of an enumeration, in the order of its values

    @property
    def is_empty(self) -> NDArray[np.bool_]:
        """(n,) rows that are 0 in every column."""
        empty: NDArray[np.bool_] = np.zeros(len(self.values), bool)
        return self.values < 0 if self.width else empty

    @property
    def is_text(self) -> bool:
        return self.values.dtype.kind in "US"


def read_labels(parts: Sequence[Part], named: Sequence[StoredArray], where: str) -> Labels:
    """The label of every sample, parts one after another.

    `named` are the arrays that list the class names: one for all parts, or one beside each.

    Raises
    ------
    DatasetError
        If an array holds no labels, or several a sample.
    """
    arrays = {i: part.labels for i, part in enumerate(parts) if part.labels}
    columns = _alike({i: label_column(array, where) for i, array in arrays.items()}, where)
    sizes = [part.images.shape[0] for part in parts]
    lists, warnings = _class_names(arrays, columns, named, sizes)
    extra = _column_of_checking_sets(parts, columns)
    if not any(lists.values()):
        lists = _names_of_columns(columns, extra)
    if extra >= 0:
        if max(map(len, lists.values())) == extra:
            lists = {i: (*names, NOT_OF_DATASET) for i, names in lists.items()}
        warnings += (
            f"Column {extra + 1} of the labels is there only in sets that are not trained on, so "
            f"it was taken for images that belong to none of the {extra} classes.",
        )
    title = next((array.name for array in arrays.values()), "")
    n_empty = sum(int(column.is_empty.sum()) for column in columns.values())
    if n_empty:
        warnings += (
            f"{n_empty:,} rows of “{title}” are 0 in every column; those samples count as "
            "unlabelled.",
        )
    pieces = []
    for i, part in enumerate(parts):
        column = columns.get(i, Column(np.full(part.images.shape[0], UNLABELLED), 1))
        shown = f"“{arrays[i].name}”" if i in arrays else ""
        values = column.values[~column.is_empty]
        pieces.append(Piece(shown, lists.get(i, ()), ~column.is_empty, values))
    labels = joined(pieces, title, where)
    return replace(labels, warnings=(*warnings, *labels.warnings), extra=extra)


def label_column(array: StoredArray, where: str) -> Column:
    """Read a label array of any accepted shape as one value a sample.

    Raises
    ------
    DatasetError
        If rows hold several labels each, or probabilities.
    """
    n = array.shape[0]
    if not n:
        return Column(np.empty(0, np.int64))
    width = math.prod(array.shape[1:])
    step = max(1, _BLOCK_BYTES // max(1, array.row_bytes))
    blocks = []
    for start in range(0, n, step):
        rows = array.rows(start, min(start + step, n)).reshape(-1, width)
        blocks.append(rows[:, 0] if width == 1 else _positions(rows, array.name, start, where))
    values = np.concatenate(blocks)
    if width > 1:
        return Column(values, width)
    metadata: Mapping[str, Any] = array.dtype.metadata or {}
    enumeration = metadata.get("enum")  # where h5py keeps the names of an enumeration
    return _of_enumeration(values, enumeration) if enumeration else Column(values)


def _positions(rows: NDArray[Any], what: str, start: int, where: str) -> NDArray[np.int64]:
    """Where the 1 of each one-hot row is, -1 if there is none."""
    if rows.dtype.kind not in "biuf" or not ((rows == 0) | (rows == 1)).all():
        raise DatasetError(
            f"array “{what}” has {rows.shape[1]} values a sample that are not one-hot",
            where,
            "Labels are one class a sample: integers, text, or one-hot rows of 0 and 1.",
        )
    ones = rows.astype(bool).sum(axis=1)
    if (ones > 1).any():
        raise DatasetError(
            f"array “{what}” gives some samples several classes (the first is sample "
            f"{start + int(np.argmax(ones > 1))} of it)",
            where,
            "Winnow reviews datasets with one class an image.",
        )
    return np.where(ones == 1, rows.argmax(axis=1), UNLABELLED).astype(np.int64)


def _of_enumeration(values: NDArray[Any], enumeration: Mapping[str, int]) -> Column:
    """Values of an HDF5 enumeration: a position where they count from 0, else their names."""
    by_value = dict(sorted((int(value), name) for name, value in enumeration.items()))
    if list(by_value) == list(range(len(by_value))):
        return Column(values, 0, tuple(by_value.values()))
    return _in_text(values, by_value)


def _in_text(values: NDArray[Any], by_value: Mapping[int, str]) -> Column:
    """The names of values; a value without one is written as it is."""
    found, inverse = np.unique(values, return_inverse=True)
    texts = np.array([by_value.get(int(value), str(value)) for value in found])
    return Column(texts[inverse], 0, tuple(by_value.values()))


def _alike(columns: Mapping[int, Column], where: str) -> Mapping[int, Column]:
    """Columns of numbers or of text: enumerations are text where others are."""
    if len({column.is_text for column in columns.values()}) < 2:
        return columns
    if any(not column.is_text and not column.names for column in columns.values()):
        raise DatasetError("has text labels in one split and numbers in another", where)
    return {
        i: column if column.is_text else _in_text(column.values, dict(enumerate(column.names)))
        for i, column in columns.items()
    }


def _class_names(
    labels: Mapping[int, StoredArray],
    columns: Mapping[int, Column],
    named: Sequence[StoredArray],
    sizes: Sequence[int],
) -> tuple[dict[int, tuple[str, ...]], tuple[str, ...]]:
    """The names listed for each label array, and what to say of lists that were not taken.

    `sizes` are how many images each part has.
    """
    texts = {a: tuple(as_text(name) for name in a.rows(0, a.shape[0])) for a in named}
    sure = [a for a in named if _is_one_an_image(a.name, texts[a], columns, sizes)]
    kinds = {meaning(array.name).rest for array in sure if may_name_images(array.name)}
    of_images = [
        array
        for array in named
        if array in sure  # or the same of a split that has as few images as there are classes
        or (
            may_name_images(array.name)
            and meaning(array.name).rest in kinds
            and array.shape[0] in sizes
        )
    ]
    warnings = tuple(
        f"Array “{array.name}” has a text for each image, so it was not taken for the list of the "
        "classes."
        for array in of_images
    )
    named = [array for array in named if array not in of_images]
    lists = [texts[array] for array in named]
    if len(set(lists)) < 2:
        # A dataset without labels has classes all the same.
        return dict.fromkeys(labels or (0,), lists[0] if lists else ()), warnings
    own = {i: _nearest(array, named, lists) for i, array in labels.items()}
    if (own and all(own.values())) or len(set(own.values()) - {()}) > 1:
        return own, warnings
    quoted = " and ".join(f"“{array.name}”" for array in named[:4])
    differ = f"Arrays {quoted} list different class names; none of them was taken."
    return {}, (*warnings, differ)


def _is_one_an_image(
    array: str, names: Sequence[str], columns: Mapping[int, Column], sizes: Sequence[int]
) -> bool:
    """Whether a list has a text for each image of a part or of all; classes have a name each."""
    if len(names) not in (*sizes, sum(sizes)):
        return False
    if len(set(names)) < len(names) or len(names) > MANY:
        return True
    n_used = max((_n_used(column, names) for column in columns.values()), default=0)
    return may_name_images(array) and len(names) > max(2 * n_used, n_used + 2)


def _n_used(column: Column, names: Sequence[str]) -> int:
    """How many of the names listed a column of labels has a use for, if they are of classes."""
    if column.is_text:
        return 0 if set(names).isdisjoint(map(as_text, column.values.tolist())) else len(names)
    values = column.values[np.isfinite(column.values)]
    return column.width or (int(values.max()) + 1 if len(values) else 0)


def names_each_image(array: StoredArray) -> bool:
    """Whether what could be labels are rather the names of the images, as no two are alike."""
    n = array.shape[0]
    if array.dtype.kind not in "US" or not may_name_images(array.name) or n < _FEWEST_NAMES:
        return False
    return len(np.unique(array.rows(0, n))) == n


def _nearest(
    labels: StoredArray, named: Sequence[StoredArray], lists: Sequence[tuple[str, ...]]
) -> tuple[str, ...]:
    """The names listed beside these labels, or nearest above them; none if that is not clear."""
    split = meaning(labels.name).split
    above: dict[str, set[tuple[str, ...]]] = {}  # by the group or file they lie in
    for array, names in zip(named, lists, strict=True):
        group = array.name[: array.name.rfind("/") + 1]
        if f"{labels.name}/".startswith(group) and meaning(array.name).split in ("", split):
            above.setdefault(group, set()).add(names)
    nearest = above[max(above, key=len)] if above else ()
    return next(iter(nearest)) if len(nearest) == 1 else ()


def _names_of_columns(columns: Mapping[int, Column], extra: int) -> dict[int, tuple[str, ...]]:
    """What the arrays themselves say of the classes: enumerations, or how many they are.

    `extra` is the number of classes where only sets that check have another column.
    """
    if any(column.names for column in columns.values()):
        return {i: column.names for i, column in columns.items()}
    widths = [column.width for column in columns.values()]
    n_classes = extra if extra >= 0 else max(widths, default=0)
    return dict.fromkeys(columns, tuple(map(str, range(n_classes))) if all(widths) else ())


def _column_of_checking_sets(parts: Sequence[Part], columns: Mapping[int, Column]) -> int:
    """The last position of one-hot rows where only sets that check have one, else -1."""
    learnt = {column.width for i, column in columns.items() if parts[i].split in LEARNT_SPLITS}
    checking = {c.width for i, c in columns.items() if parts[i].split not in LEARNT_SPLITS}
    if len(learnt) != 1 or 0 in learnt | checking:
        return -1
    n_classes = learnt.pop()
    return n_classes if n_classes + 1 in checking and max(checking) == n_classes + 1 else -1
