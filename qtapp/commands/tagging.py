"""Says why labels were wrong: causes of what is selected, a note on the current image."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.causes import MOST_CAUSES, Remark
from qtapp.commands.edits import Edits
from qtapp.state.causes import CauseState
from qtapp.state.selection import NOTHING, SelectionState


class Tagging(QObject):
    """Each of these is one step that can be undone, and decides nothing."""

    told = Signal(str)  # what was done, in words: the image stays where it is
    idle = Signal(str)  # why nothing was done

    def __init__(
        self,
        edits: Edits,
        causes: CauseState,
        selection: SelectionState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._edits, self._causes, self._selection = edits, causes, selection

    def toggle(self, cause: str) -> None:
        """Give the selected images a cause, or else the current one; if all have it, take it
        away."""
        if cause not in self._causes.names and len(self._causes.names) == MOST_CAUSES:
            self.idle.emit(self.tr("There is room for {n} causes").format(n=MOST_CAUSES))
            return
        ids, on = self._causes.toggled(self._selection.targets(), cause)
        if self._edits.remark(ids, Remark(cause=cause, on=on)):
            self.told.emit(self._in_words(cause, len(ids), on))

    def note(self, text: str) -> None:
        """Write a note on the current image in place of the one before; empty takes it away."""
        current = self._selection.current
        if current != NOTHING and text == self._causes.note(current):
            return
        ids = np.array([current] if current != NOTHING else [], np.int64)
        if self._edits.remark(ids, Remark(note=text)):
            self.told.emit(self.tr("Note written") if text else self.tr("Note taken away"))

    def _in_words(self, cause: str, n: int, on: bool) -> str:
        if n == 1:
            said = self.tr("Cause: {cause}") if on else self.tr("No longer the cause: {cause}")
            return said.format(cause=cause)
        said = (
            self.tr("Cause of {n:,} images: {cause}")
            if on
            else self.tr("No longer the cause of {n:,} images: {cause}")
        )
        return said.format(n=n, cause=cause)
