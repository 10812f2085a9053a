"""Turns the values of label arrays into class codes: integers, text, true/false, whole floats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.names import told_apart
from models.errors import DatasetError
from models.types import UNLABELLED, LabelVector

MAX_CLASSES = 100_000
NOT_OF_DATASET = "not of this dataset"
MANY = 1_000  # so many images that all differ in their label have none
FEW_GAPS = 10  # integers up to twice their number and this are codes, some of empty classes
# What tables and converters write where nobody gave a label.
# "none" is not among them: it can be a class ("no defect"); the data page asks about it.
_NO_TEXT = frozenset(("", "nan", "null", "n/a", "?"))
_NO_NUMBER = (99, 127, 255, 999, 9_999, 32_767, 65_535, 99_999, 2**31 - 1, 2**32 - 1, 2**53)
_NEGATIVE_NO_NUMBER = (-1, -9, -99, -128, -999, -9_999, -32_768, -(2**31), -(2**53))
_FAR = 2  # times the highest of the other labels


@dataclass(frozen=True)
class Labels:
    """Labels as class codes, the classes, and what was remarkable about them."""

    codes: LabelVector
    class_names: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    extra: int = -1  # the class that only sets that check have

    @property
    def not_of_dataset(self) -> int:
        """The class of images that belong to none, -1 if there is none: known by its name too."""
        if self.extra < 0 and NOT_OF_DATASET in self.class_names:
            return self.class_names.index(NOT_OF_DATASET)
        return self.extra


def to_codes(column: NDArray[Any], names: Sequence[str], what: str, where: str) -> Labels:
    """Turn one value a sample into class codes.

    Values that are no class, and those that probably stand for a missing label (-1, 255, 999,
    "", "nan", ...), are unlabelled and told in a warning; nothing is clipped.

    Parameters
    ----------
    column : (n,) integers, bool, floats without fractions, str or bytes
    names : sequence of str
        Class names the source states, position = code; empty if it states none. Of those that
        are equal the later ones are numbered, for a class is known by its name.
    what, where : str
        The array and the file, for messages.

    Raises
    ------
    DatasetError
        If the values are not labels.
    """
    classes = told_apart(names)
    if column.dtype.kind in "USO":
        labels = _from_text(column, classes, what, where)
    elif column.dtype.kind in "biuf":
        labels = _from_numbers(column, classes, what, where)
    else:
        raise DatasetError(f"array “{what}” holds {column.dtype}, not labels", where)
    return replace(labels, warnings=(*_repeated(names, classes), *labels.warnings))


def missing(count: int, value: str) -> str:
    """The sentence for labels that are there only in form."""
    are, those = ("is", "that sample counts") if count == 1 else ("are", "those samples count")
    return (
        f"{count:,} label{'s' * (count > 1)} {are} {value}, which probably means missing; "
        f"{those} as unlabelled."
    )


def _repeated(names: Sequence[str], apart: Sequence[str]) -> Iterator[str]:
    """What to say of names that had to be told apart."""
    changed = [pair for pair in zip(names, apart, strict=True) if pair[0] != pair[1]]
    if changed:
        name, shown = changed[0]
        yield (
            f"Some of the {len(names):,} class names are there more than once, so the later ones "
            f"were numbered (for example “{name}”, of which the next is called “{shown}”)."
        )


def _from_text(column: NDArray[Any], names: Sequence[str], what: str, where: str) -> Labels:
    values, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    texts = [as_text(value) for value in values]
    absent = [text.strip().casefold() in _NO_TEXT and text not in names for text in texts]
    known = {text for text, gone in zip(texts, absent, strict=True) if not gone}
    unlike = bool(names) and bool(known) and known.isdisjoint(names)
    classes = tuple(names) if names and not unlike else tuple(sorted(known))
    _check_count(len(classes), len(column), what, where)
    code_of = {name: code for code, name in enumerate(classes)}
    codes = np.array([code_of.get(text, UNLABELLED) for text in texts], np.int32)[inverse]
    warnings = [
        missing(int(count), f"“{text}”" if text else "empty")
        for text, gone, count in zip(texts, absent, counts, strict=True)
        if gone
    ]
    if unlike:
        warnings.append(
            f"No label is one of the {len(names):,} class names that are listed (for example "
            f"“{names[0]}”), so the list was not used."
        )
    unknown = [i for i, text in enumerate(texts) if not absent[i] and text not in code_of]
    if unknown:
        warnings.append(
            f"{int(counts[unknown].sum()):,} labels name none of the {len(classes)} classes "
            f"(for example “{texts[unknown[0]]}”); those samples count as unlabelled."
        )
    return Labels(codes.astype(np.int32), classes, tuple(warnings))


def as_text(value: Any) -> str:
    """A value of a text array; undecodable bytes are escaped."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _from_numbers(column: NDArray[Any], names: Sequence[str], what: str, where: str) -> Labels:
    values, is_nan = _whole(column, what, where)
    n_nan = int(is_nan.sum())
    warnings = [missing(n_nan, "empty or NaN")] if n_nan else []
    found, counts = np.unique(values[~is_nan], return_counts=True)
    if not names and np.array_equal(found, [-1, 1]):
        return _of_signs(values, is_nan, what, warnings)
    absent = _absent(found, len(names))
    warnings += [
        missing(int(count), str(value))
        for value, count in zip(found, counts, strict=True)
        if value in absent
    ]
    values = np.where(is_nan | np.isin(values, absent), UNLABELLED, values)
    found = found[~np.isin(found, absent)]
    known = found[found >= 0]
    if names:
        # As many as there are names is no code that counts from 0.
        if len(names) > 1 and len(found) and (found[0], found[-1]) == (1, len(names)):
            values = np.where(values > 0, values - 1, UNLABELLED)
            warnings.append(
                f"The labels in “{what}” go from 1 to {len(names)}, so 1 was taken for the first "
                f"of the {len(names)} class names, “{names[0]}”."
            )
        return _checked(values, tuple(names), warnings)
    highest = int(known.max(initial=-1))
    if highest < 2 * len(known) + FEW_GAPS:
        _check_count(highest + 1, len(values), what, where)
        return _checked(values, tuple(map(str, range(highest + 1))), warnings)
    _check_count(len(known), len(values), what, where)
    codes = np.where(values >= 0, np.searchsorted(known, values), values)
    return _checked(codes, tuple(str(value) for value in known), warnings)


