"""Tables of pixels (CSV, TSV, text): a row an image, read into a scratch file."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.data.names import displayed
from models.data.readers.arrays import gzipped
from models.data.readers.arrays.csv_table import Table, lines_of, look
from models.data.readers.scratch import cache_folder, check_room, writing
from models.data.readers.source import Arrays, FlatArray, MemoryArray, OpenFile
from models.errors import DatasetError
from models.types import OpenRequest, Progress

_SUFFIXES = (".csv", ".tsv", ".txt")
_BLOCK_CHARACTERS = 4 << 20
_MAX_LABEL_BYTES = 200
_BRIGHTEST = 65_535
_WHOLE = re.compile(r"\+?[0-9]{1,18}")
_ENCODING = "Say which encoding it is in, for example --encoding cp1252."


def recognises(path: str) -> bool:
    name = path.lower().removesuffix(".gz")
    if not name.endswith(_SUFFIXES) or not os.path.isfile(path):
        return False
    file = OpenFile(path)
    try:
        table = look(file)
        return table is not None and (table.holds_pixels or table.holds_addresses)
    finally:
        file.close()


def arrays(path: str, kept: ExitStack, opening: ExitStack, request: OpenRequest) -> Arrays:
    file = OpenFile(path)
    opening.callback(file.close)
    table = look(file, request.encoding)
    if table is None:
        raise DatasetError("is not a table of numbers", file.shown, _ENCODING)
    if table.holds_addresses:
        raise DatasetError(
            "holds addresses, not images",
            file.shown,
            "Download them first, for example into one folder per class, and open that folder.",
        )
    reading = _Reading(file, table, table.pixel_columns(request.shape, file.shown), request)
    # Without a name the system deletes it whenever and however this process ends.
    scratch = tempfile.TemporaryFile(dir=cache_folder(), buffering=0)  # noqa: SIM115
    kept.callback(scratch.close)
    yield from reading.into(scratch)
    pixels = OpenFile(path, scratch.fileno())
    shape = (reading.n_rows, len(reading.pixels))
    yield FlatArray("images", shape, reading.dtype, pixels, 0)
    for column, cells in reading.others.items():
        yield MemoryArray(table.name_of(column), _values(cells))


class _Reading:
    """A table on its way into a file of pixels and lists of everything else."""

    def __init__(
        self, file: OpenFile, table: Table, pixels: Sequence[int], request: OpenRequest
    ) -> None:
        self.pixels, self.n_rows = pixels, 0
        self.dtype: np.dtype[Any] = np.dtype(np.uint8)
        rest = sorted(set(range(table.n_columns)) - set(pixels))
        self.others: dict[int, list[bytes]] = {column: [] for column in rest}
        self._file, self._table, self._encoding = file, table, request.encoding

    def into(self, scratch: IO[bytes]) -> Iterator[Progress]:
        """Read all of it. Raises DatasetError about the first line that is wrong."""
        try:
            yield from self._blocks(scratch)
        except _TooBright:  # for 8 bits: once more from the beginning, with 16
            self.dtype, self.n_rows = np.dtype(np.uint16), 0
            self.others = {column: [] for column in self.others}
            scratch.seek(0)
            scratch.truncate()
            yield from self._blocks(scratch)
        if not self.n_rows:
            raise DatasetError("holds no rows of pixels", self._file.shown)

    def _blocks(self, scratch: IO[bytes]) -> Iterator[Progress]:
        block: dict[int, str] = {}  # by number of the line
        size = 0
        try:
            for number, line in enumerate(lines_of(self._file, self._encoding), 1):
                if number <= self._table.n_header_lines or not line.strip():
                    continue
                block[number] = line
                size += len(line)
                if size >= _BLOCK_CHARACTERS:
                    self._take(block, scratch)
                    block, size = {}, 0
                    done = gzipped.position(self._file)
                    yield Progress(done, self._file.size, "reading the table")
        except UnicodeError as error:
            raise DatasetError(
                f"is not text in {self._encoding}", self._file.shown, _ENCODING, str(error)
            ) from error
        except gzipped.ERRORS as error:
            raise gzipped.damaged(self._file, error) from error
        if block:
            self._take(block, scratch)

    def _take(self, block: Mapping[int, str], scratch: IO[bytes]) -> None:
        try:
            pixels = self._parsed(block)
        except ValueError as error:
            for number, line in block.items():
                self._check(line, f"{self._file.shown}, line {number:,}")
            raise DatasetError(
                "cannot be read as a table of pixels", self._file.shown, details=str(error)
            ) from error
        if self.dtype == np.uint8 and pixels.max() > 255:
            raise _TooBright
        pixels = pixels.astype(self.dtype, copy=False)
        check_room(cache_folder(), pixels.nbytes, self._file.shown)
        with writing(cache_folder()):
            _write_all(scratch, pixels)
        self.n_rows += len(pixels)

    def _parsed(self, block: Mapping[int, str]) -> NDArray[np.uint16]:
        """The pixels of some lines; their other cells are put aside. Raises ValueError."""
        lines = list(block.values())
        between = self._table.n_columns - 1
        delimiter = self._table.delimiter
        if any(
            line.count(delimiter) != between and len(self._cells(line)) != between + 1
            for line in lines
        ):
            raise ValueError("a line is too long or too short")
        # numpy takes whole numbers alone and reads 100 MB/s; pyarrow is no faster at this, and
        # needs more than the memory allowed where rows have 100,000 cells.
        options: dict[str, Any] = {"delimiter": delimiter, "comments": None, "quotechar": '"'}
        if self.others:
            texts = np.loadtxt(lines, object, usecols=list(self.others), ndmin=2, **options)
            for cells, known in zip(texts.T, self.others.values(), strict=True):
                encoded = [cell.strip().encode() for cell in cells]
                if max(map(len, encoded)) > _MAX_LABEL_BYTES:
                    raise ValueError("a label is too long")
                known += encoded
        return np.loadtxt(lines, np.uint16, usecols=self.pixels, ndmin=2, **options)

    def _cells(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._table.delimiter))
        except csv.Error:  # a cell of more than 131,072 characters
            return []

    def _check(self, line: str, where: str) -> None:
        """Raise DatasetError about what is wrong with a line, if anything is."""
        if any("\ud800" <= character <= "\udfff" for character in line):
            raise DatasetError("is not UTF-8 text", where, _ENCODING)
        row = self._cells(line)
        if len(row) != self._table.n_columns:
            raise DatasetError(
                f"has {len(row):,} cells, not {self._table.n_columns:,} as the lines before",
                where,
                "Correct the line, or get the file again.",
            )
        for column in self.pixels:
            cell = row[column].strip()
            if not _WHOLE.fullmatch(cell) or int(cell) > _BRIGHTEST:
                raise DatasetError(
                    f"holds {f'“{displayed(cell[:40])}”' if cell else 'nothing'} as pixel "
                    f"{self._table.title_of(column)}",
                    where,
                    "Pixels in a table are whole numbers from 0 to 255, or to 65,535; save "
                    "others as an array, with numpy.save.",
                )
        if any(len(row[column].encode()) > _MAX_LABEL_BYTES for column in self.others):
            raise DatasetError(f"has a label of more than {_MAX_LABEL_BYTES} bytes", where)


def _write_all(file: IO[bytes], block: NDArray[Any]) -> None:
    left = np.ascontiguousarray(block).reshape(-1).view(np.uint8).data
    while left:
        left = left[file.write(left) :]


class _TooBright(Exception):
    """A pixel is valid, but needs more than 8 bits."""


def _values(cells: Sequence[bytes]) -> NDArray[Any]:
    """Cells as numbers, where all of them are (an empty one is NaN), else as text."""
    for dtype in (np.int64, np.float64):
        try:
            return np.array([cell or b"nan" for cell in cells]).astype(dtype)
        except (ValueError, OverflowError):
            continue
    return np.array(cells)
