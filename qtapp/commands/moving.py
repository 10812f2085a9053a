"""Moves the keyboard through the order, and extends the selection along it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Action, Edit, Status
from models.review.ordering import LEARNED
from models.types import SampleIds
from qtapp.state.audit import AuditState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import SINGLE, ViewState

_SEARCH_ROWS = 16_384  # rows looked at in one go for the next undecided sample


class Moving(QObject):
    """All movement is in rows of the order; the samples behind them go to SelectionState.

    One image at a time and the most suspect first, what comes next is up to AuditState, which
    shows every tenth image out of turn; then the walk goes on from where it was left.
    """

    idle = Signal(str)  # why a key moved nothing

    def __init__(
        self,
        labels: LabelState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        audit: AuditState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._selection = labels, selection
        self._order, self._view, self._audit = order, view, audit
        self._left_at: dict[int, int] = {}  # by image shown out of turn, the row before it
        order.changed.connect(self._start_at_the_top)
        view.changed.connect(self._forget_turns)

    def by(self, samples: int = 0, lines: int = 0, pages: int = 0, *, extend: bool = False) -> None:
        """Move by samples, lines of the grid, or screens of it."""
        columns = self._view.columns
        first, past_last = self._view.visible_rows
        page = max(columns, (past_last - first) // columns * columns - columns)
        if samples < 0 and self._is_out_of_turn():
            samples += 1  # the image before it is that of the row the walk was left at
        self.to_row(self._row() + samples + lines * columns + pages * page, extend=extend)

    def to_end(self, *, extend: bool = False) -> None:
        self.to_row(len(self._order.rows) - 1, extend=extend)

    def to_row(self, row: int, *, extend: bool = False) -> None:
        """Move to a row, or to the nearest there is."""
        if not len(self._order.rows):
            return
        row = min(max(row, 0), len(self._order.rows) - 1)
        sample_id = int(self._order.rows[row])
        self._left_at.pop(sample_id, None)  # its turn has come
        self._selection.set_current(sample_id, keep_anchor=extend)
        if extend:
            self._selection.select(self._between(self._order.row_of(self._selection.anchor), row))

    def select_all(self) -> None:
        """Everything that is shown."""
        self._selection.select(self._order.rows)

    def to_next_undecided(self) -> None:
        """The next sample without a decision, from here on and then from the start."""
        if not self._go_on():
            self.idle.emit(self.tr("Every image shown here is decided"))

    def after(self, edit: Edit) -> None:
        """A decision was made: the selection has served, and the keyboard goes on."""
        if edit.class_change and edit.class_change.merged:
            return  # it was about classes, not about what is selected
        had_selection = self._selection.count > 0
        self._selection.clear()
        goes_back = edit.action[0] == Action.CLEAR
        if (self._view.advance or had_selection) and not goes_back:
            self._go_on()

    def return_to(self, sample_ids: SampleIds) -> None:
        """An undo or redo: back to the image it is about."""
        shown = [i for i in sample_ids[:_SEARCH_ROWS] if self._order.row_of(i) != NOT_SHOWN]
        if shown:
            self._selection.clear()
            self._selection.set_current(int(min(shown, key=self._order.row_of)))

    def _row(self) -> int:
        """Where the keyboard is; an image out of turn is where the walk was left for it."""
        if self._is_out_of_turn():
            return self._left_at[self._selection.current]
        row = self._order.row_of(self._selection.current)
        return row if row != NOT_SHOWN else -1

    def _is_out_of_turn(self) -> bool:
        return self._selection.current in self._left_at

    def _go_on(self) -> bool:
        """On to the next image without a decision; False if there is none."""
        before = self._row()
        if not self._is_audited():
            row = self._next_pending(before + 1)
            if row is not None:
                self.to_row(row)
            return row is not None
        image = self._audit.next_image(self._order.rows, before + 1)
        if image is not None:
            self._left_at.pop(image.sample_id, None)
            if image.audit:
                self._left_at[image.sample_id] = before
            self._selection.set_current(image.sample_id)
        return image is not None

    def _is_audited(self) -> bool:
        """Whether this is the walk the errors left are told of: one by one, the most suspect
        first, nothing filtered out."""
        wanted = self._order.wanted
        return (
            self._view.mode == SINGLE
            and wanted.sort_by in ("suspicion", LEARNED)
            and not wanted.reverse
            and len(self._order.rows) == len(self._labels.status)
        )

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

    def _forget_turns(self) -> None:
        if self._view.mode != SINGLE:
            self._left_at.clear()

    def _start_at_the_top(self) -> None:
        """A new order begins with its first undecided sample: that is what it was made for."""
        self._left_at.clear()
        if not len(self._order.rows):
            self._selection.set_current(NOTHING)
        else:
            self.to_row(self._next_pending(0) or 0)
