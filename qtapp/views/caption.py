"""The caption of one large image: predicted, given, loss, probability, state."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from models.review.decisions import Status
from models.types import UNLABELLED
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.flow import Flow
from qtapp.views.parts import plain_tip
from qtapp.views.theme import Theme

_GLYPH_PX = 12
_MAX_NAME_PX = 220  # longer class names are cut; the whole name is in the tooltip


class _Said(QWidget):
    """A glyph and a text beside it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._glyph, self._text = QLabel(self), QLabel(self)
        row = QHBoxLayout(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_1)
        row.addWidget(self._glyph)
        row.addWidget(self._text)

    def say(self, theme: Theme, glyph: str, token: str, text: str, *, struck: bool = False) -> None:
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(theme.pixmap(glyph, token, _GLYPH_PX, ratio))
        font = self.font()
        font.setStrikeOut(struck)
        self._text.setFont(font)
        middle = Qt.TextElideMode.ElideMiddle
        self._text.setText(QFontMetrics(font).elidedText(text, middle, _MAX_NAME_PX))
        self.setToolTip(plain_tip(text))


class Caption(QWidget):
    """Says of one sample what its tile says, with more room."""

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        view: ViewState,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores, self._view, self._theme = labels, scores, view, theme
        self._predicted, self._given, self._corrected = _Said(self), _Said(self), _Said(self)
        self._figures, self._state = QLabel(self), _Said(self)
        self._figures.setProperty("role", "muted")
        row = Flow(self, centred=True)
        row.setSpacing(look.space_4)
        for part in (
            self._predicted, self._given, self._corrected, self._figures, self._state,
        ):  # fmt: skip
            row.addWidget(part)

    def show_sample(self, sample_id: int) -> None:
        """Say what is known of a sample now."""
        labels, theme = self._labels, self._theme
        given, label = int(labels.given[sample_id]), int(labels.labels[sample_id])
        changed = label != given
        name = self.tr("no label") if given == UNLABELLED else labels.class_name(given)
        self._given.say(theme, "square", "given", name, struck=changed and given != UNLABELLED)
        self._corrected.say(theme, "pencil", "corrected", labels.class_name(label))
        self._corrected.setVisible(changed)
        self._say_prediction(sample_id)
        self._say_state(Status(labels.status[sample_id]))

    def _say_prediction(self, sample_id: int) -> None:
        hidden = self._view.predictions_hidden
        shown = None if hidden else self._scores.shown_of(sample_id)
        predicted = UNLABELLED if hidden else self._scores.predicted_of(sample_id)
        self._predicted.say(self._theme, "diamond", "suggested", self._labels.class_name(predicted))
        self._predicted.setVisible(predicted != UNLABELLED)
        figures = []
        if shown is not None:
            for text, name in (
                (self.tr("loss {0:.2f}"), "loss"),
                (self.tr("p {0:.2f}"), "confidence"),
            ):
                value = float(shown.values[name][sample_id])
                figures += [] if math.isnan(value) else [text.format(value)]
        self._figures.setText("   ".join(figures))
        self._figures.setVisible(bool(figures))

    def _say_state(self, status: Status) -> None:
        said = {
            Status.KEPT: ("check", "kept", self.tr("kept")),
            Status.CHANGED: ("pencil", "corrected", self.tr("changed")),
            Status.EXCLUDED: ("ban", "excluded", self.tr("excluded")),
            Status.SECOND_LOOK: ("clock", "second_look", self.tr("second look")),
        }.get(status, ("circle", "pending", self.tr("undecided")))
        self._state.say(self._theme, *said)
