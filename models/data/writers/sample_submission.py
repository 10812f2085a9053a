"""Reads a competition's sample submission: which ids, in which order, labelled in which style."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO

from models.errors import DatasetError
from models.review.classes import ClassList

_DELIMITERS = ",;\t"
_LONGEST_CELL = 1 << 20


class Style(Enum):
    """What stands in the place of a label."""

    NAME = "class names"
    CODE = "class codes"
    SECOND = "the probability of the second class"
    PROBABILITIES = "a probability for each class"
    ONE_HOT = "a 1 in the column of the class"


@dataclass(frozen=True)
class Submission:
    """The sample, followed to the letter: `columns` are the class codes of its columns."""

    header: tuple[str, ...]
    delimiter: str
    ids: tuple[str, ...]
    style: Style
    columns: tuple[int, ...] = ()


def read_submission(path: Path, classes: ClassList) -> Submission:
    """Understand a sample submission. Rows are counted as a spreadsheet does.

    Raises
    ------
    DatasetError
        If it cannot be read, or asks for labels of which it cannot be told what they are.
    """
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:  # a name may hold any newline
            rows, delimiter = _rows(file)
    except OSError as error:
        raise DatasetError(
            f"cannot be read ({error.strerror})", str(path), "Check the path given with --sample."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"is not a CSV file in UTF-8 ({error})", str(path), "Save it again as CSV, UTF-8."
        ) from error
    if len(rows) < 2 or len(rows[0][1]) < 2:
        raise DatasetError(
            "is no sample submission: it needs a header and rows of an id and a label", str(path)
        )
    header = tuple(rows[0][1])
    first_row: dict[str, int] = {}
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise _refused(path, number, f"has {len(cells)} cells, the header {len(header)}")
        if cells[0] in first_row:
            raise _refused(
                path, number, f"repeats the id {cells[0]!r} of row {first_row[cells[0]]}"
            )
        first_row[cells[0]] = number
    ids = tuple(first_row)
    if len(header) == 2:
        class_names = classes.names
        style = _style_of_one(path, [(number, cells[1]) for number, cells in rows[1:]], class_names)
        return Submission(header, delimiter, ids, style)
    columns = _columns(path, header[1:], classes)
    style = _style_of_many([cells[1:] for _, cells in rows[1:]])
    return Submission(header, delimiter, ids, style, columns)


def _rows(file: TextIO) -> tuple[list[tuple[int, list[str]]], str]:
    """Rows that are not blank, with their numbers; the delimiter is the header's."""
    delimiter = max(_DELIMITERS, key=file.readline().count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    return [(number, cells) for number, cells in enumerate(reader, 1) if any(cells)], delimiter


def _style_of_one(path: Path, cells: list[tuple[int, str]], class_names: Sequence[str]) -> Style:
    known = {*class_names, ""}
    values = {value if value in known else value.strip() for _, value in cells}
    if values <= known:
        return Style.NAME
    if all(map(_is_code, values)):
        # Numbers as names: the sample's 0 is a placeholder for a name, not a position.
        if all(_is_code(name.removeprefix("-")) for name in class_names):
            return Style.NAME
        if all(int(value) < len(class_names) for value in values):
            return Style.CODE
    if len(class_names) == 2 and all(0 <= number <= 1 for number in _numbers(values)):
        return Style.SECOND
    number, value = next((n, v) for n, v in cells if not known & {v, v.strip()})
    raise _refused(
        path,
        number,
        f"has the label {value!r}, which is no class of this dataset "
        f"({', '.join(class_names[:5])}{', …' if len(class_names) > 5 else ''})",
    )


def _style_of_many(rows: list[list[str]]) -> Style:
    one_hot = all(sorted(set(_numbers(row))) == [0, 1] and sum(_numbers(row)) == 1 for row in rows)
    return Style.ONE_HOT if one_hot else Style.PROBABILITIES


def _columns(path: Path, header: Sequence[str], classes: ClassList) -> tuple[int, ...]:
    """The class of each column: by its name, or by a code that may follow a word, as in c0.

    Classes that were merged into others may have a column; each other one must.
    """
    class_names, needed = classes.names, set(classes.offered())
    shared = next(
        (i for i, letters in enumerate(zip(*header, strict=False)) if len(set(letters)) > 1), 0
    )
    by_name = {name: code for code, name in enumerate(class_names)}
    by_code = {str(code): code for code in range(len(class_names))}
    titles = [list(header), [title[shared:] for title in header]]
    for known in (by_name, by_code):
        for named in titles:
            codes = {title: known[title] for title in named if title in known}
            if len(codes) == len(named) and needed <= set(codes.values()):
                return tuple(codes.values())
    strange = [title for title in header if title not in by_name]
    missing = [class_names[code] for code in sorted(needed) if class_names[code] not in header]
    if strange:
        what = f"column {strange[0]!r} is no class"
    elif missing:
        what = f"the class {missing[0]!r} has no column"
    else:
        what = "a class has two columns"
    raise _refused(path, 1, f"{what}; a column for each class is needed, or one for the label")


def _is_code(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def _numbers(values: Sequence[str] | set[str]) -> Iterator[float]:
    for value in values:
        try:
            yield float(value)
        except ValueError:
            yield float("nan")


def _refused(path: Path, row: int, why: str) -> DatasetError:
    return DatasetError(
        f"row {row} {why}" if row > 1 else why,
        str(path),
        "Correct the sample, or export without it: the columns are then id and label.",
    )
