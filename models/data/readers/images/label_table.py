"""Reads tables that lie beside images: CSV, TSV or Parquet, as columns of text."""

from __future__ import annotations

import codecs
import csv
import io
import math
import os
import re
from dataclasses import dataclass
from typing import Any

from models.data.cells import unguarded
from models.data.names import displayed
from models.data.readers.source import cannot_open
from models.errors import DatasetError, Undecided

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")
_MAX_BYTES = 200 << 20
_LONGEST_CELL = 1 << 20
_SEPARATOR = re.compile(r"\"?sep=([,;\t|])\"?\r?\n")  # a first line for Excel
_QUOTED = re.compile(r'"[^"]*"')
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Table:
    """Columns of equal length. Cells are text without space around it, "" where empty."""

    path: str  # relative to the folder that was opened
    header: tuple[str, ...]  # empty if the first row could be data as well
    columns: tuple[tuple[str, ...], ...]

    @property
    def shown(self) -> str:
        return displayed(self.path)

    @property
    def n_rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def title(self, column: int) -> str:
        return self.header[column] if self.header else f"column {column + 1}"

    def headless(self) -> Table:
        """The same table, its header taken for the first row of data."""
        columns = zip(self.header, self.columns, strict=True)
        return Table(self.path, (), tuple((name, *cells) for name, cells in columns))


def read_table(root: str, path: str, encoding: str) -> Table:
    """Read a whole table; the first row is its header.

    Raises
    ------
    Undecided
        If it is not UTF-8 text and no encoding was given.
    DatasetError
        If it cannot be read or is no table.
    """
    whole = os.path.join(root, path)
    try:
        fd = os.open(whole, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            if os.fstat(fd).st_size > _MAX_BYTES:
                raise DatasetError(
                    f"is larger than {_MAX_BYTES >> 20} MiB, too large for a table of labels",
                    displayed(whole),
                    "Keep only the columns of file names and labels in it.",
                )
            if path.lower().endswith(".parquet"):
                return _from_parquet(file.read(), path, displayed(whole))
            data = file.read()
    except OSError as error:
        raise cannot_open(whole, error) from error
    return _from_text(_decoded(data, encoding, displayed(whole)), path, displayed(whole))


def _decoded(data: bytes, encoding: str, where: str) -> str:
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "")
    try:
        return data.decode(marked or encoding or "utf-8").removeprefix("\ufeff")
    except LookupError as error:
        raise DatasetError(
            f"cannot be read, as there is no encoding called {encoding}",
            where,
            "Name another one with --encoding, for example cp1252 or shift_jis.",
        ) from error
    except UnicodeError as error:
        if encoding:
            raise DatasetError(
                f"is not text in the encoding {encoding}", where, "Name another --encoding."
            ) from error
        raise Undecided(
            "is not UTF-8 text",
            where,
            "Say which encoding it is in, for example --encoding cp1252, or save it as UTF-8.",
        ) from error


def _from_text(text: str, path: str, where: str) -> Table:
    said = _SEPARATOR.match(text)
    text = text[said.end() :] if said else text
    first = _QUOTED.sub("", text.partition("\n")[0])
    delimiter = "\t" if path.lower().endswith(".tsv") else max(",;\t|", key=first.count)
    delimiter = said[1] if said else delimiter
    csv.field_size_limit(_LONGEST_CELL)
    try:
        # Not str.splitlines, which also ends a line at the U+2028 or form feed of a copied text.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [row for row in reader if any(row)]
    except csv.Error as error:
        raise DatasetError(f"is no table ({error})", where, "Save it again as CSV.") from error
    if not rows:
        return Table(path, (), ())
    width = max(map(len, rows[:1000]))
    rows = [[*row, *[""] * (width - len(row))][:width] for row in rows]
    columns = tuple(zip(*([unguarded(cell.strip()) for cell in row] for row in rows), strict=True))
    return Table(path, tuple(column[0] for column in columns), tuple(c[1:] for c in columns))


def _from_parquet(data: bytes, path: str, where: str) -> Table:
    import pyarrow as pa  # late: most folders have no such table
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        plain = [field.name for field in file.schema_arrow if _is_plain(field.type, pa)]
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        if size > _MAX_BYTES:
            raise DatasetError("is too large for a table of labels", where)
        table = file.read(columns=plain)
        # By position: two columns may have one name, of which only one is plain.
        fields = [(i, f.name) for i, f in enumerate(table.schema) if _is_plain(f.type, pa)]
        read = [(name, table.column(i).to_pylist()) for i, name in fields]
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(
            f"is no Parquet table ({error})", where, "Save it again, or leave it out."
        ) from error
    kept = [(name, cells) for name, cells in read if all(map(_may_be_class, cells))]
    columns = tuple(tuple(map(_as_cell, cells)) for _, cells in kept)
    return Table(path, tuple(name for name, _ in kept), columns)


def _may_be_class(cell: Any) -> bool:
    """Anything but a fraction: whole numbers of which one is missing come as floats."""
    return not isinstance(cell, float) or math.isnan(cell) or cell.is_integer()


def _as_cell(cell: Any) -> str:
    absent = cell is None or (isinstance(cell, float) and math.isnan(cell))
    return "" if absent else str(cell).strip()


def _is_plain(kind: object, pa: object) -> bool:
    """Whether a column holds text, numbers or true/false."""
    types = pa.types  # type: ignore[attr-defined]
    if types.is_dictionary(kind):
        kind = kind.value_type  # type: ignore[attr-defined]
    return any(
        test(kind)
        for test in (
            *(types.is_string, types.is_large_string),
            *(types.is_integer, types.is_floating, types.is_boolean),
        )
    )
