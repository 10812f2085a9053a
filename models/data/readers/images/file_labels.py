"""Joins tables of labels to the image files they speak of, by path, file name or stem."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.images.file_index import SEVERAL, FileIndex
from models.data.readers.images.folder_layout import split_word
from models.data.readers.images.label_columns import label_cells, split_cells
from models.data.readers.images.label_table import Table, read_table
from models.data.readers.meaning.array_names import (
    IDS,
    IMAGES,
    LABELS,
    SPLIT_WORDS,
    TEST,
    TRAIN,
    VAL,
    meaning,
    words_of,
)
from models.data.readers.meaning.labels import Labels, to_codes
from models.errors import DatasetError, Undecided
from models.types import UNLABELLED, OpenRequest

_SAMPLE_ROWS = 1_000  # that decide which column names the files
_MOSTLY = 0.9  # of the cells of a column that names the files, whatever it is called
_MAX_TABLES = 20
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})(\.0)?")


@dataclass(frozen=True)
class FileLabels:
    """What tables say of each image file, in the order of the files."""

    labels: list[str | None]  # None where there is no row
    splits: list[str]  # "" where nothing is said
    said: str  # "from column “label” of labels.csv"
    column: str
    warnings: tuple[str, ...]

    def coded(self, class_names: Sequence[str], where: str) -> Labels:
        """Class codes; `class_names`, if there are any, give their order."""
        rows = [i for i, label in enumerate(self.labels) if label is not None]
        told = to_codes(
            as_column([self.labels[i] or "" for i in rows]), class_names, self.column, where
        )
        codes = np.full(len(self.labels), UNLABELLED, np.int32)
        codes[rows] = told.codes
        return replace(told, codes=codes)


@dataclass
class _Joined:
    """A table and the file of each of its rows."""

    table: Table
    column: int
    files: list[int | None]
    label_title: str
    labels: Sequence[str]
    splits: Sequence[str]
    split: str  # that the name of the table tells


def file_labels(
    root: str,
    tables: Sequence[str],
    files: Sequence[str],
    splits: Sequence[str],
    request: OpenRequest,
) -> tuple[FileLabels | None, list[str]]:
    """Read the labels of image files from the tables beside them, None if no table fits.

    The second thing returned says which tables do not fit.

    Parameters
    ----------
    tables, files : sequences of str
        Paths relative to `root`.
    splits : sequence of str
        Of each file, as folders tell; "" where they do not.
    request : OpenRequest
        `labels` names a column or a table, `encoding` that of text that is not UTF-8.

    Raises
    ------
    Undecided
        If several columns or tables could hold the labels, or a table's encoding is unknown.
    DatasetError
        If a table cannot be read, or none has what the request names.
    """
    wanted, column = _asked_for(tables, request)
    joined, left_out = [], []
    for path in wanted:
        table = read_table(root, path, request.encoding)
        one = _join(table, files, splits, column)
        if one is None:
            left_out.append(f"{table.shown} names none of the images, or no label; it is not used.")
        else:
            joined.append(one)
    if not joined:
        if request.labels:
            raise DatasetError(
                f"holds no table with labels called “{request.labels}” for its images",
                displayed(root),
                "Name a column, or the table, as it is written there.",
            )
        return None, left_out
    _check_apart(joined, root)
    return _combined(joined, files), left_out


def as_column(labels: Sequence[str]) -> NDArray[np.float64] | NDArray[np.str_]:
    """Numbers where all labels are integers, NaN where there is none; else text."""
    if all(_INTEGER.fullmatch(label) for label in labels if label):
        return np.array([float(label or "nan") for label in labels])
    return np.array(labels, np.str_)


def _asked_for(tables: Sequence[str], request: OpenRequest) -> tuple[list[str], str]:
    """The tables to look into and the column that was asked for, if any was."""
    named = [path for path in tables if request.labels in (path, os.path.basename(path))]
    if request.labels and named:
        return named, ""
    forms = [path for path in tables if "submission" in words_of(os.path.basename(path))]
    usual = [path for path in tables if path not in forms]
    if len(usual) > _MAX_TABLES:  # a table an image, say: what is in the root speaks of all
        usual = [path for path in usual if not os.path.dirname(path)][:_MAX_TABLES]
    return usual, request.labels


def _join(table: Table, files: Sequence[str], splits: Sequence[str], asked: str) -> _Joined | None:
    folder = os.path.dirname(table.path)
    split = _split_of_name(os.path.splitext(os.path.basename(table.path))[0])
    below = os.path.join(folder, "") if folder else ""
    scope = [
        i
        for i, file in enumerate(files)
        if file.startswith(below) and (split not in splits or splits[i] == split)
    ]
    index = FileIndex(files, scope, below)
    found = _file_column(table, index)
    if found is None:
        return None
    column, kind = found
    if table.header and index.find(table.header[column], kind) is not None:
        table = table.headless()
    split_column = split_cells(table, column, asked)
    chosen = label_cells(table, {column, split_column}, asked)
    if chosen is None and not asked and split_column is not None:
        # The phase of a cell, or the set a stamp is of, is only called like a split.
        tells_splits = any(map(split_word, set(table.columns[split_column])))
        split_column = split_column if tells_splits else None
        chosen = label_cells(table, {column, split_column}, asked)
    if chosen is None:
        return None
    title, labels = chosen
    return _Joined(
        table,
        column,
        [index.find(cell, kind) for cell in table.columns[column]],
        title,
        labels,
        table.columns[split_column] if split_column is not None else (),
        split,
    )


def _file_column(table: Table, index: FileIndex) -> tuple[int, str] | None:
    """The column whose cells name most files, and how they do: by path rather than by stem.

    Of columns that all name half of them, one that counts the rows is hardly the one: numbers
    that were shuffled or picked still name files, but other ones. Ages and sizes do so by chance,
    and come back.
    """
    step = max(1, table.n_rows // _SAMPLE_ROWS)
    enough = max(1, min(-(-table.n_rows // step), index.n))
    for kind in index.KINDS:
        ranks = []
        for column, cells in enumerate(table.columns):
            sample = [cell for cell in (*table.header[column : column + 1], *cells[::step]) if cell]
            count = len({index.find(cell, kind) for cell in sample} - {None, SEVERAL})
            if 2 * count >= enough:
                unlikely = _unlikely(table.header[column], len(set(sample)) / len(sample))
                ranks.append((unlikely, -count, column))
        if ranks:
            return min(ranks)[-1], kind
    return None


def _unlikely(title: str, differing: float) -> int:
    """How little a column promises to name the files by its title and share of other values."""
    words, role = words_of(title), meaning(title).role
    if not words or words[0] in ("index", "unnamed"):  # as pandas counts the rows
        return 2
    comes_back = differing < _MOSTLY
    if role in (IDS, IMAGES):
        return int(comes_back)  # the id of a class does, and an image may have several rows
    return 3 if role == LABELS or comes_back else 1


def _check_apart(joined: Sequence[_Joined], root: str) -> None:
    """Several tables are fine if each speaks of another split or folder."""
    kinds = {(os.path.dirname(one.table.path), one.split) for one in joined}
    if len(joined) > 1 and (len(kinds) < len(joined) or ("", "") in kinds):
        raise Undecided(
            "holds several tables with labels: "
            + wording.some_of([one.table.shown for one in joined]),
            displayed(root),
            "Say which with --labels, for example --labels "
            f"{quote(os.path.basename(joined[0].table.shown))}.",
            arrays=[_candidate(one.table.path, one.table.n_rows) for one in joined],
        )


def _candidate(name: str, n: int) -> dict[str, object]:
    return {"name": displayed(name), "shape": [n], "dtype": "text", "role": "labels"}


def _combined(joined: Sequence[_Joined], files: Sequence[str]) -> FileLabels:
    labels: list[str | None] = [None] * len(files)
    splits = [""] * len(files)
    warnings: list[str] = []
    for one in joined:
        warnings += _fill(one, files, labels, splits)
    without = [i for i, label in enumerate(labels) if label is None]
    tables = " and ".join(one.table.shown for one in joined)
    if without:
        example = displayed(files[without[0]])
        warnings.append(
            f"{_have(len(without), 'image')} no row in {tables} and "
            f"{'counts' if len(without) == 1 else 'count'} as unlabelled (for example {example})."
        )
    title = joined[0].label_title
    said = f"from column “{title}” of {tables}" if title else f"from the columns of {tables}"
    return FileLabels(labels, splits, said, title, tuple(warnings))


def _fill(
    one: _Joined, files: Sequence[str], labels: list[str | None], splits: list[str]
) -> Iterator[str]:
    """Hand the labels of a table to their files, and say which rows were of no use."""
    unknown, several, twice, differing = [], [], set(), []
    for row, place in enumerate(one.files):
        if place is None:
            unknown.append(one.table.columns[one.column][row])
        elif place == SEVERAL:
            several.append(one.table.columns[one.column][row])
        elif labels[place] is not None:
            twice.add(place)
            if labels[place] != one.labels[row]:
                differing.append(place)
        else:
            labels[place] = one.labels[row]
            splits[place] = _split_name(one.splits[row]) if one.splits else one.split
    shown = one.table.shown
    if unknown:
        yield (
            f"{_rows(len(unknown), shown, 'name')} no image that is there "
            f"(for example “{displayed(unknown[0])}”)."
        )
    if several:
        yield (
            f"{_rows(len(several), shown, 'fit')} several images "
            f"(for example “{displayed(several[0])}”); left out, use paths in it."
        )
    if twice:
        yield (
            f"{_have(len(twice), 'image')} several rows in {shown}"
            + (f", {len(set(differing)):,} of them with different labels" if differing else "")
            + f"; the first one counts (for example {displayed(files[min(differing or twice)])})."
        )


def _have(n: int, noun: str) -> str:
    return f"1 {noun} has" if n == 1 else f"{n:,} {noun}s have"


def _rows(n: int, table: str, verb: str) -> str:
    return f"1 row of {table} {verb}s" if n == 1 else f"{n:,} rows of {table} {verb}"


def _split_of_name(stem: str) -> str:
    """The split the name of a table speaks of: "trainLabels", "val"."""
    splits = (SPLIT_WORDS.get(word, "") for word in words_of(stem))
    return next((split for split in splits if split in (TRAIN, VAL, TEST)), "")


def _split_name(cell: str) -> str:
    return split_word(cell) or displayed(cell)
