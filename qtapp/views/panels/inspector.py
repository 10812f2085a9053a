"""The right panel: everything known of the current image, and the keys that decide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.review.decisions import Status
from models.review.reasons import MOST
from models.types import UNLABELLED, LabelVector, Scores
from qtapp.commands.digits import key_of_class
from qtapp.commands.registry import Registry
from qtapp.jobs.pictures import Picture
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.image_view import ImageView
from qtapp.views.panels.cards import ClassBar, ClassBars, LabelCard
from qtapp.views.parts import CommandButton, ElidedLabel, Later, UpAndDown, section
from qtapp.views.plots.trace import LossTrace
from qtapp.views.theme import Theme

TOP_CLASSES = 5
IMAGE_PX = 180  # least height of the image
DECISIONS = ("decide.keep", "decide.accept", "decide.exclude", "decide.second_look")
TraceOf = Callable[[int], tuple[Scores, LabelVector]]
PathOf = Callable[[int], str]


class Inspector(QWidget):
    """Follows the current sample. Whoever has its pixels calls show_image."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        view: ViewState,
        image_look: ImageLook,
        registry: Registry,
        theme: Theme,
        trace_of: TraceOf,
        path_of: PathOf,
        evidence: QWidget,
        remarks: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._view, self._theme = selection, view, theme
        self._trace_of, self._path_of, self._evidence = trace_of, path_of, evidence
        self._remarks = remarks
        self._image_of = NOTHING
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.image = ImageView(image_look, theme)
        self.image.addActions(registry.section("image"))
        self.place = ElidedLabel()
        self.state_glyph, self.state = QLabel(), QLabel()
        self.given, self.suggested = LabelCard(theme), LabelCard(theme)
        self.buttons = [CommandButton(registry, command, theme) for command in DECISIONS]
        self.bars = ClassBars(theme)
        self.reasons = [ElidedLabel() for _ in range(MOST)]
        self.trace = LossTrace(theme)
        self.path = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.no_model = QLabel()
        self._empty = QLabel(self.tr("Choose an image in the grid to see it here."))
        self._lay_out()
        self._connect()
        self._redraw()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMargin(look.space_4)
        for label in (self.place, self.path, self.state, *self.reasons):
            label.setProperty("role", "small")
        self.no_model.setProperty("role", "muted")
        self.no_model.setWordWrap(True)
        self.no_model.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.image.setMinimumHeight(IMAGE_PX)
        # It takes what is left and asks for no more: else it is higher whenever a line below wraps.
        self.image.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        facts = QHBoxLayout()
        facts.setSpacing(look.space_1)
        facts.addWidget(self.place, 1)
        facts.addWidget(self.state_glyph)
        facts.addWidget(self.state)
        cards = QHBoxLayout()
        cards.setSpacing(look.space_2)
        cards.addWidget(self.given, 1)
        cards.addWidget(self.suggested, 1)
        buttons = QGridLayout()
        buttons.setSpacing(look.space_2)
        for at, button in enumerate(self.buttons):
            buttons.addWidget(button, at // 2, at % 2)
        self._model = QWidget()
        model = QVBoxLayout(self._model)
        model.setContentsMargins(0, 0, 0, 0)
        model.setSpacing(look.space_1)
        model.addWidget(section(self.tr("Model")))
        model.addWidget(self.bars)
        for reason in self.reasons:  # each keeps its line when empty: the trace stays in place
            model.addWidget(reason)
        model.addSpacing(look.space_2)
        model.addWidget(section(self.tr("Loss over epochs")))
        model.addWidget(self.trace)
        self._thoughts = QStackedWidget()  # one place for both: hiding moves nothing
        self._thoughts.addWidget(self._model)
        self._thoughts.addWidget(self.no_model)
        self._thoughts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        content = QWidget()
        content.setProperty("panel", True)
        column = QVBoxLayout(content)
        column.setContentsMargins(look.space_3, look.space_3, look.space_3, look.space_3)
        column.setSpacing(look.space_2)
        column.addWidget(self.image, 1)
        column.addLayout(facts)
        column.addLayout(cards)
        column.addLayout(buttons)
        column.addWidget(self._remarks)
        column.addSpacing(look.space_1)
        column.addWidget(self._evidence)
        column.addWidget(self._thoughts)
        column.addWidget(self.path)
        column.addStretch(0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(UpAndDown(content))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _connect(self) -> None:
        later = Later(self._redraw, self)
        for changed in (
            *(self._selection.current_changed, self._session.changed, self._view.changed),
            # Any image's label counts: that of a neighbour is among the reasons.
            *(self._labels.loaded, self._labels.classes_changed, self._labels.changed),
            *(self._scores.changed, self._scores.updated, self._theme.changed),
        ):
            changed.connect(later.ask)

    # -- showing -------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.image.setMaximumHeight(max(self.width() - 2 * look.space_3, IMAGE_PX))

    def show_image(self, sample_id: int, picture: Picture | str) -> None:
        """Take the pixels of a sample, or why it cannot be read; others' are ignored."""
        if sample_id == self._selection.current:
            self._image_of = sample_id
            info = self._session.info
            self.image.show_image(picture, info.value_range if info else (0.0, 255.0))
            self.path.set_whole(self._path_of(sample_id))  # it comes with the pixels

    def _redraw(self) -> None:
        current = self._selection.current
        known = current != NOTHING and current < len(self._labels.labels)
        self._pages.setCurrentIndex(1 if known and self._session.is_open else 0)
        if self._image_of != current:
            self._image_of = NOTHING
            self.image.show_image(None)
        if known and self._session.info is not None:
            self._redraw_facts(current)
            self._redraw_given(current)
            self._redraw_model(current)

    def _redraw_facts(self, current: int) -> None:
        info = self._session.info
        assert info is not None
        place = self.tr("image {:,}").format(current)
        if len(info.splits) > 1:
            place += " · " + info.split_names_of(np.array([current]))[0]
        self.place.set_whole(place)
        self.path.set_whole(self._path_of(current))
        text, glyph, token = {
            Status.PENDING: (self.tr("undecided"), "circle", "pending"),
            Status.KEPT: (self.tr("kept"), "check", "kept"),
            Status.CHANGED: (self.tr("changed"), "pencil", "corrected"),
            Status.EXCLUDED: (self.tr("excluded"), "ban", "excluded"),
            Status.SECOND_LOOK: (self.tr("second look"), "clock", "second_look"),
        }[Status(self._labels.status[current])]
        self.state.setText(text)
        self.state_glyph.setPixmap(self._theme.pixmap(glyph, token, 12, self.devicePixelRatioF()))

    def _redraw_given(self, current: int) -> None:
        labels = self._labels
        given, label = int(labels.given[current]), int(labels.labels[current])
        if label == given:
            name = labels.class_name(given) if given != UNLABELLED else self.tr("no label")
            self.given.show_label(self.tr("given"), name, "given", "square")
            return
        was = labels.class_name(given) if given != UNLABELLED else self.tr("no label")
        caption = self.tr("corrected · was {}").format(was)
        self.given.show_label(caption, labels.class_name(label), "corrected", "pencil")

    def _redraw_model(self, current: int) -> None:
        shown, hidden = self._scores.shown_of(current), self._view.predictions_hidden
        suggested = self._scores.suggested(current)
        scored = shown is not None and bool(np.isfinite(shown.probabilities[current]).any())
        seen = scored and not hidden
        self._thoughts.setCurrentWidget(self._model if seen else self.no_model)
        # Before the first scores no place is kept for them: that would only be scrolled over.
        policies = QSizePolicy.Policy
        down = policies.Preferred if self._scores.shown is not None else policies.Ignored
        self._model.setSizePolicy(policies.Preferred, down)
        blind = shown is not self._scores.shown
        if hidden or blind:
            self.no_model.setText(
                self.tr("A random audit image: judged without a suggestion.")
                if blind
                else self.tr("Predictions are hidden now.")
            )
            self.suggested.show_label(self.tr("suggested"), "–", "pending", "diamond", dashed=True)
            return
        if shown is None or not scored:
            self.no_model.setText(self._why_nothing(shown))
            name = self.tr("nothing yet")
            self.suggested.show_label(self.tr("suggested"), name, "pending", "diamond", dashed=True)
            return
        badge = self.tr("held-out") if shown.held_out[current] else self.tr("in-sample")
        self.suggested.show_label(
            self.tr("suggested · {}").format(badge),
            self._labels.class_name(suggested) if suggested != UNLABELLED else self.tr("nothing"),
            "suggested",
            "diamond",
            dashed=True,
        )
        self.bars.show_bars(self._top_classes(current))
        said = self._scores.reasons(current)
        for at, label in enumerate(self.reasons):
            label.set_whole(said[at] if at < len(said) else "")
        probabilities, predictions = self._trace_of(current)
        self.trace.show_trace(probabilities, predictions, int(shown.labels[current]))

    def _why_nothing(self, shown: ScoreSet | None) -> str:
        if shown is None:
            return self.tr("What the model thinks appears after the first look.")
        if shown.n_classes < 2:
            return self.tr(
                "There were not two classes to tell apart: ordered by how strange it is."
            )
        return self.tr("The model has not looked at this image.")

    def _top_classes(self, current: int) -> list[ClassBar]:
        """In the classes as they stand: those that were merged since the run are one."""
        judge, names = self._scores.judge, self._labels.class_names
        assert judge is not None
        probabilities, codes = judge.says(np.array([current]))[0], np.unique(judge.codes)
        codes = codes[codes != UNLABELLED]
        label, suggested = int(self._labels.labels[current]), self._scores.suggested(current)
        order = codes[np.argsort(-probabilities[codes], kind="stable")][:TOP_CLASSES]
        looks = {suggested: ("suggested", "diamond")}
        corrected = label != int(self._labels.given[current])
        looks[label] = ("corrected", "pencil") if corrected else ("given", "square")
        bars = []
        for code in order.tolist():
            token, glyph = looks.get(code, ("bar", ""))
            probability = float(probabilities[code])
            bars.append(ClassBar(names[code], probability, key_of_class(names, code), token, glyph))
        return bars
