"""The rules of keys: what each command answers to, a person's changes to that, and presets."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from importlib import resources

from PySide6.QtCore import QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

Keys = Mapping[str, tuple[str, ...]]  # portable text ("Ctrl+Z") by command id; the first is shown

PRESETS = ("left_hand", "cleanlab_studio", "lightroom", "prodigy")  # in resources/keys
FIXED = "digit."  # which class a digit sets is a rule: see commands.digits
MODIFIERS = (
    *(Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr),
    *(Qt.Key.Key_Meta, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_unknown),
)
FOCUS_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class KeyClash(ValueError):
    """Two commands answer to the same key."""


def load_keys() -> dict[str, tuple[str, ...]]:
    """Keys of each command id from resources/keys.toml.

    Raises
    ------
    KeyClash
        If two commands name the same key.
    """
    keys, owners = _read("keys.toml"), dict[str, str]()
    for command_id, bound in keys.items():
        for key in bound:
            if not portable(key):
                raise KeyClash(f"{command_id} names a key that does not exist: {key!r}")
            if owners.setdefault(portable(key), command_id) != command_id:
                other = owners[portable(key)]
                raise KeyClash(f"{portable(key)} is bound to {other} and to {command_id}")
    return {command_id: tuple(map(portable, bound)) for command_id, bound in keys.items()}


def load_preset(name: str) -> dict[str, tuple[str, ...]]:
    """What one of PRESETS changes."""
    return _read(f"keys/{name}.toml")


def portable(key: str) -> str:
    """A key as settings and resources write it; empty if there is none of that name."""
    return QKeySequence(key).toString()


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def objection(key: str, *, held: bool = False) -> str:
    """Why a command cannot have a key, in words; empty if it can."""
    sequence = QKeySequence(key)
    if sequence.count() != 1:
        return tr("This is not one key")
    pressed: QKeyCombination = sequence[0]  # type: ignore[index]  # the stubs lack it
    modifiers = pressed.keyboardModifiers()
    if pressed.key() in MODIFIERS:
        return tr("This is not a key by itself")
    if pressed.key() in FOCUS_KEYS:
        return tr("This key moves between the controls of a window")
    if held and modifiers != Qt.KeyboardModifier.NoModifier:
        return tr("A key that is held takes no Ctrl, Alt or Shift")
    if modifiers == Qt.KeyboardModifier.AltModifier and len(portable(key)) == len("Alt+F"):
        return tr("Alt with a letter opens a menu")
    return ""


def owner_of(keys: Keys, key: str) -> str:
    """The command a key belongs to; empty if it is free."""
    owners = (command_id for command_id, bound in keys.items() if portable(key) in bound)
    return next(owners, "")


def with_changes(
    defaults: Keys, changes: object, held: Collection[str] = ()
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Apply what a person changed: the keys of every command, and the entries not understood.

    A changed key is taken from the command that has it by default: a later version may give it
    to a new one. `held` are the commands whose key is held.
    """
    if not isinstance(changes, Mapping):
        return dict(defaults), [str(changes)]
    wanted, ignored = dict[str, tuple[str, ...]](), list[str]()
    owners = {
        key: command_id
        for command_id, bound in defaults.items()
        if command_id.startswith(FIXED)
        for key in bound
    }
    for command_id, bound in changes.items():
        known = command_id in defaults and not command_id.startswith(FIXED)
        if not known or not isinstance(bound, (list, tuple)):
            ignored.append(str(command_id))
            continue
        usable = []
        for key in bound:
            name = portable(key) if isinstance(key, str) else ""
            if (
                objection(name, held=command_id in held)
                or owners.setdefault(name, command_id) != command_id
            ):
                ignored.append(f"{command_id} = {key}")
            else:
                usable.append(name)
        if usable or not bound:
            wanted[command_id] = tuple(dict.fromkeys(usable))
    left = {
        command_id: tuple(key for key in bound if owners.get(key, command_id) == command_id)
        for command_id, bound in defaults.items()
    }
    return {**left, **wanted}, ignored


def rebound(keys: Keys, command_id: str, bound: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Give a command these keys, and take them from whoever has them."""
    taken = set(bound)
    return {
        other: bound if other == command_id else tuple(key for key in had if key not in taken)
        for other, had in keys.items()
    }


def differences(defaults: Keys, keys: Keys) -> dict[str, list[str]]:
    """What is not as by default, for the settings file."""
    return {
        command_id: list(bound)
        for command_id, bound in keys.items()
        if bound != defaults.get(command_id, ())
    }


def _read(name: str) -> dict[str, tuple[str, ...]]:
    text = resources.files("resources").joinpath(name).read_text(encoding="utf-8")
    return {
        f"{section}.{command}": tuple(bound)
        for section, commands in tomllib.loads(text).items()
        for command, bound in commands.items()
    }


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class
