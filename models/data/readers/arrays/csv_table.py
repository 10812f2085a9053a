"""What a table in a text file seems to hold, from its first rows: pixels, addresses, or neither."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from models.data.names import displayed
from models.data.readers.arrays import gzipped
from models.data.readers.source import OpenFile
from models.errors import DatasetError

_LONGEST_CELL = 1 << 17  # characters
_SAMPLE_BYTES = 4 << 20
_SAMPLE_ROWS = 200
_FEWEST_PIXELS = 16
_BYTE = 255  # the brightest pixel of most images
_FEW_GAPS = 10  # numbers up to twice as many as they are and this may count classes
_MAX_COLUMNS = 300_000
_MAX_LINE = 16 << 20  # characters
_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
_NUMBERED = re.compile(r"\D*\d+(\D\d+)*")  # pixel12, 1x1, x_0_3, 17
_ADDRESS = re.compile(r"\s*(https?|ftp|s3|gs)://\S", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """The first rows of a table. `header` is empty if its first row is data."""

    delimiter: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]] = field(repr=False)  # of data, at most 200
    n_header_lines: int  # lines before the data

    @property
    def n_columns(self) -> int:
        return len(self.header or self.rows[0])

    @property
    def holds_pixels(self) -> bool:
        """Whether nearly everything in it is a number, or its header numbers the pixels."""
        if self.n_columns < _FEWEST_PIXELS:
            return False
        if len(self._numbered()) >= max(_FEWEST_PIXELS, 0.9 * self.n_columns):
            return True
        numbers = sum(_is_number(cell) for cell in self.rows[0])
        return numbers >= max(_FEWEST_PIXELS, 0.9 * self.n_columns)

    @property
    def holds_addresses(self) -> bool:
        """Whether one of its columns holds an address of the web in every row."""
        columns = zip(*self.rows, strict=False)
        return any(all(_ADDRESS.match(cell) for cell in column) for column in columns)

    def pixel_columns(self, shape: Sequence[int], where: str) -> list[int]:
        """Which columns are pixels; the others say something about the image.

        Raises DatasetError if that cannot be told.
        """
        if self.n_columns > _MAX_COLUMNS:
            raise DatasetError(
                f"has {self.n_columns:,} columns",
                where,
                f"Winnow reads tables of up to {_MAX_COLUMNS:,} columns.",
            )
        columns = list(range(self.n_columns))
        numbered = self._numbered()
        if self.header and 0 < len(numbered) < self.n_columns:
            return numbered
        if _makes_images(self.n_columns, shape):
            return columns
        if _makes_images(self.n_columns - 1, shape):
            return columns[1:] if self._label_comes_first() else columns[:-1]
        sides = "x".join(map(str, shape)) or "square"
        raise DatasetError(
            f"has {self.n_columns:,} columns, which are no pixels of {sides} images, "
            "with or without a label beside them",
            where,
            "Say the size of its images, for example --shape 28x20.",
        )

    def name_of(self, column: int) -> str:
        """What to call a column that holds no pixels."""
        if not self.header or len(self._numbered()) == self.n_columns:
            return "labels"
        return self.header[column].strip() or "index"

    def title_of(self, column: int) -> str:
        """What a person would call a column."""
        return f"“{displayed(self.header[column][:40])}”" if self.header else f"{column + 1:,}"

    def _numbered(self) -> list[int]:
        return [i for i, name in enumerate(self.header) if _NUMBERED.fullmatch(name.strip())]

    def _label_comes_first(self) -> bool:
        """As the MNIST competition ships it, unless the first column cannot be a label.

        In most datasets of one object an image its corner, the first pixel, is always 0.
        """
        rows = [row for row in self.rows if len(row) == self.n_columns]
        first, last = {row[0] for row in rows}, {row[-1] for row in rows}
        if all(map(_is_number, first)) != all(map(_is_number, last)):
            return all(map(_is_number, last))
        is_photo = 4 * len(first) > len(rows) and not _are_codes(first)
        if is_photo and len(last) > 1 and _are_codes(last):
            pixels = (float(cell) for row in rows for cell in row[1:-1] if _is_number(cell))
            return max(map(float, first)) > _BYTE >= max(pixels, default=0.0)  # so it is no pixel
        return not (first == {"0"} and len(last) > 1 and len(last) <= max(2, len(rows) // 4))


def look(file: OpenFile, encoding: str = "") -> Table | None:
    """The table at the beginning of a file, None if there is none."""
    try:
        lines, n_lines = _first_lines(file, encoding)
    except (UnicodeError, LookupError) as error:
        raise DatasetError(
            f"cannot be read as {encoding}", file.shown, "Name another --encoding.", str(error)
        ) from error
    if not lines:
        return None
    delimiter = max(",;\t ", key=lines[-1].count)
    rows: list[list[str]] = []
    csv.field_size_limit(_LONGEST_CELL)  # one for the whole process, so whoever reads sets it
    with suppress(csv.Error):  # a cell too long for any table; those before may be fine
        rows.extend(csv.reader(lines, delimiter=delimiter))
    if not rows:
        return None
    has_header = _is_header(rows[0], rows[1] if len(rows) > 1 else rows[0])
    if has_header and len(rows) == 1:
        return None
    header = tuple(rows[0]) if has_header else ()
    return Table(delimiter, header, rows[1:] if has_header else rows, n_lines if has_header else 0)


def lines_of(file: OpenFile, encoding: str = "") -> Iterator[str]:
    """Every line with its end. What is not in the encoding becomes lone surrogates."""
    text = io.TextIOWrapper(
        gzipped.content_of(file), encoding or "utf-8-sig", errors="surrogateescape", newline=""
    )
    with text:
        while line := text.readline(_MAX_LINE):
            yield line


def _first_lines(file: OpenFile, encoding: str) -> tuple[list[str], int]:
    """Lines that are not blank, and how many lines end with the first of them."""
    try:
        sample = gzipped.content_of(file).read(_SAMPLE_BYTES)
    except gzipped.ERRORS as error:
        raise gzipped.damaged(file, error) from error
    utf_16 = sample.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = sample.decode(encoding or ("utf-16" if utf_16 else "utf-8-sig"), "replace")
    lines = list(io.StringIO(text, newline=""))  # splitlines would split at other signs too
    if len(sample) == _SAMPLE_BYTES and len(lines) > 1:
        lines.pop()  # it may be cut
    full = [i for i, line in enumerate(lines) if line.strip()]
    return [lines[i] for i in full[: 1 + _SAMPLE_ROWS]], full[0] + 1 if full else 0


def _is_header(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the first row names the columns, or counts them."""
    numbers = [cell for cell in row if _is_number(cell)]
    if 2 * len(numbers) < len(row):
        return True
    if any(not _is_number(row[i]) and _is_number(below[i]) for i in (0, -1) if below):
        return True
    counted = [str(i) for i in range(len(numbers))]
    return len(numbers) >= _FEWEST_PIXELS and [cell.strip() for cell in numbers] == counted


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell))


def _are_codes(values: Collection[str]) -> bool:
    """Whether numbers may count classes; those of a photo's corner lie far apart."""
    if not all(map(_is_number, values)):
        return False
    codes = [float(value) for value in values]
    return min(codes) >= 0 and max(codes) < 2 * len(codes) + _FEW_GAPS


def _makes_images(n_pixels: int, shape: Sequence[int]) -> bool:
    """Whether so many pixels make images of a shape (h, w) or (h, w, c), or square ones."""
    if shape:
        n = math.prod(shape)
        return n_pixels == n or (len(shape) == 2 and n_pixels == 3 * n)
    return n_pixels >= _FEWEST_PIXELS and any(
        n_pixels == channels * math.isqrt(n_pixels // channels) ** 2 for channels in (1, 3)
    )
