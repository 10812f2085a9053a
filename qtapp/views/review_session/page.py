"""The session page: how the review goes, in figures, two curves and two tables."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.review.ordering import Filters
from models.review.query import all_of
from models.review.session import Causes, Session
from models.types import SampleIds
from qtapp.commands.registry import Registry
from qtapp.state.audit import AuditState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.review_session import ReviewSessionState
from qtapp.state.selection import SelectionState
from qtapp.state.view import GRID, ViewState
from qtapp.state.worth import WorthState
from qtapp.views import theme as look
from qtapp.views.data.figures import Figure
from qtapp.views.parts import section
from qtapp.views.plots.spans import SpanPlot
from qtapp.views.review_session.tables import CauseTable, ChangeTable
from qtapp.views.review_session.wording import interval, number, percent, seconds, spent
from qtapp.views.review_session.worth import WorthCard
from qtapp.views.theme import Theme

_WIDTH_PX, _HEIGHT_PX = 980, 680
_PLOT_PX = 150


class SessionPage(QDialog):
    """Asks for figures while it is in sight; a line of what changed filters the grid."""

    def __init__(
        self,
        labels: LabelState,
        audit: AuditState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        state: ReviewSessionState,
        worth: WorthState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._audit, self._order, self._view = labels, audit, order, view
        self._selection, self._state, self._registry = selection, state, registry
        self.setWindowTitle(self.tr("This session"))
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self.scope = QComboBox()
        self.spent = QLabel()
        self.pace = Figure(self.tr("Decisions a minute"))
        self.time = Figure(self.tr("Time per decision"))
        self.errors = Figure(self.tr("Errors per 100 looked at"))
        self.left = Figure(self.tr("Errors left"))
        self.agreement = Figure(self.tr("Agree with the model"))
        self.pace_plot = SpanPlot(self.tr("Decisions a minute, by minute"), theme, "curve_train")
        self.error_plot = SpanPlot(
            self.tr("Errors per 100 looked at, by minute"), theme, "curve_held_out"
        )
        self.changes, self.causes = ChangeTable(), CauseTable()
        self.worth = WorthCard(worth, registry, theme)
        self.unchanged, self.uncaused, self.bound = QLabel(), QLabel(), QLabel()
        self.empty = QLabel(
            self.tr(
                "No decision yet. Keep, accept or change a few labels: how fast it goes, how many "
                "errors turn up and what changed is counted here."
            )
        )
        self.close_button = QPushButton(self.tr("Close"))
        self._lay_out()
        self.scope.activated.connect(self._ask)
        self.changes.chosen.connect(self._filter)
        self.changes.picked.connect(self._pick)
        self.close_button.clicked.connect(self.reject)
        state.changed.connect(self._redraw)
        audit.changed.connect(self._redraw_left)
        labels.saved_changed.connect(self._redraw_left)
        self._redraw()

    def ask(self) -> None:
        """Open it, beside the window: deciding can go on."""
        self.show()
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._state.watch(True)
        self._redraw_left()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._state.watch(False)

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.scope.addItems([self.tr("This session"), self.tr("Whole review")])
        self.scope.setAccessibleName(self.tr("Count"))
        self.scope.setToolTip(self.tr("A session begins after half an hour without a decision"))
        self.bound.setText(
            self.tr(
                "Over the whole review. At most: the share of all labelled images whose label was "
                "wrong because of it, as far as errors were found. What doing away with the cause "
                "gives back in accuracy can only be less."
            )
        )
        for label in (self.spent, self.empty, self.unchanged, self.uncaused, self.bound):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top_left = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        self.unchanged.setAlignment(top_left)
        self.uncaused.setAlignment(top_left)
        head = QHBoxLayout()
        head.setSpacing(look.space_3)
        head.addWidget(self.scope)
        head.addWidget(self.spent, 1)
        figures = QHBoxLayout()
        figures.setSpacing(look.space_2)
        for figure in (self.pace, self.time, self.errors, self.left, self.agreement):
            figures.addWidget(figure, 1)
        plots, tables = QHBoxLayout(), QHBoxLayout()
        for row in (plots, tables):
            row.setSpacing(look.space_3)
        for plot in (self.pace_plot, self.error_plot):
            plot.setFixedHeight(_PLOT_PX)
            plots.addWidget(plot, 1)
        self._changed = _stack(self.changes, self.unchanged)
        self._caused = _stack(_under(self.causes, self.bound), self.uncaused)
        tables.addWidget(_under(section(self.tr("What changed")), self._changed), 1)
        tables.addWidget(_under(section(self.tr("Causes among the errors")), self._caused), 1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_3)
        column.addLayout(figures)
        column.addLayout(plots)
        column.addLayout(tables, 1)
        column.addWidget(self.worth)
        self._pages = _stack(content, self.empty)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_4, look.space_4, look.space_4, look.space_4)
        whole.setSpacing(look.space_3)
        whole.addLayout(head)
        whole.addWidget(self._pages, 1)
        whole.addLayout(foot)

    # -- showing -------------------------------------------------------------------------
    def _redraw(self) -> None:
        session, causes = self._state.session, self._state.causes
        self.scope.setCurrentIndex(0 if self._state.newest_only else 1)
        is_empty = session is None or not session.presses
        self._pages.setCurrentIndex(1 if is_empty else 0)
        self.spent.setText("" if session is None else spent(session))
        if session is None or causes is None or is_empty:
            return
        self._redraw_figures(session)
        self._redraw_left()
        self.pace_plot.show_values(session.course.minutes, session.course.per_minute)
        self.error_plot.show_values(session.course.minutes, session.course.errors_per_100)
        self.changes.show_changes(session, self._labels.class_names)
        self._changed.setCurrentIndex(0 if session.changes else 1)
        self.unchanged.setText(self.tr("No label was changed, no image excluded."))
        self._redraw_causes(causes)

    def _redraw_figures(self, session: Session) -> None:
        self.pace.say(number(session.per_minute, 1), self.tr("counted by key press"))
        self.time.say(seconds(session.median_s), self.tr("half of them took less"))
        rate = 100 * session.errors / session.looked_at if session.looked_at else float("nan")
        found = self.tr("{errors:,} of {n:,} images")
        self.errors.say(number(rate, 1), found.format(errors=session.errors, n=session.looked_at))
        agreement = session.agreement
        of = self.tr("{interval}, of {n:,}").format(interval=interval(agreement), n=agreement.of)
        nothing = self.tr("no suggestion was shown")
        self.agreement.say(percent(agreement), of if agreement.of else nothing)

    def _redraw_left(self) -> None:
        if not self.isVisible():
            return
        left = self._audit.errors_left()
        if not left.audited:
            self.left.say("–", self.tr("no random image yet"))
            return
        said = self.tr("95%, from {n:,} at random").format(n=left.audited)
        self.left.say(self.tr("{0:,} to {1:,}").format(left.low, left.high), said)

    def _redraw_causes(self, causes: Causes) -> None:
        self.causes.show_causes(causes)
        self._caused.setCurrentIndex(0 if causes.of_each else 1)
        self.uncaused.setText(
            self.tr(
                "No cause named yet. {key} on an image, or on a selection, says why its label was "
                "wrong; what each cause costs is counted here."
            ).format(key=self._registry.key_text("decide.tag"))
        )

    def _ask(self, index: int) -> None:
        self._state.ask(newest_only=index == 0)

    def _filter(self, query: str) -> None:
        if self._labels.has_wholesale:
            query = all_of([query, "not wholesale"])  # those count nowhere
        self._order.filter_by(Filters(query=query))
        self._view.set_mode(GRID)

    def _pick(self, sample_ids: SampleIds) -> None:
        self._selection.select(sample_ids)
        self._selection.set_current(int(sample_ids[0]))
        self._order.show_tab("selected")
        self._view.set_mode(GRID)


def _stack(*widgets: QWidget) -> QStackedWidget:
    stack = QStackedWidget()
    stack.setFrameShape(QFrame.Shape.NoFrame)
    for widget in widgets:
        stack.addWidget(widget)
    return stack


def _under(upper: QWidget, lower: QWidget) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(look.space_1)
    for widget in (upper, lower):
        column.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
    return both
