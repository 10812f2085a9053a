"""A field that takes the next key instead of letting it do something."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from qtapp.commands.keys import FOCUS_KEYS, MODIFIERS


class KeyField(QLineEdit):
    """Emits the key that was pressed in it. Tab moves on and Esc leaves, as everywhere."""

    taken = Signal(str)  # portable text
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def sizeHint(self) -> QSize:
        """As wide as what it asks for: nobody types a longer text into it."""
        words = self.fontMetrics().horizontalAdvance(self.placeholderText())
        return super().minimumSizeHint() + QSize(words, 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:  # no shortcut may see it first
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in FOCUS_KEYS:
            super().keyPressEvent(event)
        elif event.key() not in MODIFIERS and not event.isAutoRepeat():
            self.taken.emit(key_of(event))


def key_of(event: QKeyEvent) -> str:
    """The key as settings write it. Shift that made another sign of a key is in that sign."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    is_sign = len(text) == 1 and text.isprintable() and not text.isalnum() and not text.isspace()
    if is_sign:
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))).toString()
