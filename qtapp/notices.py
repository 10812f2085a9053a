"""Shows what an error says of itself (what, where, remedy), and what a key just did."""

from __future__ import annotations

import traceback

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from models.errors import WinnowError
from qtapp.commands.registry import Registry
from qtapp.views import theme as look
from qtapp.views.theme import Theme

MOST_AT_ONCE = 3
TOAST_MS = 7_000
DETAILS_PX = 140


class Notice(QFrame):
    """One sentence with its remedy, details folded away; it stays until it is closed."""

    def __init__(
        self,
        sentence: str,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        details: str = "",
        action: QAction | None = None,
        is_problem: bool = True,
    ) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self._theme = theme
        self._sign = ("warning", "danger") if is_problem else ("info", "accent")
        self.setProperty("notice", "problem" if is_problem else "news")
        self.setAccessibleName(sentence)
        self._glyph = QLabel()
        text = QLabel(sentence)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setProperty("flat", True)
        self._close.setAccessibleName(self.tr("Close this notice"))
        self._close.setToolTip(self.tr("Close"))
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout()
        row.setSpacing(look.space_2)
        row.addWidget(self._glyph)
        row.addWidget(text, 1)
        if action is not None:
            row.addWidget(self._button_for(action))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_3, look.space_1, look.space_2, look.space_1)
        whole.addLayout(row)
        if details:
            self._fold(details, row, whole)
        row.addWidget(self._close)
        theme.changed.connect(self._recolour)
        self._recolour()

    def dismiss(self) -> None:
        """Take the notice away."""
        self.hide()
        self.setParent(None)
        self.deleteLater()

    def _button_for(self, action: QAction) -> QPushButton:
        """For the command, as long as it can be given."""
        button = QPushButton(action.text().replace("&", ""))
        if not action.isEnabled():
            button.hide()
        action.enabledChanged.connect(button.setVisible)
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        button.clicked.connect(self.dismiss)
        return button

    def _fold(self, details: str, row: QHBoxLayout, whole: QVBoxLayout) -> None:
        unfold = QPushButton(self.tr("Details"))
        unfold.setProperty("link", True)
        unfold.setCheckable(True)
        shown = QPlainTextEdit(details)
        shown.setReadOnly(True)
        shown.setTabChangesFocus(True)
        shown.setMaximumHeight(DETAILS_PX)
        shown.setAccessibleName(self.tr("Details for a report"))
        shown.hide()
        unfold.toggled.connect(shown.setVisible)
        row.addWidget(unfold)
        whole.addWidget(shown)

    def _recolour(self) -> None:
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(self._theme.pixmap(*self._sign, 16, ratio))
        self._close.setIcon(self._theme.icon("close", "text_muted"))


class NoticeBar(QWidget):
    """Notices at the top of the window; nothing waits for them, and none repeats itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_error(self, error: BaseException, action: QAction | None = None) -> None:
        """Say what an error says, with a button for the command that helps, if there is one."""
        if isinstance(error, WinnowError):
            self._show(Notice(str(error), self._theme, details=error.details, action=action))
            return
        name = type(error).__name__
        sentence = self.tr(
            "Something went wrong inside Winnow ({name}). Decisions shown as saved are on disk; "
            "please report it with the details."
        ).format(name=name)
        details = "".join(traceback.format_exception(error))
        self._show(Notice(sentence, self._theme, details=details, action=action))

    def tell(self, sentence: str, action: QAction | None = None) -> None:
        """Show a sentence that is no problem but good to know, with a button if one helps."""
        self._show(Notice(sentence, self._theme, action=action, is_problem=False))

    def _show(self, fresh: Notice) -> None:
        for earlier in self.notices():
            if earlier.sentence == fresh.sentence:
                earlier.dismiss()
        for oldest in self.notices()[: -MOST_AT_ONCE + 1]:
            oldest.dismiss()
        self._column.addWidget(fresh)
        fresh.show()

    def notices(self) -> list[Notice]:
        """What is shown now, oldest first."""
        items = (self._column.itemAt(i) for i in range(self._column.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, Notice)]

    def clear(self) -> None:
        for notice in self.notices():
            notice.dismiss()


class Toast(QFrame):
    """Says for some seconds what a key did out of sight, and offers to undo it."""

    def __init__(self, registry: Registry, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setProperty("toast", True)
        undo = registry.action("decide.undo")
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.undo_button = QPushButton(self.tr("Undo"))
        undo.changed.connect(self._follow_undo)
        self._undo = undo
        self.undo_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.undo_button.clicked.connect(undo.trigger)
        undo.triggered.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_3, look.space_2, look.space_2, look.space_2)
        row.setSpacing(look.space_3)
        row.addWidget(self.label)
        row.addWidget(self.undo_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOAST_MS)
        self._timer.timeout.connect(self.hide)
        over.installEventFilter(self)
        self._follow_undo()
        self.hide()

    def say(self, sentence: str, *, undoable: bool = True) -> None:
        """Show a sentence, in place of the one before."""
        self.label.setText(sentence)
        self.setAccessibleName(sentence)
        self.undo_button.setVisible(undoable)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _follow_undo(self) -> None:
        self.undo_button.setToolTip(self._undo.toolTip())

    def _place(self) -> None:
        self.adjustSize()
        x = self._over.width() - self.width() - look.space_4  # beside, not over, the buttons
        self.move(max(x, 0), self._over.height() - self.height() - look.space_4)
