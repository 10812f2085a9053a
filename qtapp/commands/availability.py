"""Greys the commands that mean nothing now."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, SignalInstance

from qtapp.commands.registry import Registry
from qtapp.state.session import SessionState
from qtapp.state.view import BLIND, DATA, ViewState

# These need no open dataset, or know themselves.
_ANY_TIME = (
    *("file.open", "file.locate", "file.match", "file.demo", "file.quit"),
    *("run.", "help.", "look.full_screen", "look.advance"),
    "look.answer_first",
)
# Keys that act on images; on the data page none is in sight. Undo stays.
_ON_IMAGES, _ANYWHERE = ("decide.", "digit.", "move.", "image."), ("decide.undo", "decide.redo")
# In a blind session these alone mean something.
_WHEN_BLIND = (
    *("file.", "digit.", "decide.exclude", "decide.pick_class", "decide.undo"),
    *("look.escape", "look.grid", "look.data", "look.blind", "image."),
)


class Availability(QObject):
    """Asks after each change which commands can be used, and greys the others."""

    def __init__(
        self,
        registry: Registry,
        session: SessionState,
        view: ViewState,
        changes: Iterable[SignalInstance],
    ) -> None:
        super().__init__(registry)
        self._registry, self._session, self._view = registry, session, view
        for changed in changes:
            changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        for action in self._registry.actions():
            name = action.objectName()
            action.setEnabled(self._means_something(name) and self._registry.can_run(name))

    def _means_something(self, name: str) -> bool:
        if name.startswith(_ANY_TIME):
            return True
        if not self._session.is_open:
            return False
        if self._view.mode == BLIND:
            return name.startswith(_WHEN_BLIND)
        on_images = name.startswith(_ON_IMAGES) and name not in _ANYWHERE
        return self._view.mode != DATA or not on_images
