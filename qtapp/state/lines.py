"""Rows of an order broken into lines of so many; each group begins on a line of its own."""

from __future__ import annotations

import numpy as np

from models.types import SampleIds


class Lines:
    """Which row lies where. Everything is asked of a few arrays with a number for each group."""

    def __init__(self, starts: SampleIds, n_rows: int, columns: int) -> None:
        self.n_rows, self.columns = n_rows, columns
        self.starts = starts  # first row of each group
        heights = -(-np.diff(starts, append=n_rows) // columns)
        self.first_lines = np.concatenate([[0], np.cumsum(heights)])  # (g + 1,)

    @property
    def n_lines(self) -> int:
        return int(self.first_lines[-1])

    @property
    def n_groups(self) -> int:
        return len(self.starts)

    def group_of_line(self, line: int) -> int:
        return int(np.searchsorted(self.first_lines[:-1], line, "right")) - 1

    def place(self, row: int) -> tuple[int, int]:
        """The line and the column of a row."""
        group = int(np.searchsorted(self.starts, row, "right")) - 1
        line, column = divmod(row - int(self.starts[group]), self.columns)
        return int(self.first_lines[group]) + line, column

    def span(self, line: int) -> tuple[int, int]:
        """The first row of a line and the one past its last."""
        if not 0 <= line < self.n_lines:
            return (0, 0) if line < 0 else (self.n_rows, self.n_rows)
        group = self.group_of_line(line)
        first = int(self.starts[group]) + (line - int(self.first_lines[group])) * self.columns
        end = int(self.starts[group + 1]) if group + 1 < self.n_groups else self.n_rows
        return first, min(first + self.columns, end)

    def row_at(self, line: int, column: int) -> int:
        """The row in a column of a line, or the last of that line."""
        first, past_last = self.span(line)
        return min(first + column, past_last - 1)

    def block(self, lines: range, columns: range) -> SampleIds:
        """The rows in some columns of some lines, in order."""
        at = np.arange(max(lines.start, 0), min(lines.stop, self.n_lines))
        across = np.arange(max(columns.start, 0), min(columns.stop, self.columns))
        groups = np.searchsorted(self.first_lines[:-1], at, "right") - 1
        firsts = self.starts[groups] + (at - self.first_lines[groups]) * self.columns
        ends = np.append(self.starts[1:], self.n_rows)[groups]
        rows = firsts[:, None] + across
        inside: SampleIds = rows[rows < ends[:, None]]
        return inside
