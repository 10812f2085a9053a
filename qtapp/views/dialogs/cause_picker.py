"""Why the label was wrong: a digit takes a cause, typing finds or adds one, or writes a note."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from models.review.causes import MOST_CAUSES
from qtapp.commands.digits import DIGITS
from qtapp.state.causes import CauseState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.views.dialogs.listing import Choice, ListingDialog, best_first
from qtapp.views.theme import Theme


@dataclass(frozen=True)
class Note:
    """A line that writes a note, or takes it away if empty."""

    text: str


class CausePicker(ListingDialog):
    """Emits chosen(cause), new or known, or noted(text)."""

    chosen = Signal(str)
    noted = Signal(str)

    def __init__(
        self,
        causes: CauseState,
        selection: SelectionState,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        self._causes, self._selection = causes, selection
        super().__init__("", "", theme, parent)
        self.setWindowTitle(self.tr("Why is the label wrong?"))
        self.list.setAccessibleName(self.tr("Causes"))
        hint = self.tr("A digit, part of a cause, a new one, or a note")
        self.field.setPlaceholderText(hint)
        self.field.setAccessibleName(hint)
        self.taken.connect(self._tell)

    def choices_for(self, typed: str) -> list[Choice]:
        names = self._causes.names
        choices = [
            Choice(
                name,
                name,
                key=DIGITS[place] if place < len(DIGITS) else "",
                note=self.tr("✓ named") if self._has(name) else "",
            )
            for place, name in enumerate(names)
        ]
        found = best_first(choices, typed)
        if typed and typed not in names and len(names) < MOST_CAUSES:
            found.append(Choice(self.tr("Add cause “{}”").format(typed), typed))
        current = self._selection.current
        if current == NOTHING:
            return found
        if typed:
            found.append(Choice(self.tr("Note on this image: “{}”").format(typed), Note(typed)))
        elif self._causes.note(current):
            found.append(Choice(self.tr("Take the note on this image away"), Note("")))
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A digit in the empty field takes the cause that shows it."""
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and not self.field.text()
            and event.text() in DIGITS
            and event.text()
        ):
            place = DIGITS.index(event.text())
            if place < len(self._causes.names):
                self._take(self.item_model.index(place))
            return True
        return super().eventFilter(watched, event)

    def _has(self, cause: str) -> bool:
        """Whether every image that a choice is about has a cause."""
        targets = self._selection.targets()
        return bool(len(targets)) and not self._causes.toggled(targets, cause)[1]

    def _tell(self, meaning: object) -> None:
        if isinstance(meaning, Note):
            self.noted.emit(meaning.text)
        elif isinstance(meaning, str):
            self.chosen.emit(meaning)
