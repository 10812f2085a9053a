"""What the corrections were worth, and the work list for whoever goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from qtapp.commands.registry import Registry
from qtapp.state.worth import WorthState
from qtapp.views import theme as look
from qtapp.views.parts import CommandButton, section
from qtapp.views.review_session.wording import tr, worth_remark, worth_sentence
from qtapp.views.theme import Theme


class WorthCard(QFrame):
    """A sentence, what it rests on, and the next step: a run to compare with, or an export."""

    def __init__(
        self, state: WorthState, registry: Registry, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.setProperty("card", True)
        self.sentence, self.remark = QLabel(), QLabel()
        self.remark.setProperty("role", "muted")
        for label in (self.sentence, self.remark):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.baseline = CommandButton(registry, "run.baseline", theme)
        self.export = CommandButton(registry, "file.export_worklist", theme)
        words = QVBoxLayout()
        words.setSpacing(look.space_1)
        words.addWidget(section(tr("Worth of the work")))
        words.addWidget(self.sentence)
        words.addWidget(self.remark)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
        row.setSpacing(look.space_3)
        row.addLayout(words, 1)
        row.addWidget(self.baseline)
        row.addWidget(self.export)
        state.changed.connect(self._redraw)
        self._redraw()

    def _redraw(self) -> None:
        worth = self._state.worth
        self.sentence.setText(worth_sentence(worth))
        self.remark.setText(worth_remark(worth))
        self.setAccessibleName(" ".join((self.sentence.text(), self.remark.text())))
        self.baseline.setVisible(worth is not None and worth.lacks_baseline)
