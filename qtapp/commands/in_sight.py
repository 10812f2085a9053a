"""Sees to it that no key acts on images that are out of sight, where a few are seen large."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from models.types import SampleIds
from qtapp.state.selection import SelectionState
from qtapp.state.view import COMPARE, GRID, SINGLE, ViewState

_APART = (SINGLE, COMPARE)


class InSight(QObject):
    """Puts the selection aside while images are seen one by one or side by side.

    There a key acts on the image that is shown or framed, unless those side by side were selected
    (Ctrl+A). What was selected in the grid comes back with it. Whatever else is selected
    meanwhile, and whatever becomes current beside the images compared, is seen in the grid.
    """

    def __init__(
        self, selection: SelectionState, view: ViewState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._selection, self._view = selection, view
        self._mode = view.mode
        view.changed.connect(self._follow_mode)
        selection.changed.connect(self._follow_selection)
        selection.current_changed.connect(self._follow_current)

    def _follow_mode(self) -> None:
        before, self._mode = self._mode, self._view.mode
        if self._mode == before:
            return
        if self._mode not in _APART:
            self._selection.give_back()
        elif before not in _APART:
            self._selection.put_aside()
        else:
            self._selection.clear()

    def _follow_selection(self) -> None:
        """Selected by key or lasso though it is not shown here."""
        if self._mode in _APART and not self._are_shown(self._selection.sample_ids):
            self._selection.drop_aside()
            self._view.set_mode(GRID)

    def _follow_current(self, current: int) -> None:
        if self._mode == SINGLE:
            self._selection.clear()  # it was about the image before
        elif self._mode == COMPARE and not self._are_shown(np.array([current])):
            self._selection.drop_aside()  # it was about the images compared
            self._selection.clear()
            self._view.set_mode(GRID)

    def _are_shown(self, sample_ids: SampleIds) -> bool:
        return bool(np.isin(sample_ids, self._view.apart(self._selection.current)).all())
