"""Why the label of the current image was wrong, as far as the person said: causes and note."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from models.types import SampleIds
from qtapp.commands.registry import Registry
from qtapp.state.causes import CauseState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.views import theme as look
from qtapp.views.parts import CommandButton, ElidedLabel, plain_tip
from qtapp.views.theme import Theme


class RemarkLine(QWidget):
    """The command that names a cause, the causes beside it, the note below."""

    def __init__(
        self,
        causes: CauseState,
        selection: SelectionState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._causes, self._selection = causes, selection
        self.button = CommandButton(registry, "decide.tag", theme)
        self.causes, self.note = ElidedLabel(), QLabel()
        self.note.setProperty("role", "small")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A long address in it has no place to break: it does not widen the panel, and the window.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout()
        line.setSpacing(look.space_2)
        line.addWidget(self.button)
        line.addWidget(self.causes, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        column.addLayout(line)
        column.addWidget(self.note)
        causes.changed.connect(self._redraw_if_current)
        selection.current_changed.connect(self._redraw)
        self._redraw()

    def _redraw_if_current(self, sample_ids: SampleIds) -> None:
        if np.any(sample_ids == self._selection.current):
            self._redraw()

    def _redraw(self) -> None:
        current = self._selection.current
        known = current != NOTHING and current < len(self._causes.remarks.marks)
        note = self._causes.note(current) if known else ""
        self.causes.set_whole(", ".join(self._causes.of(current)) if known else "")
        self.note.setText(note)
        self.note.setToolTip(plain_tip(note))
        self.note.setVisible(bool(note))
