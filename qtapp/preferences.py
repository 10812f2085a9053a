"""What a person prefers: applied at once, and kept for the next day."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from models.errors import WinnowError
from qtapp.commands.desk import Desk
from qtapp.commands.keys import differences, with_changes
from qtapp.commands.registry import Registry
from qtapp.settings import Recent, Settings, save_settings
from qtapp.views.dialogs.preferences import theme_choices
from qtapp.views.theme import Theme


class Preferences(QObject):
    """The settings file, and every part of the window that follows it."""

    recent_changed = Signal()
    failed = Signal(object)  # why a preference holds for this session alone

    def __init__(
        self,
        settings: Settings,
        file: Path,
        registry: Registry,
        theme: Theme,
        desk: Desk,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings, self._file = settings, file
        self._registry, self._theme, self._desk = registry, theme, desk

    def restore(self) -> str:
        """Follow the settings; what nobody understands any more is dropped, and told."""
        registry = self._registry
        keys, ignored = with_changes(registry.default_keys, self.settings.keys, registry.held)
        registry.bind(keys)
        self.keep(keys=differences(registry.default_keys, keys))
        registry.action("run.auto").setChecked(self.settings.train_on_opening)
        registry.action("look.answer_first").setChecked(self.settings.answer_first)
        self._desk.name_reviewer(self.settings.reviewer)
        if not ignored:
            return ""
        return self.tr("Some keys in the settings were not understood and left out: {0}").format(
            ", ".join(ignored)
        )

    def prefer(self, name: str, value: Any) -> None:
        """One of the settings is another from now on."""
        if name == "keys":
            self._registry.bind(value)
            value = differences(self._registry.default_keys, value)
        elif name == "theme":
            self._theme.prefer(value)
        elif name == "font_percent":
            self._theme.set_font_percent(value)
        elif name == "reviewer":
            self._desk.name_reviewer(value)
        self.keep(**{name: value})
        try:
            self.save()
        except OSError as error:
            self.failed.emit(
                WinnowError(
                    f"preferences cannot be saved ({error.strerror})",
                    str(self._file),
                    "They hold until Winnow is closed. Check that the folder may be written.",
                )
            )

    def keep(self, **settings: Any) -> None:
        """Remember some settings; `save` writes them."""
        self.settings = replace(self.settings, **settings)

    def keep_recent(self, name: str, project_path: str) -> None:
        """Remember what was opened, for the start page and the menu."""
        self.settings = self.settings.with_recent(name, project_path)
        self.recent_changed.emit()

    @property
    def recent(self) -> list[Recent]:
        """What was opened before and is still there, newest first."""
        return [entry for entry in self.settings.recent if os.path.isdir(entry.path)]

    def save(self) -> None:
        self.keep(
            train_on_opening=self._registry.action("run.auto").isChecked(),
            answer_first=self._registry.action("look.answer_first").isChecked(),
        )
        save_settings(self.settings, self._file)

    def theme_menu(self) -> QMenu:
        """Light, dark and the others, the one in use marked."""
        menu = QMenu(self.tr("Theme"))
        choices = QActionGroup(menu)
        for preference, text in theme_choices():
            choice = menu.addAction(text)
            choice.setCheckable(True)
            choice.setData(preference)
            choices.addAction(choice)
        choices.triggered.connect(lambda choice: self.prefer("theme", choice.data()))

        def show_choice() -> None:
            for choice in choices.actions():
                choice.setChecked(choice.data() == self._theme.preference)

        menu.aboutToShow.connect(show_choice)
        return menu
