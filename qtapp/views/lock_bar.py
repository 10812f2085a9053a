"""Above the images: why those of the test split cannot be decided on, and the way to do it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from qtapp.commands.registry import Registry
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.parts import CommandButton
from qtapp.views.theme import Theme

_GLYPH_PX = 16


class LockBar(QFrame):
    """It comes with the first locked image that is current or selected, and stays until other
    images are shown: what lies below must not jump with every key."""

    def __init__(
        self,
        labels: LabelState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lock, self._selection, self._theme = labels.lock, selection, theme
        self._mode, self._view = view.mode, view
        self.setProperty("notice", "news")
        self._glyph, self.text = QLabel(), QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.leave_out = CommandButton(registry, "decide.leave_out_locked", theme)
        self.unlock = CommandButton(registry, "decide.unlock_test", theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_3, look.space_1, look.space_2, look.space_1)
        row.setSpacing(look.space_2)
        row.addWidget(self._glyph)
        row.addWidget(self.text, 1)
        row.addWidget(self.leave_out)
        row.addWidget(self.unlock)
        selection.current_changed.connect(self._appear)
        selection.changed.connect(self._appear)
        for anew in (self._lock.changed, order.changed):
            anew.connect(self._judge)
        view.changed.connect(self._follow_mode)
        theme.changed.connect(self._recolour)
        self._recolour()
        self._judge()

    def _appear(self) -> None:
        if self.isHidden():
            self._judge()
        else:
            self._say()

    def _judge(self) -> None:
        """Whether it is needed for what is current and selected now."""
        self._say()
        self.setHidden(not self._selected() and not self._is_current())

    def _follow_mode(self) -> None:
        if self._view.mode != self._mode:
            self._mode = self._view.mode
            self._judge()

    def _selected(self) -> int:
        return self._lock.count(self._selection.mask)

    def _is_current(self) -> bool:
        current = self._selection.current
        return current != NOTHING and self._lock.holds(current)

    def _say(self) -> None:
        if not self._lock.is_locked:
            return
        n, total = self._selected(), self._selection.count
        said = self.tr(
            "The split {split} is locked: labels changed beside a model lean towards it."
        ).format(split=", ".join(self._lock.names))
        if n:
            selected = self.tr("{n:,} of the {total:,} selected images are locked.")
            said += " " + selected.format(n=n, total=total)
        self.text.setText(said)
        self.setAccessibleName(said)
        self.leave_out.setVisible(bool(n))

    def _recolour(self) -> None:
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(self._theme.pixmap("lock", "accent", _GLYPH_PX, ratio))
