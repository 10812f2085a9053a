"""The result of a blind session: person, labels and model on the same images."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from models.review.blind_result import BlindResult, Share, result_of
from qtapp.commands.blinding import Blinding
from qtapp.commands.registry import Registry
from qtapp.state.blind import BlindState
from qtapp.state.labels import LabelState
from qtapp.views import theme as look
from qtapp.views.blind.matrix import MOST, ConfusionMatrix
from qtapp.views.blind.parts import Card, Page, Sentences, words
from qtapp.views.blind.wording import (
    about_both,
    about_disagreements,
    about_person,
    about_session,
    images_text,
    interval,
    kappa_text,
    percent,
    tr,
)
from qtapp.views.data.figures import Figure
from qtapp.views.parts import CommandButton, set_role
from qtapp.views.theme import Theme

_WIDEST_PX = 1240


class ResultView(Page):
    """Reads the session with the labels and scores as they are now."""

    def __init__(
        self,
        labels: LabelState,
        blind: BlindState,
        blinding: Blinding,
        registry: Registry,
        theme: Theme,
    ) -> None:
        super().__init__(_WIDEST_PX)
        self.setAccessibleName(tr("Result of a blind session"))
        self._labels, self._blind, self._blinding = labels, blind, blinding
        self.result: BlindResult | None = None
        self.about = words("", "muted")
        self.given, self.now = (
            Figure(tr("You, by the given labels")),
            Figure(tr("You, by labels as they stand")),
        )
        self.kappa, self.twice = Figure(tr("Cohen's kappa")), Figure(tr("Shown twice"))
        self.person, self.both, self.differ = Sentences(), Sentences(), Sentences()
        self.show_differ = QPushButton()
        self.matrix = ConfusionMatrix(theme)
        self.shown_part = words("", "muted")
        self.cells: dict[tuple[int, int], QLabel] = {}
        self._lay_out(registry, theme)

    def _lay_out(self, registry: Registry, theme: Theme) -> None:
        title = QLabel(tr("Result of the blind session"))
        title.setProperty("role", "title")
        self.save = QPushButton(tr("Export the result…"))
        self.save.setToolTip(tr("Figures as JSON, and every answer as CSV beside it"))
        self.save.clicked.connect(self._blinding.export)
        top = QHBoxLayout()
        top.setSpacing(look.space_2)
        top.addWidget(title)
        top.addStretch()
        top.addWidget(self.save)
        top.addWidget(CommandButton(registry, "look.escape", theme, text=tr("All sessions")))
        top.addWidget(CommandButton(registry, "look.grid", theme, text=tr("Back to the grid")))
        figures = QHBoxLayout()
        figures.setSpacing(look.space_3)
        for figure in (self.given, self.now, self.kappa, self.twice):
            figures.addWidget(figure, 1)
        self.show_differ.setProperty("primary", True)
        self.show_differ.clicked.connect(self._show_differ)
        button = QHBoxLayout()
        button.addWidget(self.show_differ)
        button.addStretch()
        right_card = Card(tr("Who was right?"), [self.differ])
        right_card.column.addLayout(button)
        self.table = self._table()
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(right_card)
        left.addWidget(Card(tr("You"), [self.person]))
        left.addWidget(Card(tr("The model on the same images"), [self.table, self.both]))
        matrix_card = Card(tr("Your confusions, by labels as they stand"), [self.shown_part])
        matrix_card.column.addWidget(self.matrix, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(matrix_card)
        for column in (left, right):
            column.setSpacing(look.space_3)
            column.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(look.space_3)
        body.addLayout(left, 1)
        body.addLayout(right)
        self.column.addLayout(top)
        self.column.addWidget(self.about)
        self.column.addLayout(figures)
        self.column.addLayout(body, 1)

    def _table(self) -> QWidget:
        """You and the model, by given labels and by those that stand."""
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.space_4)
        grid.setVerticalSpacing(look.space_1)
        for column, text in enumerate((tr("given labels"), tr("labels as they stand")), 1):
            heading = QLabel(text)
            heading.setProperty("role", "muted")
            grid.addWidget(heading, 0, column)
        for row, text in enumerate((tr("You"), tr("The model")), 1):
            grid.addWidget(QLabel(text), row, 0)
            for column in (1, 2):
                self.cells[row, column] = QLabel()
                grid.addWidget(self.cells[row, column], row, column)
        grid.setColumnStretch(3, 1)
        return table

    def redraw(self) -> None:
        if not 0 <= self._blind.shown < len(self._blind.sessions):
            return
        session = self._blind.sessions[self._blind.shown]
        result = self.result = result_of(session, self._blinding.known())
        self.about.setText(about_session(session, result))
        self.given.say(percent(result.accuracy_given.value), interval(result.accuracy_given))
        self.now.say(percent(result.accuracy_now.value), interval(result.accuracy_now))
        self.kappa.say(*kappa_text(result.kappa))
        twice = result.self_agreement
        agreed = (
            tr("{same} of {n}").format(same=round(twice.value * twice.n), n=twice.n)
            if twice.n
            else "–"
        )
        remark = (
            tr("answered alike ({0})").format(interval(twice))
            if twice.n
            else tr("none came round again")
        )
        self.twice.say(agreed, remark)
        self.person.say(about_person(result))
        self.both.say(about_both(result))
        self.differ.say(about_disagreements(result))
        n = len(result.disagreements)
        self.show_differ.setVisible(n > 0)
        self.show_differ.setText(
            tr("Show the image where you and the label disagree")
            if n == 1
            else tr("Show the {n} where you and the label disagree").format(n=images_text(n))
        )
        self._redraw_table(result)
        self._redraw_matrix(result)

    def _redraw_table(self, result: BlindResult) -> None:
        self.table.setVisible(result.paired is not None)
        figures = (
            (result.accuracy_given, result.accuracy_now),
            (result.model_given, result.model_now),
        )
        for row, shares in enumerate(figures, 1):
            for column, share in enumerate(shares, 1):
                self.cells[row, column].setText(_with_interval(share))

    def _redraw_matrix(self, result: BlindResult) -> None:
        names, labelled = self._labels.class_names, result.labels >= 0
        labels, answers = result.labels[labelled], result.answers[labelled]
        self.matrix.show_answers(labels, answers, names)
        hidden = len(set(labels.tolist()) | set(answers.tolist())) > MOST
        set_role(self.shown_part, "muted")
        self.shown_part.setText(
            tr("Labels down, your answers across; the classes confused most often.")
            if hidden
            else tr("Labels down, your answers across.")
        )

    def _show_differ(self) -> None:
        if self.result is not None:
            self._blinding.show_images(self.result.disagreements)


def _with_interval(share: Share | None) -> str:
    if share is None or not share.n:
        return "–"
    return f"{percent(share.value)}   ({interval(share)})"
