"""Reads the labels of all splits of a dataset of arrays, in one list of classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.meaning.array_names import LEARNT_SPLITS
from models.data.readers.meaning.detect import Part
from models.data.readers.meaning.labels import NOT_OF_DATASET, Labels, as_text, to_codes
from models.data.readers.source import StoredArray
from models.errors import DatasetError
from models.types import UNLABELLED

_BLOCK_BYTES = 64 << 20


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

    `named` are the arrays that list the class names, the same names in each of them.

    Raises
    ------
    DatasetError
        If an array holds no labels, or several a sample.
    """
    names, warnings = _class_names(named)
    has_label = np.zeros(sum(part.images.shape[0] for part in parts), bool)
    codes = np.full(len(has_label), UNLABELLED, np.int32)
    columns: dict[int, Column] = {}
    start = 0
    for i, part in enumerate(parts):
        if part.labels:
            columns[i] = column = label_column(part.labels, where)
            has_label[start : start + len(column.values)] = ~column.is_empty
        start += part.images.shape[0]
    if not columns:
        return Labels(codes, names, warnings)
    if len({column.is_text for column in columns.values()}) > 1:
        raise DatasetError("has text labels in one split and numbers in another", where)
    title = next(part.labels.name for part in parts if part.labels)
    extra = _column_of_checking_sets(parts, columns)
    names = names or _names_of_columns(list(columns.values()), extra)
    if len(names) == extra:
        names = (*names, NOT_OF_DATASET)
    if extra >= 0:
        warnings += (
            f"Column {extra + 1} of the labels is there only in sets that are not trained on, so "
            f"it was taken for images that belong to none of the {extra} classes.",
        )
    values = [column.values[~column.is_empty] for column in columns.values()]
    understood = to_codes(np.concatenate(values), names, title, where)
    codes[has_label] = understood.codes
    n_empty = sum(int(column.is_empty.sum()) for column in columns.values())
    if n_empty:
        warnings += (
            f"{n_empty:,} rows of “{title}” are 0 in every column; those samples count as "
            "unlabelled.",
        )
    return Labels(codes, understood.class_names, (*warnings, *understood.warnings), extra)


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
    by_value = {int(value): name for name, value in enumeration.items()}
    names = tuple(by_value[value] for value in sorted(by_value))
    if sorted(by_value) == list(range(len(names))):
        return Column(values, 0, names)
    found, inverse = np.unique(values, return_inverse=True)
    texts = np.array([by_value.get(int(value), str(value)) for value in found])
    return Column(texts[inverse], 0, names)


def _class_names(named: Sequence[StoredArray]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that the arrays list, and a warning if they list different ones."""
    lists = {tuple(as_text(name) for name in array.rows(0, array.shape[0])) for array in named}
    if len(lists) < 2:
        return (lists.pop() if lists else ()), ()
    quoted = " and ".join(f"“{array.name}”" for array in named[:4])
    return (), (f"Arrays {quoted} list different class names; none of them was taken.",)


def _names_of_columns(columns: Sequence[Column], extra: int) -> tuple[str, ...]:
    """What the arrays themselves say of the classes: an enumeration, or how many they are.

    `extra` is the number of classes where only sets that check have another column.
    """
    listed = {column.names for column in columns}
    if len(listed) == 1 and (names := listed.pop()):
        return names
    widths = [column.width for column in columns]
    n_classes = extra if extra >= 0 else max(widths)
    return tuple(map(str, range(n_classes))) if all(widths) else ()


def _column_of_checking_sets(parts: Sequence[Part], columns: Mapping[int, Column]) -> int:
    """The last position of one-hot rows where only sets that check have one, else -1."""
    learnt = {column.width for i, column in columns.items() if parts[i].split in LEARNT_SPLITS}
    checking = {c.width for i, c in columns.items() if parts[i].split not in LEARNT_SPLITS}
    if len(learnt) != 1 or 0 in learnt | checking:
        return -1
    n_classes = learnt.pop()
    return n_classes if n_classes + 1 in checking and max(checking) == n_classes + 1 else -1
