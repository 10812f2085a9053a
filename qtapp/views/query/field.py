"""Where a query is typed: completion of words, and a mark under the one that is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QRect, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QTextLayout
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from models.review.query import completions
from models.review.query_vocabulary import Vocabulary
from qtapp.views import theme as look
from qtapp.views.parts import takes_keys
from qtapp.views.theme import Theme

_MOST_OFFERED = 200
_POPUP_PX = 280
_CARET_PX = 7  # the mark where a word is missing
# Keys of commands that mean something else while a query is typed.
_OWN_KEYS = (
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_F2),
)


class QueryField(QLineEdit):
    """A line of text that knows the words a query is made of."""

    entered = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wrong: tuple[int, int] | None = None
        self._word_start = 0
        self.vocabulary = Vocabulary()
        self._offered = QStringListModel(self)
        self._completer = QCompleter(self._offered, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        self.popup = QListView()
        self.popup.setSpacing(look.space_1 // 2)
        self.popup.setAccessibleName(self.tr("Completions"))
        self._completer.setPopup(self.popup)
        self._completer.activated[str].connect(self._complete)  # type: ignore[index]
        self.textEdited.connect(lambda _: self.offer(asked=False))

    def mark(self, wrong: tuple[int, int] | None) -> None:
        """Underline from one place in the text to another; none takes the mark away."""
        self._wrong = wrong
        self.update()

    def x_of(self, place: int) -> int:
        """Where a place of the text is painted, as far as it is in sight."""
        layout = QTextLayout(self.text(), self.font())
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        # Qt says where the cursor is alone; how far it is from there to a place, the layout.
        here, there = (_x(line.cursorToX(at)) for at in (self.cursorPosition(), place))
        return max(0, min(self.width(), round(self.cursorRect().center().x() + there - here)))

    # -- completion ------------------------------------------------------------------------
    def offer(self, *, asked: bool) -> None:
        """Show what the word at the cursor can become; an empty word only if asked for."""
        before = self.text()[: self.cursorPosition()]
        self._word_start, words = completions(before, self.vocabulary)
        said = before[self._word_start :]
        done = said.strip("\"'").casefold()
        finished = any(word.strip('"').casefold() == done for word in words)
        if not words or (not asked and (not said or finished)):
            self.popup.hide()
            return
        self._offered.setStringList(words[:_MOST_OFFERED])
        self.popup.setCurrentIndex(self._offered.index(-1))
        below = QRect(self.x_of(self._word_start), 0, _POPUP_PX, self.height())
        below.moveRight(min(below.right(), max(self.width(), _POPUP_PX)))
        self._completer.complete(below)

    def _complete(self, word: str) -> None:
        cursor = self.cursorPosition()
        self.setSelection(self._word_start, cursor - self._word_start)
        follows = self.text()[cursor : cursor + 1]
        self.insert(word if follows == " " or word == "(" else f"{word} ")
        self.offer(asked=True)

    def _complete_with_tab(self) -> bool:
        if not self.popup.isVisible():
            return False
        row = max(0, self.popup.currentIndex().row())
        self.popup.hide()
        self._complete(self._offered.stringList()[row])
        return True

    # -- events ----------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if takes_keys(event, _OWN_KEYS):
            return True
        is_tab = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab
        if is_tab and event.type() == QEvent.Type.KeyPress and self._complete_with_tab():
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = self.popup.isVisible() and self.popup.currentIndex().isValid()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not chosen:
            self.popup.hide()
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape and not self.popup.isVisible():
            self.left.emit()
        elif event.key() == Qt.Key.Key_Down and not self.popup.isVisible():
            self.offer(asked=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.popup.hide()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong is None:
            return
        start, end = self._wrong
        left, right = sorted((self.x_of(start), self.x_of(end)))
        bottom = self.cursorRect().bottom()
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.color("danger"), 2))
        painter.drawLine(left, bottom, max(right, left + _CARET_PX), bottom)


def _x(answer: Any) -> float:
    """PySide gives the place it took as well, which its type stubs do not say."""
    return float(answer[0])
