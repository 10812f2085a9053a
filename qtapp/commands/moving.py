"""Moves the keyboard through the order, and extends the selection along it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Action, Edit, Status
from models.types import SampleIds
from qtapp.state.labels import LabelState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import ViewState

_SEARCH_ROWS = 16_384  # rows looked at in one go for the next undecided sample


class Moving(QObject):
    """All movement is in rows of the order; the samples behind them go to SelectionState."""

    idle = Signal(str)  # why a key moved nothing

    def __init__(
        self,
        labels: LabelState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._selection = labels, selection
        self._order, self._view = order, view
        order.changed.connect(self._start_at_the_top)

    def by(self, samples: int = 0, lines: int = 0, pages: int = 0, *, extend: bool = False) -> None:
        """Move by samples, lines of the grid, or screens of it."""
        columns = self._view.columns
        first, past_last = self._view.visible_rows
        page = max(columns, (past_last - first) // columns * columns - columns)
        self.to_row(self._row() + samples + lines * columns + pages * page, extend=extend)

    def to_end(self, *, extend: bool = False) -> None:
        self.to_row(len(self._order.rows) - 1, extend=extend)

    def to_row(self, row: int, *, extend: bool = False) -> None:
        """Move to a row, or to the nearest there is."""
        if not len(self._order.rows):
            return
        row = min(max(row, 0), len(self._order.rows) - 1)
        self._selection.set_current(int(self._order.rows[row]), keep_anchor=extend)
        if extend:
            self._selection.select(self._between(self._order.row_of(self._selection.anchor), row))

    def select_all(self) -> None:
        """Everything that is shown."""
        self._selection.select(self._order.rows)

    def to_next_undecided(self) -> None:
        """The next sample without a decision, from here on and then from the start."""
        row = self._next_pending(self._row() + 1)
        if row is None:
            self.idle.emit(self.tr("Every image shown here is decided"))
        else:
            self.to_row(row)

    def after(self, edit: Edit) -> None:
        """A decision was made: the selection has served, and the keyboard goes on."""
        if edit.class_change and edit.class_change.merged:
            return  # it was about classes, not about what is selected
        had_selection = self._selection.count > 0
        self._selection.clear()
        if self._view.advance or had_selection:
            goes_back = edit.action[0] == Action.CLEAR
            row = None if goes_back else self._next_pending(self._row() + 1)
            if row is not None:
                self.to_row(row)

    def return_to(self, sample_ids: SampleIds) -> None:
        """An undo or redo: back to the image it is about."""
        shown = [i for i in sample_ids[:_SEARCH_ROWS] if self._order.row_of(i) != NOT_SHOWN]
        if shown:
            self._selection.clear()
            self._selection.set_current(int(min(shown, key=self._order.row_of)))

    def _row(self) -> int:
        row = self._order.row_of(self._selection.current)
        return row if row != NOT_SHOWN else -1

    def _between(self, anchor_row: int, row: int) -> SampleIds:
        first, last = sorted((max(anchor_row, 0), row))
        return self._order.rows[first : last + 1]

    def _next_pending(self, start: int) -> int | None:
        """The first pending row at or after `start`, wrapping round; None if there is none."""
        n_rows = len(self._order.rows)
        spans = [(at, min(at + _SEARCH_ROWS, n_rows)) for at in range(start, n_rows, _SEARCH_ROWS)]
        spans += [(at, min(at + _SEARCH_ROWS, start)) for at in range(0, start, _SEARCH_ROWS)]
        for first, past_last in spans:
            ids = self._order.rows[first:past_last]
            pending = np.flatnonzero(self._labels.status[ids] == Status.PENDING)
            if len(pending):
                return first + int(pending[0])
        return None

    def _start_at_the_top(self) -> None:
        """A new order begins with its first undecided sample: that is what it was made for."""
        if not len(self._order.rows):
            self._selection.set_current(NOTHING)
        else:
            self.to_row(self._next_pending(0) or 0)
