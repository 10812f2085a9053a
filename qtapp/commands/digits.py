"""Which class a digit sets: by name where all names are digits, else by place in the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

DIGITS = "1234567890"  # keyboard order: the tenth class is on 0
_EVDEV_OF_1 = 10  # native scan code of the digit row's first key under X11 and Wayland


def class_of_digit(class_names: Sequence[str], digit: str) -> int | None:
    """The class code a digit sets, or None. Never by likelihood: fingers learn places."""
    if _named_by_digits(class_names):
        return class_names.index(digit) if digit in class_names else None
    code = DIGITS.index(digit)
    return code if code < len(class_names) else None


def key_of_class(class_names: Sequence[str], code: int) -> str:
    """The digit that sets a class; empty if only the picker does."""
    if _named_by_digits(class_names):
        return class_names[code] if 0 <= code < len(class_names) else ""
    return DIGITS[code] if 0 <= code < min(len(class_names), len(DIGITS)) else ""


def physical_digit(event: QKeyEvent) -> str | None:
    """The digit on a key of the digit row whatever the layout makes of it (French: & é ")."""
    plain = event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.KeypadModifier,
    )
    place = event.nativeScanCode() - _EVDEV_OF_1
    return DIGITS[place] if plain and 0 <= place < len(DIGITS) else None


def _named_by_digits(class_names: Sequence[str]) -> bool:
    return bool(class_names) and all(len(n) == 1 and n in DIGITS for n in class_names)
