"""Moves the keyboard through the order, and extends the selection along it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Action, Edit, Status
from models.review.ordering import LEARNED, NO_SAMPLE
from models.types import SampleIds
from qtapp.state.audit import AuditState
from qtapp.state.labels import LabelState
from qtapp.state.lines import Lines
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import COMPARE, GRID, SINGLE, ViewState

_SEARCH_ROWS = 16_384  # rows looked at in one go for the next undecided sample


class Moving(QObject):
    """All movement is in rows of the order; the samples behind them go to SelectionState.

    One image at a time and the most suspect first, what comes next is up to AuditState, which
    shows every tenth image out of turn; then the walk goes on from where it was left. Side by
    side, the images compared are all there is to move through.
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
        self._last_row = 0  # of the order that the keyboard was at
        self._aim = NOTHING, 0  # the image that up and down led to, and the column they keep
        self._similar_to = NO_SAMPLE  # the image that the order shown is about
        self._stays = False  # whether no order takes the keyboard elsewhere
        selection.current_changed.connect(self._note_row)
        order.changed.connect(self._start_at_the_top)
        view.changed.connect(self._forget_turns)

    def stay(self, stays: bool) -> None:
        """Whether the keyboard stays where it is when an order arrives: what is asked about an
        image is answered about that image."""
        self._stays = stays

    def by(self, samples: int = 0, lines: int = 0, pages: int = 0, *, extend: bool = False) -> None:
        """Move by samples, lines of the grid, or screens of it."""
        if pages:
            lines = pages * self._lines_of_a_page()
        if lines:
            self._by_lines(lines, extend=extend)
            return
        if samples < 0 and self._is_out_of_turn():
            samples += 1  # the image before it is that of the row the walk was left at
        self.to_row(self._row() + samples, extend=extend)

    def across(self, step: int, *, extend: bool = False) -> None:
        """Move to the right (or left, if negative) as the grid is seen."""
        self.by(-step if self._view.from_right else step, extend=extend)

    def _by_lines(self, step: int, *, extend: bool) -> None:
        """Up or down. A line may be too short; the next one that is not has the column again."""
        lines, row = self._lines, self._row()
        if not 0 <= row < lines.n_rows:
            self.to_row(0, extend=extend)
            return
        line, column = lines.place(row)
        if self._aim[0] == self._selection.current:
            column = self._aim[1]
        if 0 <= line + step < lines.n_lines:
            row = lines.row_at(line + step, column)
        else:
            row = 0 if step < 0 else lines.n_rows - 1
        self.to_row(row, extend=extend)
        self._aim = self._selection.current, column

    def _lines_of_a_page(self) -> int:
        """As many as are in sight, less one that stays there."""
        lines = self._lines
        first, past_last = (min(row, lines.n_rows) for row in self._view.visible_rows)
        if past_last <= first:
            return 1
        return max(1, lines.place(past_last - 1)[0] - lines.place(first)[0])

    def to_end(self, *, extend: bool = False) -> None:
        self.to_row(len(self._rows) - 1, extend=extend)

    def to_row(self, row: int, *, extend: bool = False) -> None:
        """Move to a row, or to the nearest there is."""
        if not len(self._rows):
            return
        row = min(max(row, 0), len(self._rows) - 1)
        sample_id = int(self._rows[row])
        anchor = self._selection.anchor
        has_no_place = anchor in self._left_at or self._row_of(anchor) == NOT_SHOWN
        self._left_at.pop(sample_id, None)  # its turn has come
        self._selection.set_current(sample_id, keep_anchor=extend and not has_no_place)
        self._note_row(sample_id)
        if extend:
            self._selection.select(self._between(self._row_of(self._selection.anchor), row))

    def select_all(self) -> None:
        """Everything that is shown."""
        self._selection.select(self._rows)

    def select_group(self) -> None:
        """Every image of the group that the current one is in."""
        groups, row = self._order.groups, self._order.row_of(self._selection.current)
        if groups is None or row == NOT_SHOWN:
            self.idle.emit(self.tr("The images are not in groups: choose one under Group"))
        else:
            first, past_last = groups.span(groups.of_row(row))
            self._selection.select(self._order.rows[first:past_last])

    def to_next_undecided(self) -> None:
        """The next sample without a decision, from here on and then from the start."""
        if not self._go_on():
            locked = ", ".join(self._labels.lock.names)
            decided = self.tr("Every image shown here is decided")
            but = self.tr("Every image shown here is decided, or of {split}, which is locked")
            self.idle.emit(but.format(split=locked) if locked else decided)

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
        if self._is_comparing and not np.isin(sample_ids, self._rows).any():
            self._view.set_mode(GRID)
        first = self._first_of(sample_ids)
        if first != NOTHING:
            self._selection.clear()
            self._selection.set_current(first)
        elif not len(self._rows):
            self._order.arrange_again()  # that nothing passes may not be true any more

    def _first_of(self, sample_ids: SampleIds) -> int:
        """The one of some samples that is shown before the others, or NOTHING."""
        if not self._is_comparing:
            return self._order.first_of(sample_ids)
        shown = self._rows[np.isin(self._rows, sample_ids)]
        return int(shown[0]) if len(shown) else NOTHING

    def _row(self) -> int:
        """Where the keyboard is; an image out of turn is where the walk was left for it."""
        current = self._selection.current
        if current in self._left_at:
            return self._left_at[current]
        row = self._row_of(current)
        if row != NOT_SHOWN:
            return row
        return -1 if self._is_comparing else self._last_row - 1  # that row is still to be looked at

    def _note_row(self, sample_id: int) -> None:
        if not self._is_comparing and (row := self._order.row_of(sample_id)) != NOT_SHOWN:
            self._last_row = row

    @property
    def _is_comparing(self) -> bool:
        return self._view.mode == COMPARE

    @property
    def _rows(self) -> SampleIds:
        """What the keyboard moves through."""
        return np.array(self._view.compared) if self._is_comparing else self._order.rows

    @property
    def _lines(self) -> Lines:
        if self._is_comparing:
            starts = np.zeros(1, np.int64)
            return Lines(starts, len(self._rows), self._view.compared_columns)
        return self._order.lines(self._view.columns)

    def _row_of(self, sample_id: int) -> int:
        if not self._is_comparing:
            return self._order.row_of(sample_id)
        compared = self._view.compared
        return compared.index(sample_id) if sample_id in compared else NOT_SHOWN

    def _is_out_of_turn(self) -> bool:
        """Whether the image is none of the order's, or not at its place in it."""
        current = self._selection.current
        return current in self._left_at or (
            not self._is_comparing and self._row_of(current) == NOT_SHOWN
        )

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
            and not wanted.grouping
            and wanted.sample is None
            and len(self._order.rows) == len(self._labels.status)
        )

    def _between(self, anchor_row: int, row: int) -> SampleIds:
        first, last = sorted((anchor_row, row))
        return self._rows[first : last + 1]

    def _next_pending(self, start: int) -> int | None:
        """The first pending row at or after `start` that may be decided on, wrapping round; None
        if there is none."""
        if not self._labels.count(Status.PENDING):
            return None
        rows = self._rows
        n_rows = len(rows)
        spans = [(at, min(at + _SEARCH_ROWS, n_rows)) for at in range(start, n_rows, _SEARCH_ROWS)]
        spans += [(at, min(at + _SEARCH_ROWS, start)) for at in range(0, start, _SEARCH_ROWS)]
        for first, past_last in spans:
            ids = rows[first:past_last]
            is_pending = self._labels.status[ids] == Status.PENDING
            pending = np.flatnonzero(is_pending & ~self._labels.lock.locked(ids))
            if len(pending):
                return first + int(pending[0])
        return None

    def _forget_turns(self) -> None:
        if self._view.mode != SINGLE:
            self._left_at.clear()

    def _start_at_the_top(self) -> None:
        """A new order begins with its first undecided sample: that is what it was made for.

        One of images like the current begins with that, and so does the order after it.
        """
        self._left_at.clear()
        self._last_row = 0
        before, self._similar_to = self._similar_to, self._order.wanted.similar_to
        about = before if self._similar_to == NO_SAMPLE else self._similar_to
        if self._stays and self._selection.current != NOTHING:
            self._note_row(self._selection.current)
        elif not len(self._rows):
            self._selection.set_current(NOTHING)
        elif (row := self._row_of(about)) != NOT_SHOWN:
            self.to_row(row)
        else:
            self.to_row(self._next_pending(0) or 0)
