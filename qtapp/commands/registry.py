"""Every command by one id; menus, keys, the palette, the cheat sheet and README meet here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence


class KeyClash(ValueError):
    """Two commands answer to the same key."""


@dataclass(frozen=True)
class Described:
    """One line of the cheat sheet."""

    id: str
    section: str
    text: str
    keys: tuple[str, ...]  # portable text: "Ctrl+Z"
    held: bool = False


@dataclass(frozen=True)
class Hold:
    """A command that lasts while its key is down."""

    text: str
    press: Callable[[], None]
    release: Callable[[], None]


def load_keys() -> dict[str, tuple[str, ...]]:
    """Keys of each command id from resources/keys.toml.

    Raises
    ------
    KeyClash
        If two commands name the same key.
    """
    text = resources.files("resources").joinpath("keys.toml").read_text(encoding="utf-8")
    keys = {
        f"{section}.{name}": tuple(bound)
        for section, commands in tomllib.loads(text).items()
        for name, bound in commands.items()
    }
    owners: dict[str, str] = {}
    for command_id, bound in keys.items():
        for key in bound:
            portable = QKeySequence(key).toString()
            if not portable:
                raise KeyClash(f"{command_id} names a key that does not exist: {key!r}")
            if owners.setdefault(portable, command_id) != command_id:
                raise KeyClash(f"{portable} is bound to {owners[portable]} and to {command_id}")
    return keys


class Registry(QObject):
    """Makes one QAction for each command, with its keys from resources/keys.toml.

    A command's id is "section.name"; the section groups it in the cheat sheet.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys = load_keys()
        self._actions: dict[str, QAction] = {}
        self._holds: dict[str, Hold] = {}

    def add(
        self,
        command_id: str,
        text: str,
        run: Callable[..., None],
        *,
        tip: str = "",
        checkable: bool = False,
    ) -> QAction:
        """Declare a command. `run` is called with the new state if it is checkable.

        Held down, its key repeats only if it moves.
        """
        action = QAction(text, self)
        action.setObjectName(command_id)
        action.setCheckable(checkable)
        action.setShortcuts([QKeySequence(key) for key in self._keys.get(command_id, ())])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(command_id.startswith("move."))
        key = self.key_text(command_id)
        action.setToolTip(f"{tip or text} ({key})" if key else tip or text)
        if checkable:
            action.toggled.connect(run)
        else:
            action.triggered.connect(lambda: run())
        self._actions[command_id] = action
        return action

    def add_hold(
        self, command_id: str, text: str, press: Callable[[], None], release: Callable[[], None]
    ) -> None:
        """Declare a command that lasts while its key is held (see commands.holding)."""
        self._holds[command_id] = Hold(text, press, release)

    def action(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def actions(self) -> list[QAction]:
        """All of them, in the order they were declared."""
        return list(self._actions.values())

    def holds(self) -> dict[str, Hold]:
        """Held commands by key, in portable text."""
        return {
            QKeySequence(key).toString(): hold
            for command_id, hold in self._holds.items()
            for key in self._keys[command_id]
        }

    def key_text(self, command_id: str) -> str:
        """The first key of a command as this system writes it; empty if it has none."""
        keys = self._keys.get(command_id, ())
        return (
            QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        )

    def described(self) -> list[Described]:
        """Everything there is to press, for the cheat sheet and the README."""
        lines = [(command_id, action.text(), False) for command_id, action in self._actions.items()]
        lines += [(command_id, hold.text, True) for command_id, hold in self._holds.items()]
        return [
            Described(
                command_id,
                command_id.split(".")[0],
                text.replace("&", "").removesuffix("…"),
                tuple(QKeySequence(key).toString() for key in self._keys.get(command_id, ())),
                held,
            )
            for command_id, text, held in lines
        ]
