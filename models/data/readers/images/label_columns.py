"""Guesses which columns of a table hold the label and the split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from shlex import quote

from models.data.readers.images.folder_layout import split_word
from models.data.readers.images.label_table import Table
from models.data.readers.meaning.array_names import words_of
from models.data.readers.meaning.split_column import is_title_of_splits
from models.errors import Undecided

_LABEL_TITLES = (  # the first that is there is taken
    *("corrected", "class name", "label name", "category name", "label", "labels", "class"),
    *("category", "target", "targets", "y", "given", "species", "breed", "diagnosis"),
    *("class id", "label id", "category id"),
)
_ID_TITLES = frozenset(("", "id", "index", "unnamed 0", "sample id"))
_ONE_HOT_CELLS = {"": 0, "0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1}
_MANY_ROWS = 50  # from here on a column without repetition holds no labels


def split_cells(table: Table, file_column: int, asked: str) -> int | None:
    """The column that tells the split: by its title, or as it holds nothing but split names.

    Never the one that a person asked for as the label.
    """
    for column, cells in enumerate(table.columns):
        if column == file_column or (asked and table.title(column) == asked):
            continue
        if table.header and is_title_of_splits(table.header[column]):
            return column
        values = set(cells) - {""}
        if values and len(values) <= _MANY_ROWS and all(map(split_word, values)):
            return column
    return None


def label_cells(
    table: Table, used: Collection[int | None], asked: str
) -> tuple[str, Sequence[str]] | None:
    """Title and cells of the label column; without a title if several columns make one (one-hot).

    None if there is no such column, or not the one that was asked for.

    Raises Undecided if several columns could be it.
    """
    columns = [column for column in range(len(table.columns)) if column not in used]
    titles = {column: table.title(column) for column in columns}
    if asked:
        named = [column for column in columns if titles[column] == asked]
        return (asked, table.columns[named[0]]) if named else None
    by_title = {_title(title): column for column, title in reversed(titles.items())}
    usual = [by_title[title] for title in _LABEL_TITLES if title in by_title]
    if table.header and usual:
        return titles[usual[0]], table.columns[usual[0]]
    columns = [column for column in columns if _may_be_label(table, column)]
    if len(columns) > 1 and table.header:
        labels = _from_one_hot(table, columns)
        if labels is not None:
            return "", labels
    if len(columns) > 1:
        raise Undecided(
            "has several columns that could be the label: "
            + ", ".join(f"“{titles[column]}”" for column in columns[:8]),
            table.shown,
            f"Say which with --labels, for example --labels {quote(titles[columns[0]])}.",
            arrays=[
                {"name": titles[column], "shape": [table.n_rows], "dtype": "text", "role": "labels"}
                for column in columns
            ],
        )
    return (titles[columns[0]], table.columns[columns[0]]) if columns else None


def _title(title: str) -> str:
    return " ".join(words_of(title))


def _may_be_label(table: Table, column: int) -> bool:
    if table.header and _title(table.header[column]) in _ID_TITLES:
        return False
    values = set(table.columns[column])
    return values != {""} and (table.n_rows < _MANY_ROWS or len(values) < table.n_rows)


def _from_one_hot(table: Table, columns: Sequence[int]) -> list[str] | None:
    """The title of the one column that says 1, for each row; None if they are not like that."""
    labels = [""] * table.n_rows
    for column in columns:
        for row, cell in enumerate(table.columns[column]):
            if cell not in _ONE_HOT_CELLS or (_ONE_HOT_CELLS[cell] and labels[row]):
                return None
            if _ONE_HOT_CELLS[cell]:
                labels[row] = table.header[column]
    return labels
