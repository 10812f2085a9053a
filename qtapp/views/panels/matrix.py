"""The confusion matrix: which class is taken for which, and the way to the images of a cell."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.review.confusion import Cell, query_for
from qtapp.commands.registry import Registry
from qtapp.state.activity import TrainingState
from qtapp.state.confusion import ConfusionState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.panels.matrix_controls import MatrixControls
from qtapp.views.panels.matrix_grid import MatrixGrid
from qtapp.views.panels.matrix_text import sentence, short, summary, tr
from qtapp.views.panels.pairs import PairTable
from qtapp.views.parts import CommandButton, plain_tip, say, section
from qtapp.views.theme import Theme

COLUMN_PX, COLUMN_SHARE = (300, 460), 0.26  # of the width, within bounds
LEAST_PX = 226  # high, for ten classes to be read
FINDINGS_LINES = 3  # in sight at most


class MatrixPanel(QWidget):
    """Shows a ConfusionState and asks it for another; what is chosen becomes a query."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        training: TrainingState,
        confusion: ConfusionState,
        view: ViewState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._order, self._training, self._confusion = order, training, confusion
        self._view, self._hides = view, False
        self._chosen: Cell | None = None
        self._query = ""  # that the chosen cell was asked for by
        self._short_names: list[str] = []  # by class code
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.grid, self.pairs = MatrixGrid(theme), PairTable()
        self.controls = MatrixControls()
        self.said, self.findings = QLabel(), QLabel()
        self.clear = QPushButton(tr("Clear filter"))
        self.empty = QLabel()
        self.start = CommandButton(registry, "run.start", theme, glyph="play")
        self._lay_out()
        self._connect(theme)
        self._redress()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.clear.setProperty("link", True)
        self.clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for label in (self.said, self.findings, self.empty):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.said.setProperty("role", "muted")
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(look.space_2, look.space_2, look.space_2, look.space_2)
        row.setSpacing(look.space_3)
        row.addWidget(self.grid, 1)
        row.addWidget(self._beside())
        self._stack = QStackedWidget()
        self._stack.addWidget(whole)
        self._stack.addWidget(self._nothing())
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._stack)

    def _beside(self) -> QWidget:
        """Controls, what is pointed at in words, findings, pairs."""
        beside = QWidget()
        self._column = beside
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        title = QHBoxLayout()
        title.addWidget(section(tr("Most confused")))
        title.addStretch()
        title.addWidget(self.clear)
        self.findings.setProperty("panel", True)
        self._findings = QScrollArea()
        self._findings.setWidget(self.findings)
        self._findings.setWidgetResizable(True)
        self._findings.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._findings.setAccessibleName(tr("What the run found of whole classes"))
        column.addWidget(self.controls)
        column.addWidget(self.said)
        column.addWidget(self._findings)
        column.addLayout(title)
        column.addWidget(self.pairs, 1)
        return beside

    def _nothing(self) -> QWidget:
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addStretch()
        column.addWidget(self.empty)
        column.addWidget(self.start, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return nothing

    def _connect(self, theme: Theme) -> None:
        self.controls.asked.connect(self._confusion.ask)
        self.grid.chosen.connect(self._choose)
        self.pairs.chosen.connect(self._choose)
        self.grid.pointed.connect(self._say)
        self.clear.clicked.connect(self._unfilter)
        self._confusion.changed.connect(self._redraw)
        self._session.changed.connect(self._redraw)
        self._scores.changed.connect(self._redraw_empty)
        self._view.changed.connect(self._follow_view)
        self._training.changed.connect(self._redraw_findings)
        self._order.wanted_changed.connect(self._mark)
        theme.changed.connect(self._redress)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Behind another tab of the dock nothing is painted, and nothing need be counted."""
        super().paintEvent(event)
        self._confusion.watch(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_column()

    def _fit_column(self) -> None:
        least, most = COLUMN_PX
        wanted = max(least, min(round(COLUMN_SHARE * self.width()), most))
        self._column.setFixedWidth(max(wanted, self.controls.minimumSizeHint().width()))

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, LEAST_PX))

    # -- asking --------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._confusion.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._confusion.watch(False)

    def _choose(self, cell: Cell) -> None:
        """Show these images; once more, and all are shown again."""
        matrix, info = self._confusion.matrix, self._session.info
        if matrix is None or info is None:
            return
        if cell == self._in_force:
            self._unfilter()
            return
        query = query_for(cell, matrix, self._labels.classes, list(info.splits))
        self._chosen, self._query = cell, query
        self._order.filter_by(replace(self._order.wanted.filters, query=query))
        self._mark()

    def _unfilter(self) -> None:
        self._order.filter_by(replace(self._order.wanted.filters, query=""))

    @property
    def _in_force(self) -> Cell | None:
        """The chosen cell, as long as nobody asked for something else."""
        return self._chosen if self._query == self._order.wanted.filters.query else None

    # -- showing -------------------------------------------------------------------------
    def _redress(self) -> None:
        """The lines may be higher now, and the words wider."""
        self.said.setFixedHeight(2 * self.said.fontMetrics().lineSpacing() + 2)
        line = self.findings.fontMetrics().lineSpacing()
        self._findings.setMaximumHeight(FINDINGS_LINES * line + 2)
        self._fit_column()
        self._redraw()

    def _redraw(self) -> None:
        matrix, names = self._confusion.matrix, self._labels.class_names
        self._short_names = [short(name) for name in names]
        splits = list(self._session.info.splits) if self._session.info else []
        self.controls.show_asked(self._confusion.asked, splits)
        self.grid.show_matrix(matrix, names)
        if self.visibleRegion().isEmpty():
            self._confusion.watch(False)
        self.pairs.set_pairs(matrix.pairs if matrix else (), names)
        self._say(None)
        self._redraw_empty()
        self._redraw_findings()
        self._mark()

    def _follow_view(self) -> None:
        if self._view.is_hiding != self._hides:
            self._hides = self._view.is_hiding
            self._redraw_empty()

    def _redraw_empty(self) -> None:
        shows = self._confusion.matrix is not None and not self._hides
        self._stack.setCurrentIndex(0 if shows else 1)
        if self._hides:
            self.empty.setText(tr("Predictions are hidden."))
        elif self._scores.shown is None:
            self.empty.setText(tr("Which class is taken for which appears after the first look."))
        elif not self._labels.has_labels:
            self.empty.setText(tr("No image has a label yet: there is nothing to compare."))
        else:
            self.empty.setText(tr("Counting…"))
        self.start.setVisible(self._scores.shown is None and not self._hides)

    def _redraw_findings(self) -> None:
        findings = self._training.findings
        say(self.findings, "\n".join(findings))
        self._findings.setVisible(bool(findings))

    def _mark(self) -> None:
        in_force = self._in_force
        self.grid.mark(in_force)
        self.pairs.mark_cell(in_force)
        self.clear.setVisible(in_force is not None)

    def _say(self, cell: Cell | None) -> None:
        """What is pointed at; what all cells say where nothing is."""
        matrix = self._confusion.matrix
        if matrix is None:
            said = ""
        elif cell is None:
            said = summary(matrix)
        else:
            said = sentence(cell, matrix, self._short_names)
        self.said.setText(said)
        self.said.setToolTip(plain_tip(said))
