"""The card of the guided first run, at the lower right of the window."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from models.review.query import equals
from models.types import UNLABELLED
from qtapp.commands.registry import Registry
from qtapp.state.activity import ActivityState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.tour import Step, TourState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.theme import Theme

_WIDTH_PX, _DOT_PX = 340, 6


class TourCard(QFrame):
    """Says what to try next. It lies over the window and takes neither keys nor focus."""

    def __init__(
        self,
        tour: TourState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        selection: SelectionState,
        view: ViewState,
        training: ActivityState,
        registry: Registry,
        theme: Theme,
        over: QMainWindow,
    ) -> None:
        super().__init__(over)
        self._tour, self._labels, self._scores = tour, labels, scores
        self._order, self._selection = order, selection
        self._view, self._training = view, training
        self._registry, self._over, self._said = registry, over, ""
        self.setProperty("tour", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title, self.words = QLabel(), QLabel()
        self.title.setProperty("role", "section")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.dots, self._column = StepDots(theme), QVBoxLayout(self)
        self.skip_button, self.next_button = QPushButton(), QPushButton()
        self.skip_button.setProperty("flat", True)
        for button, slot in ((self.skip_button, tour.skip), (self.next_button, tour.next)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(slot)
        self._lay_out()
        over.installEventFilter(self)
        for changed in (
            *(tour.changed, labels.changed, scores.changed, order.newer_changed, training.changed),
            *(selection.current_changed, view.changed, registry.keys_changed, theme.changed),
        ):
            changed.connect(self._redraw)
        self._redraw()

    def _lay_out(self) -> None:
        self.skip_button.setText(self.tr("Skip the tour"))
        self.skip_button.setToolTip(self.tr("It is in the Help menu if you want it later"))
        below = QHBoxLayout()
        below.setSpacing(look.space_2)
        below.addWidget(self.dots)
        below.addStretch(1)
        below.addWidget(self.skip_button)
        below.addWidget(self.next_button)
        column = self._column
        column.setContentsMargins(look.space_4, look.space_3, look.space_3, look.space_3)
        column.setSpacing(look.space_2)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addLayout(below)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)
        if watched is self._over and event.type() in kinds and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    # -- showing -------------------------------------------------------------------------
    def _redraw(self) -> None:
        step = self._tour.step
        if step is None or not self._tour.is_in_sight:
            self.hide()
            self._said = ""
            return
        steps = list(Step)
        number, is_last = steps.index(step) + 1, step is steps[-1]
        words = self._words(step)
        self.dots.show_step(number, len(steps))
        self.title.setText(self.tr("Guided tour").upper())
        self.words.setText(words)
        self.next_button.setText(self.tr("Done") if is_last else self.tr("Next"))
        self.skip_button.setVisible(not is_last)
        self._place()
        self.show()
        self._announce(number, len(steps), words.replace("<b>", "").replace("</b>", ""))

    def _announce(self, number: int, of: int, words: str) -> None:
        """Have a screen reader say a new step; nothing interrupts what it is saying now."""
        said = self.tr("Guided tour, step {number} of {of}: {words}").format(
            number=number, of=of, words=words
        )
        if said != self._said:
            self._said = said
            self.setAccessibleName(said)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _place(self) -> None:
        """At the lower right, over whatever is there; wider where the buttons need it."""
        over, margin = self._over, look.space_4
        wanted = max(_WIDTH_PX, self._column.minimumSize().width())
        self.setFixedWidth(max(min(wanted, over.width() - 2 * margin), 0))
        self.setFixedHeight(self._column.totalHeightForWidth(self.width()))
        below = over.statusBar().height() if over.statusBar().isVisible() else 0
        x = margin if self.isRightToLeft() else over.width() - self.width() - margin
        self.move(max(x, 0), max(over.height() - below - self.height() - margin, 0))
        self.raise_()

    # -- words -----------------------------------------------------------------------------
    def _words(self, step: Step) -> str:
        if step is Step.ORDER:
            return self._about_order()
        if step is Step.DECIDE:
            return self._about_decision()
        sentences = {
            Step.ENLARGE: self.tr(
                "The image whose label is most likely wrong comes first. Press {single} to see it "
                "large."
            ),
            Step.UNDO: self.tr(
                "Your decision is on disk already, and can be undone, today or next week. Press "
                "{undo}."
            ),
            Step.GRID: self.tr("Press {grid} to see all images again."),
            Step.PEEK: self.tr(
                "Hold {peek} to look at one closely, with its neighbours beside it. Let go, and "
                "you are back."
            ),
            Step.QUERY: self.tr(
                "Press {query}, type {example} and press Enter: only these images remain."
            ),
            Step.EXPORT: self.tr(
                "{escape} leaves the line. {export} writes the cleaned dataset as a new file; "
                "yours is never changed. {keys} shows every key."
            ),
        }
        return self._with_keys(sentences[step])

    def _about_order(self) -> str:
        if self._order.has_newer:
            sentence = self.tr(
                "The model has looked at every image. Press {new_order} to put the most suspicious "
                "ones first."
            )
        elif self._training.is_running:
            sentence = self.tr(
                "In almost every dataset some labels are wrong. A model is learning which; it "
                "will offer a new order in a moment."
            )
        else:
            sentence = self.tr(
                "In almost every dataset some labels are wrong. Choose {start} in the Run menu, "
                "and a model finds out which."
            )
        return self._with_keys(sentence)

    def _about_decision(self) -> str:
        """About the image that is current now, with what the model says of it if it may."""
        current = self._selection.current
        if current == NOTHING or current >= len(self._labels.labels):
            return self._with_keys(self.tr("Choose an image, then press {keep} to keep its label."))
        name, suggested = self._labels.class_name, self._scores.suggested(current)
        label = self._labels.labels[current]
        if suggested in (UNLABELLED, label) or self._view.predictions_hidden:
            sentence = self.tr(
                "Its label is {given}. Press {keep} to keep it, or the key of another class."
            )
        else:
            sentence = self.tr(
                "Its label is {given}, the model would say {suggested}. Press {accept} to accept "
                "that, {keep} to keep the label."
            )
        return self._with_keys(sentence, given=name(label), suggested=name(suggested))

    def _with_keys(self, sentence: str, **names: str) -> str:
        """The sentence with keys as they are bound now, and names, in bold."""
        names |= {word: self._key(command_id) for word, command_id in _KEYS.items()}
        first = self._labels.class_names[0] if self._labels.class_names else ""
        names["example"] = equals("given", first)
        return escape(sentence, quote=False).format(
            **{word: f"<b>{escape(name, quote=False)}</b>" for word, name in names.items()}
        )

    def _key(self, command_id: str) -> str:
        """How to run a command: its key, or its words as the menu has them."""
        texts = {line.id: line.text for line in self._registry.described()}
        return self._registry.key_text(command_id) or texts[command_id]


_KEYS = {
    "accept": "decide.accept",
    "escape": "look.escape",
    "export": "file.export",
    "grid": "look.grid",
    "keep": "decide.keep",
    "keys": "help.keys",
    "new_order": "look.new_order",
    "peek": "look.peek",
    "query": "look.query",
    "single": "look.single",
    "start": "run.start",
    "undo": "decide.undo",
}


class StepDots(QWidget):
    """How far the tour is: done steps and this one filled, the others rings."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._number, self._of = theme, 1, 1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_step(self, number: int, of: int) -> None:
        self._number, self._of = number, of
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._of * 2 * _DOT_PX, 2 * _DOT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.color("accent")
        painter.setPen(QPen(colour, 1))
        for step in range(self._of):
            place = self._of - 1 - step if self.isRightToLeft() else step
            painter.setBrush(colour if step < self._number else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(2 * _DOT_PX * place + 1, _DOT_PX // 2, _DOT_PX - 1, _DOT_PX - 1)
