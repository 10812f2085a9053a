"""Set a class by typing part of its name; a name that does not exist can be added."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from qtapp.commands.digits import key_of_class
from qtapp.state.labels import LabelState
from qtapp.views.dialogs.listing import Choice, ListingDialog, best_first
from qtapp.views.theme import Theme


@dataclass(frozen=True)
class NewClass:
    """A class that the list does not have yet."""

    name: str


class ClassPicker(ListingDialog):
    """Emits chosen(code) for a class there is, added(name) for one there is not."""

    chosen = Signal(int)
    added = Signal(str)

    def __init__(self, labels: LabelState, theme: Theme, parent: QWidget | None = None) -> None:
        self._labels = labels
        super().__init__("", "", theme, parent)
        self.setWindowTitle(self.tr("Set class"))
        self.list.setAccessibleName(self.tr("Classes"))
        self.field.setPlaceholderText(self.tr("Type part of a class name"))
        self.field.setAccessibleName(self.tr("Type part of a class name"))
        self.taken.connect(self._tell)

    def choices_for(self, typed: str) -> list[Choice]:
        names = self._labels.class_names
        choices = [
            Choice(names[code], code, key=key_of_class(names, code))
            for code in self._labels.classes.offered()
        ]
        found = best_first(choices, typed)
        found.sort(key=lambda choice: choice.text != typed)  # the exact name before all others
        if typed and typed not in names:
            found.append(Choice(self.tr("Add class “{}”").format(typed), NewClass(typed)))
        return found

    def _tell(self, meaning: object) -> None:
        if isinstance(meaning, NewClass):
            self.added.emit(meaning.name)
        elif isinstance(meaning, int):
            self.chosen.emit(meaning)