def _of_signs(
    values: NDArray[np.int64], is_nan: NDArray[np.bool_], what: str, warnings: Sequence[str]
) -> Labels:
    """The two classes of labels that are -1 and 1 and nothing else."""
    codes = np.where(is_nan, UNLABELLED, values > 0).astype(np.int32)
    said = f"The labels in “{what}” are -1 and 1 alone, so -1 was taken for a class."
    return Labels(codes, ("-1", "1"), (*warnings, said))


def _whole(
    column: NDArray[Any], what: str, where: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The numbers as integers, and which of them are NaN."""
    is_nan = np.isnan(column) if column.dtype.kind == "f" else np.zeros(len(column), bool)
    if column.dtype.kind == "f":
        whole = np.where(is_nan, UNLABELLED, column)
        if not np.isfinite(whole).all() or (whole != np.floor(whole)).any():
            raise DatasetError(
                f"array “{what}” holds numbers with fractions, which are no class labels",
                where,
                "Name the label array with --labels KEY.",
            )
        column = whole.clip(-(2**53), 2**53)
    if column.dtype == np.uint64:
        column = column.clip(0, 2**53)
    return column.astype(np.int64), is_nan


def _absent(found: NDArray[np.int64], n_names: int) -> list[int]:
    """Which of the values found probably stand for a missing label."""
    usual = [value for value in (*_NO_NUMBER, *_NEGATIVE_NO_NUMBER) if value in found]
    others = found[(found >= 0) & ~np.isin(found, usual)]
    highest = max(int(others.max(initial=-1)), n_names - 1)
    # Beside 0 alone 255 means "yes", and among labels as high 99 is a class like any other.
    is_dense = n_names > 0 or (len(others) > 1 and highest < _FAR * len(others))
    return [
        value for value in usual if value < 0 or (is_dense and value > _FAR * (highest + 1) + 20)
    ]


def _checked(values: NDArray[np.int64], names: tuple[str, ...], warnings: list[str]) -> Labels:
    """Codes within the classes; others are reported and count as unlabelled, never clipped."""
    outside = (values < UNLABELLED) | (values >= len(names))
    if outside.any():
        warnings.append(
            f"{int(outside.sum()):,} labels lie outside the {len(names)} classes (for example "
            f"{int(values[np.argmax(outside)])}); those samples count as unlabelled."
        )
    codes = np.where(outside, UNLABELLED, values).astype(np.int32)
    return Labels(codes, names, tuple(warnings))


def _check_count(n_classes: int, n: int, what: str, where: str) -> None:
    if n_classes > MAX_CLASSES or (n_classes == n and n > MANY):
        raise DatasetError(
            f"array “{what}” has {n_classes:,} different values for {n:,} images, "
            "too many to be classes",
            where,
            "Name the label array with --labels KEY.",
        )
