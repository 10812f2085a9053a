"""The training dock: what the run does, on what, for how much longer; its curves."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtapp.commands.registry import Registry
from qtapp.state.activity import TrainingState
from qtapp.state.corrections import CorrectionState
from qtapp.state.learning import LearningState
from qtapp.views import theme as look
from qtapp.views.flow import Flow
from qtapp.views.panels.lessons import Lessons
from qtapp.views.panels.run_details import RunDetails
from qtapp.views.parts import Column, CommandButton, say, set_role
from qtapp.views.plots.curves import Curves
from qtapp.views.theme import Theme

COLUMN_PX = 250
STEPS = 1_000


class TrainingPanel(QWidget):
    """Shows a TrainingState; its buttons are commands."""

    def __init__(
        self,
        training: TrainingState,
        learning: LearningState,
        corrections: CorrectionState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._training, self._learning, self._corrections = training, learning, corrections
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.headline = QLabel()
        self.numbers = self._line("muted")
        self.device = self._line("muted")
        self.device_note = self._line("")
        self.sentence = self._line("")
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the run"))
        self.start = CommandButton(registry, "run.start", theme, glyph="play")
        self.again = CommandButton(registry, "run.again", theme, glyph="play")
        self.pause = CommandButton(registry, "run.pause", theme)
        self.stop = CommandButton(registry, "run.stop", theme, text=self.tr("Stop"), glyph="square")
        self.resume = CommandButton(
            registry, "run.resume", theme, text=self.tr("Resume"), glyph="play"
        )
        self.curves, self.details = Curves(theme), RunDetails()
        self.lessons = Lessons(learning)
        self.by_class = self._link(
            self.tr("Classes"), self.tr("How each class fared, and all there is to say of the run")
        )
        self.by_lesson = self._link(self.tr("Learned"), self.tr("What your decisions taught"))
        self._detailed: dict[str, object] | None = None  # the result that the details show
        self._lay_out()
        training.changed.connect(self._redraw)
        corrections.changed.connect(self._redraw_offer)
        learning.changed.connect(self._redraw_right)
        self._redraw()

    def _lay_out(self) -> None:
        bold = self.headline.font()
        bold.setBold(True)
        self.headline.setFont(bold)
        self.headline.setWordWrap(True)
        buttons = Flow()
        buttons.setSpacing(look.space_2)
        for button in (self.start, self.again, self.pause, self.stop, self.resume):
            buttons.addWidget(button)
        left = self._left = Column(COLUMN_PX)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        top = QHBoxLayout()
        top.addWidget(self.headline, 1)
        for link in (self.by_class, self.by_lesson):
            top.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        column.addWidget(self.bar)
        for line in (self.numbers, self.device, self.device_note):
            column.addWidget(line)
        self._sentences = self._scrolling(self.sentence)
        self._sentences.setAccessibleName(self.tr("State of the training"))
        column.addWidget(self._sentences, 100)
        column.addStretch(1)
        column.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_3, look.space_2, look.space_3, look.space_2)
        row.setSpacing(look.space_4)
        row.addWidget(left)
        self._right = QStackedWidget()  # as large when the curves are hidden
        self._right.addWidget(self.curves)
        self._right.addWidget(self.details)
        self._right.addWidget(self.lessons)
        row.addWidget(self._right, 1)

    def _link(self, text: str, tip: str) -> QPushButton:
        """Shows something else in place of the curves."""
        link = QPushButton(text)
        link.setProperty("link", True)
        link.setCheckable(True)
        link.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        link.setToolTip(tip)
        link.toggled.connect(self._choose)
        return link

    def _choose(self, wanted: bool) -> None:
        """One of the two at most."""
        if wanted:
            other = self.by_lesson if self.sender() is self.by_class else self.by_class
            other.setChecked(False)
        self._redraw_right()

    @staticmethod
    def _scrolling(line: QLabel) -> QScrollArea:
        """The room that is left, for a sentence of any length."""
        line.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        line.setProperty("panel", True)
        area = QScrollArea()
        area.setWidget(line)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        area.setMinimumHeight(2 * line.fontMetrics().lineSpacing())
        return area

    @staticmethod
    def _line(role: str) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        set_role(label, role)
        return label

    def _redraw(self) -> None:
        state = self._training
        self.headline.setText(self._headline())
        self._say(self.numbers, self._numbers())
        self._say(self.device, state.started.device if state.started else "")
        self._say(self.device_note, state.started.device_note if state.started else "")
        say(self.sentence, self._sentence())
        self._sentences.setVisible(bool(self.sentence.text()))
        set_role(self.sentence, "danger" if state.problem else "")
        self.bar.setVisible(state.is_running)
        self.bar.setValue(round(state.now.done * STEPS) if state.now else 0)
        self.pause.setVisible(state.is_running)
        self.stop.setVisible(state.is_running)
        if state.is_paused:
            self.pause.set_face(self.tr("Continue"), "play")
        else:
            self.pause.set_face(self.tr("Pause"), "pause")
        can_resume = not state.is_running and state.resumable_run > 0
        self.resume.setVisible(can_resume)
        turned = state.overfitting.epoch if state.overfitting else 0
        self.curves.show_points(state.curves, turned)
        self._redraw_offer()
        self._redraw_right()

    def _redraw_offer(self) -> None:
        """To train again where labels were corrected since the last run, else to train."""
        n, is_running = self._corrections.count, self._training.is_running
        offered = n > 0 and not is_running
        if offered:
            self.again.set_face(self._offer(n), "play")
        self.again.setVisible(offered)
        self.start.setVisible(not is_running and not offered)

    def _offer(self, n: int) -> str:
        if self._training.resumable_run:  # beside the button that resumes it
            return self.tr("Train again ({n:,})").format(n=n)
        if n == 1:
            return self.tr("Train again with your correction")
        return self.tr("Train again with your {n:,} corrections").format(n=n)

    def _redraw_right(self) -> None:
        """The curves, or in their place the classes, or what decisions taught."""
        state = self._training
        has_classes = not state.is_running and bool(state.result.get("per_class"))
        detailed = has_classes and self.by_class.isChecked()
        if detailed and self._detailed is not state.result:
            self.details.show_result(state.result, state.remarks)
            self._detailed = state.result
        self.by_class.setVisible(has_classes)
        has_lessons = self._learning.fit is not None
        taught = has_lessons and self.by_lesson.isChecked()
        self.by_lesson.setVisible(has_lessons)
        instead = self.lessons if taught else self.details if detailed else None
        self._right.setCurrentWidget(instead or self.curves)
        self.curves.setVisible(not instead and (state.is_running or bool(state.curves)))

    def _say(self, label: QLabel, text: str) -> None:
        say(label, text)
        needed = label.heightForWidth(self._left.sizeHint().width())
        label.setMinimumHeight(max(0, needed))  # never half a line
        label.setVisible(bool(text))

    def _headline(self) -> str:
        state = self._training
        if state.is_running:
            if state.now is None:
                return self.tr("Starting…")
            epochs = state.started.epochs if state.started else 0
            if state.now.epoch and epochs:
                return self.tr("{phase} · epoch {k} / {n}").format(
                    phase=self._phase(state.now.phase), k=state.now.epoch, n=epochs
                )
            if state.now.epoch:
                return self.tr("{phase} · epoch {k}").format(
                    phase=self._phase(state.now.phase), k=state.now.epoch
                )
            return self._phase(state.now.phase)
        if state.result:
            return self.tr("Run {run} is done").format(run=state.run)
        if state.problem:
            return self.tr("The run ended early")
        return self.tr("The run was stopped") if state.started else self.tr("No run yet")

    def _phase(self, phase: str) -> str:
        return {
            "reading": self.tr("Reading images"),
            "first look": self.tr("First look"),
            "training": self.tr("Training"),
            "scoring": self.tr("Scoring"),
            "paused": self.tr("Paused"),
        }.get(phase, phase)

    def _numbers(self) -> str:
        state = self._training
        if state.result and not state.is_running:
            return self._accuracies()
        if not state.is_running or state.now is None:
            return ""
        parts = []
        if state.now.images_per_second > 0:
            parts.append(self.tr("{:,.0f} images/s").format(state.now.images_per_second))
        left = self._time_left(state.now.seconds_left)
        if left and not state.is_paused:
            parts.append(left)
        return " · ".join(parts)

    def _accuracies(self) -> str:
        train = accuracy_text(self._training.result.get("train_accuracy"))
        held_out = accuracy_text(self._training.result.get("heldout_accuracy"))
        said = self.tr("accuracy: train {train}, held-out {held_out}").format(
            train=train, held_out=held_out
        )
        judged = self._training.result.get("judged") or {}
        if judged.get("n"):
            said += self.tr("; always answering {name}: {majority}").format(
                name=judged["majority_class"],
                majority=accuracy_text(judged["majority_accuracy"]),
            )
        return said

    def _sentence(self) -> str:
        state = self._training
        if state.problem:
            return str(state.problem)
        if state.remarks:
            return self._first_of(state.remarks)
        if state.overfitting:
            return state.overfitting.sentence
        if not state.is_running and state.started is None:
            return self.tr("Start one: it ranks the images by how suspect their labels are.")
        return ""

    def _first_of(self, remarks: list[str]) -> str:
        more = len(remarks) - 1
        if not more:
            return remarks[0]
        return self.tr("{remark} ({n} more under Classes)").format(remark=remarks[0], n=more)

    def _time_left(self, seconds: float) -> str:
        if not math.isfinite(seconds):
            return ""
        minutes, rest = divmod(round(seconds), 60)
        if minutes >= 60:
            return self.tr("{} h {} min left").format(*divmod(minutes, 60))
        if minutes:
            return self.tr("{} min {} s left").format(minutes, rest)
        return self.tr("{} s left").format(rest)


def accuracy_text(value: object) -> str:
    """An accuracy in percent, or a dash where nothing was measured."""
    if isinstance(value, float | int) and math.isfinite(value):
        return f"{100 * value:.1f}%"
    return "–"
