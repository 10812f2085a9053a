"""Every command by name: type part of it, Enter runs it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from qtapp.commands.registry import Registry
from qtapp.views.dialogs.listing import Choice, ListingDialog, best_first
from qtapp.views.theme import Theme


class Palette(ListingDialog):
    """Lists the registry; what cannot be done now is grey."""

    def __init__(self, registry: Registry, theme: Theme, parent: QWidget | None = None) -> None:
        self._registry = registry
        super().__init__("", "", theme, parent)
        self.setWindowTitle(self.tr("Commands"))
        self.list.setAccessibleName(self.tr("Commands"))
        self.field.setPlaceholderText(self.tr("Type part of a command's name"))
        self.field.setAccessibleName(self.tr("Type part of a command's name"))
        self.taken.connect(self._run)

    def choices_for(self, typed: str) -> list[Choice]:
        choices = [
            Choice(
                line.text,
                line.id,
                key=self._registry.key_text(line.id),
                enabled=self._registry.action(line.id).isEnabled(),
            )
            for line in self._registry.described()
            if not line.held and line.id != "help.palette"
        ]
        return best_first(choices, typed)

    def _run(self, command_id: str) -> None:
        self._registry.action(command_id).trigger()
