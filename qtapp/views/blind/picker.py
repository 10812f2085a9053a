"""Answer by typing part of a class name: no model's order, no class to be added."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtapp.commands.digits import key_of_class
from qtapp.state.labels import LabelState
from qtapp.views.blind.wording import tr
from qtapp.views.dialogs.listing import Choice, ListingDialog, best_first
from qtapp.views.theme import Theme


class AnswerPicker(ListingDialog):
    """Emits chosen(code)."""

    chosen = Signal(object)  # class code

    def __init__(self, labels: LabelState, theme: Theme, parent: QWidget | None = None) -> None:
        self._labels = labels
        super().__init__(tr("Which class is it?"), tr("Type part of a class name"), theme, parent)
        self.taken.connect(self.chosen)

    def choices_for(self, typed: str) -> list[Choice]:
        names = self._labels.class_names
        choices = [
            Choice(names[code], code, key=key_of_class(names, code))
            for code in self._labels.classes.offered()
        ]
        found = best_first(choices, typed)
        return sorted(found, key=lambda choice: choice.text != typed)  # the exact name first
