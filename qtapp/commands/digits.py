"""Which class a digit sets: the one that is called so, else the one at that place in the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

DIGITS = "1234567890"  # keyboard order: the tenth class is on 0
_EVDEV_OF_1 = 10  # native scan code of the digit row's first key under X11 and Wayland


def class_of_digit(class_names: Sequence[str], digit: str) -> int | None:
    """The class code a digit sets, or None. Never by likelihood: fingers learn places.

    A class that is added later takes no digit from another one, unless that digit is its name.
    """
    if digit in class_names:
        return class_names.index(digit)
    code = DIGITS.index(digit)
    is_free = code < len(class_names) and not _is_digit(class_names[code])
    return code if is_free else None


def key_of_class(class_names: Sequence[str], code: int) -> str:
    """The digit that sets a class; empty if only the picker does."""
    if not 0 <= code < len(class_names):
        return ""
    if _is_digit(class_names[code]):
        return class_names[code]
    digit = DIGITS[code] if code < len(DIGITS) else ""
    return "" if digit in class_names else digit


def physical_digit(event: QKeyEvent) -> str | None:
    """The digit on a key of the digit row whatever the layout makes of it (French: & é ")."""
    plain = event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.KeypadModifier,
    )
    place = event.nativeScanCode() - _EVDEV_OF_1
    return DIGITS[place] if plain and 0 <= place < len(DIGITS) else None


def _is_digit(class_name: str) -> bool:
    return len(class_name) == 1 and class_name in DIGITS
