"""Understands label arrays: integers, text, one-hot, true/false, whole floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.source import StoredArray
from models.errors import DatasetError
from models.types import UNLABELLED, LabelVector

MAX_CLASSES = 100_000
_DENSE_BELOW = 1_000  # integer labels under this are codes even if some classes are empty
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True)
class Labels:
    """Labels as class codes, the classes, and what was remarkable about them."""

    codes: LabelVector
    class_names: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def label_column(array: StoredArray, where: str) -> NDArray[Any]:
    """Read a label array of any accepted shape as one value a sample.

    Returns
    -------
    (n,) integers, floats, bool, str or bytes; one-hot rows become their position, -1 if all 0.

    Raises
    ------
    DatasetError
        If rows hold several labels each, or probabilities.
    """
    if not array.shape[0]:
        return np.empty(0, np.int64)
    step = max(1, _BLOCK_BYTES // max(1, array.row_bytes))
    starts = range(0, array.shape[0], step)
    blocks = [array.rows(i, min(i + step, array.shape[0])) for i in starts]
    return np.concatenate([_one_a_sample(block, array.name, where) for block in blocks])


def to_codes(column: NDArray[Any], names: Sequence[str], what: str, where: str) -> Labels:
    """Turn one value a sample into class codes.

    Parameters
    ----------
    column : (n,) integers, bool, floats without fractions, str or bytes
    names : sequence of str
        Class names the source states, position = code; empty if it states none.
    what, where : str
        The array and the file, for messages.

    Raises
    ------
    DatasetError
        If the values are not labels.
    """
    if column.dtype.kind in "USO":
        return _from_text(column, names, what, where)
    if column.dtype.kind in "biuf":
        return _from_numbers(column, names, what, where)
    raise DatasetError(f"array “{what}” holds {column.dtype}, not labels", where)


def _one_a_sample(block: NDArray[Any], what: str, where: str) -> NDArray[Any]:
    if block.ndim == 1:
        return block
    flat = block.reshape(len(block), -1)
    if flat.shape[1] == 1:
        return flat[:, 0]
    if flat.dtype.kind not in "biuf" or not ((flat == 0) | (flat == 1)).all():
        raise DatasetError(
            f"array “{what}” has {flat.shape[1]} values a sample that are not one-hot",
            where,
            "Labels are one class a sample: integers, text, or one-hot rows of 0 and 1.",
        )
    ones = flat.astype(bool).sum(axis=1)
    if (ones > 1).any():
        raise DatasetError(
            f"array “{what}” gives some samples several classes "
            f"(the first is sample {int(np.argmax(ones > 1))} of its block)",
            where,
            "Winnow reviews datasets with one class an image.",
        )
    return np.where(ones == 1, flat.argmax(axis=1), UNLABELLED).astype(np.int64)


def _from_text(column: NDArray[Any], names: Sequence[str], what: str, where: str) -> Labels:
    values, inverse = np.unique(column, return_inverse=True)
    texts = [
        v.decode("utf-8", "backslashreplace") if isinstance(v, bytes) else str(v) for v in values
    ]
    classes = tuple(names) if names else tuple(sorted({text for text in texts if text}))
    _check_count(len(classes), len(column), what, where)
    code_of = {name: code for code, name in enumerate(classes)}
    codes = np.array([code_of.get(text, UNLABELLED) for text in texts], np.int32)[inverse]
    unknown = [text for text in texts if text and text not in code_of]
    warnings = []
    if unknown:
        n_unknown = int(np.isin(inverse, [texts.index(text) for text in unknown]).sum())
        warnings.append(
            f"{n_unknown:,} labels name none of the {len(classes)} classes "
            f"(for example “{unknown[0]}”); those samples count as unlabelled."
        )
    return Labels(codes.astype(np.int32), classes, tuple(warnings))


def _from_numbers(column: NDArray[Any], names: Sequence[str], what: str, where: str) -> Labels:
    warnings = []
    if column.dtype.kind == "f":
        missing = np.isnan(column)
        if missing.any():
            warnings.append(f"{int(missing.sum()):,} labels are NaN and count as unlabelled.")
        whole = np.where(missing, UNLABELLED, column)
        if not np.isfinite(whole).all() or (whole != np.floor(whole)).any():
            raise DatasetError(
                f"array “{what}” holds numbers with fractions, which are no class labels",
                where,
                "Name the label array with --labels KEY.",
            )
        column = whole.clip(-(2**53), 2**53)
    if column.dtype == np.uint64:
        column = column.clip(0, 2**53)
    values = column.astype(np.int64)
    if names:
        return _checked(values, tuple(names), warnings)
    known = values[values >= 0]
    highest = int(known.max(initial=-1))
    if highest < _DENSE_BELOW or highest < 2 * (distinct := len(np.unique(known))):
        _check_count(highest + 1, len(values), what, where)
        return _checked(values, tuple(map(str, range(highest + 1))), warnings)
    _check_count(distinct, len(values), what, where)
    found = np.unique(known)
    codes = np.where(values >= 0, np.searchsorted(found, values), values)
    return _checked(codes, tuple(str(value) for value in found), warnings)


def _checked(values: NDArray[np.int64], names: tuple[str, ...], warnings: list[str]) -> Labels:
    """Codes within the classes; others are reported and count as unlabelled, never clipped."""
    outside = (values < UNLABELLED) | (values >= len(names))
    if outside.any():
        first = int(np.argmax(outside))
        warnings.append(
            f"{int(outside.sum()):,} labels lie outside the {len(names)} classes (the first is "
            f"{int(values[first])} at sample {first}); those samples count as unlabelled."
        )
    codes = np.where(outside, UNLABELLED, values).astype(np.int32)
    return Labels(codes, names, tuple(warnings))


def _check_count(n_classes: int, n: int, what: str, where: str) -> None:
    if n_classes > MAX_CLASSES or (n_classes == n and n > _DENSE_BELOW):
        raise DatasetError(
            f"array “{what}” has {n_classes:,} different values for {n:,} images, "
            "too many to be classes",
            where,
            "Name the label array with --labels KEY.",
        )
