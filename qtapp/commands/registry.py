"""Every command by one id; menus, keys, the palette, the cheat sheet and README meet here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from qtapp.commands.keys import Keys, load_keys, native


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


class Registry(QObject):
    """Makes one QAction for each command, with its keys from resources/keys.toml until bound anew.

    A command's id is "section.name"; the section groups it in the cheat sheet.
    """

    keys_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._defaults = load_keys()
        self._keys = dict(self._defaults)
        self._tips: dict[str, str] = {}
        self._conditions: dict[str, Callable[[], bool]] = {}
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
        when: Callable[[], bool] | None = None,
    ) -> QAction:
        """Declare a command. `run` is called with the new state if it is checkable.

        Held down, its key repeats only if it moves. `when` says whether it can be used now (see
        commands.availability).
        """
        action = QAction(text, self)
        action.setObjectName(command_id)
        action.setCheckable(checkable)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(command_id.startswith("move."))
        self._tips[command_id] = tip or text
        if when is not None:
            self._conditions[command_id] = when
        self._show_keys(action)
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

    def section(self, name: str) -> list[QAction]:
        """Those whose id begins with "name."."""
        return [action for action in self.actions() if action.objectName().startswith(f"{name}.")]

    def can_run(self, command_id: str) -> bool:
        """Whether a command's own condition holds."""
        condition = self._conditions.get(command_id)
        return condition is None or condition()

    def holds(self) -> dict[str, Hold]:
        """Held commands by key, in portable text."""
        return {
            key: hold
            for command_id, hold in self._holds.items()
            for key in self._keys.get(command_id, ())
        }

    @property
    def held(self) -> tuple[str, ...]:
        """Ids of the commands whose key is held."""
        return tuple(self._holds)

    @property
    def keys(self) -> Keys:
        """The keys of every declared command as they are now."""
        return {line: self._keys.get(line, ()) for line in (*self._actions, *self._holds)}

    @property
    def default_keys(self) -> Keys:
        """Likewise before anybody changed them."""
        return {line: self._defaults.get(line, ()) for line in (*self._actions, *self._holds)}

    def bind(self, keys: Keys) -> None:
        """Give the commands other keys; menus and tooltips show them at once."""
        self._keys = dict(keys)
        for action in self._actions.values():
            self._show_keys(action)
        self.keys_changed.emit()

    def key_text(self, command_id: str) -> str:
        """The first key of a command as this system writes it; empty if it has none."""
        keys = self._keys.get(command_id, ())
        return native(keys[0]) if keys else ""

    def described(self) -> list[Described]:
        """Everything there is to press, for the cheat sheet and the README."""
        lines = [(command_id, action.text(), False) for command_id, action in self._actions.items()]
        lines += [(command_id, hold.text, True) for command_id, hold in self._holds.items()]
        return [
            Described(
                command_id,
                command_id.split(".")[0],
                text.replace("&", "").removesuffix("…"),
                self._keys.get(command_id, ()),
                held,
            )
            for command_id, text, held in lines
        ]

    def _show_keys(self, action: QAction) -> None:
        command_id = action.objectName()
        action.setShortcuts([QKeySequence(key) for key in self._keys.get(command_id, ())])
        key, tip = self.key_text(command_id), self._tips[command_id]
        action.setToolTip(f"{tip} ({key})" if key else tip)
