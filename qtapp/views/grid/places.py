"""Where tiles and headers of groups lie, in pixels from the top of everything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.types import SampleIds
from qtapp.state.lines import Lines


@dataclass(frozen=True)
class Places:
    """Lines of tiles below each other, under the header of their group (of no height where
    nothing is grouped). Columns are as wide as the view makes them."""

    lines: Lines
    line_px: int
    header_px: int

    @cached_property
    def header_tops(self) -> SampleIds:
        """Where each group begins. (g,)"""
        groups = np.arange(self.lines.n_groups)
        tops: SampleIds = self.lines.first_lines[:-1] * self.line_px + groups * self.header_px
        return tops

    @property
    def height(self) -> int:
        return self.lines.n_lines * self.line_px + self.lines.n_groups * self.header_px

    def top_of(self, line: int) -> int:
        return line * self.line_px + (self.lines.group_of_line(line) + 1) * self.header_px

    def group_at(self, y: int) -> int:
        """The group whose header or tiles are at `y`; the first above everything."""
        return max(int(np.searchsorted(self.header_tops, y, "right")) - 1, 0)

    def end_of(self, group: int) -> int:
        """Where a group ends and the next one begins."""
        last = group + 1 == self.lines.n_groups
        return self.height if last else int(self.header_tops[group + 1])

    def line_at(self, y: int) -> int | None:
        """The line at `y`; None on a header and outside of everything."""
        if not 0 <= y < self.height:
            return None
        group = self.group_at(y)
        inside = y - int(self.header_tops[group]) - self.header_px
        return None if inside < 0 else int(self.lines.first_lines[group]) + inside // self.line_px

    def lines_between(self, top: int, bottom: int) -> range:
        """The lines of which something lies in [top, bottom)."""
        if bottom <= top or not self.lines.n_groups:
            return range(0)
        return range(self._lines_above(top), self._lines_above(bottom + self.line_px - 1))

    def _lines_above(self, y: int) -> int:
        """How many lines lie wholly above `y`."""
        group = self.group_at(y)
        inside = max(y - int(self.header_tops[group]) - self.header_px, 0) // self.line_px
        first, past_last = self.lines.first_lines[group : group + 2].tolist()
        return int(min(first + inside, past_last))
