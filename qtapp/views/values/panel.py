"""The dock of value plots: which score, broken down by what, or against which other one."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.review.distributions import (
    ALL,
    BY_CLASS,
    BY_SPLIT,
    BY_STATE,
    Bars,
    Cloud,
    ValuesAsked,
    filters_for,
    without_range,
)
from models.types import UNLABELLED
from qtapp.jobs.values import ValueCounter
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.values import ValuesState
from qtapp.state.view import GRID, ViewState
from qtapp.views import theme as look
from qtapp.views.map.wording import colour_name, state_names
from qtapp.views.parts import Column, ElidedLabel
from qtapp.views.theme import Theme
from qtapp.views.values.bar_rows import BarRows
from qtapp.views.values.cloud_plot import CloudPlot
from qtapp.views.values.wording import summary, tr

_WIDTH_PX = 250  # of the controls
_LEAST_PX = 180  # high, for some rows to be read
_EMPTY, _BARS, _CLOUD = range(3)


class ValuesPanel(QWidget):
    """Shows a ValuesState and asks it for another; bars filter, a box selects."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        values: ValuesState,
        counter: ValueCounter,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._order = selection, order
        self._view, self._values = view, values
        self._hides = False
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.score, self.by, self.against = QComboBox(), QComboBox(), QComboBox()
        self.rows, self.cloud, self.empty = BarRows(theme), CloudPlot(theme), QLabel()
        self.said = ElidedLabel()
        self.clear = QPushButton(tr("Clear filter"))
        self.show_selected = QPushButton()
        self.pages, self.controls = QStackedWidget(), Column(_WIDTH_PX)
        self._lay_out()
        self._connect(counter)
        self._redraw()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        for box, name in (
            (self.score, tr("Score")),
            (self.by, tr("Row for each")),
            (self.against, tr("Against")),
        ):
            box.setAccessibleName(name)
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for text, key in (
            (tr("(all together)"), ALL),
            (tr("Split"), BY_SPLIT),
            (tr("Class"), BY_CLASS),
            (tr("Review state"), BY_STATE),
        ):
            self.by.addItem(text, key)
        for button in (self.clear, self.show_selected):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("link", True)
        for label in (self.said, self.empty):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", "muted")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        form = QFormLayout()
        form.setSpacing(look.space_2)
        form.addRow(tr("Score"), self.score)
        form.addRow(tr("Row for each"), self.by)
        form.addRow(tr("Against"), self.against)
        left = QVBoxLayout(self.controls)
        left.setContentsMargins(0, 0, 0, 0)
        left.addLayout(form)
        left.addStretch()
        for page in (self.empty, self.rows, self.cloud):
            self.pages.addWidget(page)
        above = QHBoxLayout()
        above.setSpacing(look.space_2)
        above.addWidget(self.said, 1)
        above.addWidget(self.clear)
        above.addWidget(self.show_selected)
        right = QVBoxLayout()
        right.setSpacing(look.space_1)
        right.addLayout(above)
        right.addWidget(self.pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_3, look.space_2, look.space_2, look.space_2)
        row.setSpacing(look.space_3)
        row.addWidget(self.controls)
        row.addLayout(right, 1)

    def _connect(self, counter: ValueCounter) -> None:
        for box in (self.score, self.by, self.against):
            box.activated.connect(self._ask)
        self.rows.chosen.connect(self._filter)
        self.rows.pointed.connect(self._say)
        self.cloud.pointed.connect(self._say)
        self.cloud.boxed.connect(counter.select_inside)
        self.clear.clicked.connect(self._unfilter)
        self.show_selected.clicked.connect(self._show_selected)
        for changed in (self._values.changed, self._session.changed, self._labels.classes_changed):
            changed.connect(self._redraw)
        self._scores.changed.connect(self._redraw)
        self._order.wanted_changed.connect(self._redraw)
        self._selection.changed.connect(self._redraw_buttons)
        self._view.changed.connect(self._follow_view)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, _LEAST_PX))

    # -- whether somebody looks ------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Behind another tab of the dock nothing is painted, and nothing need be counted."""
        super().paintEvent(event)
        self._values.watch(True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._values.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._values.watch(False)

    # -- asking ----------------------------------------------------------------------------
    def _ask(self) -> None:
        self._values.ask(
            ValuesAsked(self.score.currentData(), self.by.currentData(), self.against.currentData())
        )
        self._redraw()

    def _filter(self, code: int, first: int, last: int) -> None:
        """Show these images; once more, and all are shown again."""
        answer = self._values.answer
        if isinstance(answer, Bars):
            now, kept = self._order.wanted.filters, answer.bins.range(first, last)
            wanted = filters_for(answer.asked, kept, code, now)
            self._order.filter_by(without_range(answer.asked, now) if wanted == now else wanted)

    def _unfilter(self) -> None:
        self._order.filter_by(without_range(self._values.asked, self._order.wanted.filters))

    def _show_selected(self) -> None:
        self._order.show_tab("selected")
        self._view.set_mode(GRID)

    # -- showing ---------------------------------------------------------------------------
    def _redraw(self) -> None:
        self._leave_what_is_gone()
        answer, asked = self._values.answer, self._values.asked
        self._fill(asked)
        kept = self._order.wanted.filters.ranges.get(asked.score)
        if isinstance(answer, Bars):
            names = [self._name(answer.asked.by, code) for code in answer.codes]
            self.rows.show_bars(answer, names, answer.bins.held_by(kept) if kept else None)
        elif isinstance(answer, Cloud):
            self.cloud.show_cloud(answer)
        if self.visibleRegion().isEmpty():
            self._values.watch(False)
        self.by.setEnabled(not asked.against)
        self._say("")
        self._redraw_buttons()
        self._redraw_page()

    def _follow_view(self) -> None:
        if self._view.is_hiding != self._hides:
            self._hides = self._view.is_hiding
            self._redraw_page()

    def _redraw_page(self) -> None:
        answer = self._values.answer
        page = _EMPTY if answer is None else _BARS if isinstance(answer, Bars) else _CLOUD
        self.pages.setCurrentIndex(_EMPTY if self._hides else page)
        self.said.setVisible(not self._hides)
        self.controls.setVisible(self._scores.shown is not None)  # else there is nothing to choose
        if self._hides:
            self.empty.setText(tr("Predictions are hidden."))
        elif self._scores.shown is None:
            self.empty.setText(tr("How scores are distributed appears after the first look."))
        else:
            self.empty.setText(tr("Counting…"))

    def _redraw_buttons(self) -> None:
        asked, count = self._values.asked, self._selection.count
        self.clear.setVisible(asked.score in self._order.wanted.filters.ranges)
        self.show_selected.setText(tr("Show {n:,} selected").format(n=count))
        self.show_selected.setVisible(bool(asked.against) and count > 0)

    def _leave_what_is_gone(self) -> None:
        """What verdicts taught may be no score any more."""
        asked, known = self._values.asked, list(self._scores.values)
        if known and not {asked.score, asked.against} <= {*known, ""}:
            score = asked.score if asked.score in known else known[0]
            against = asked.against if asked.against in known else ""
            self._values.ask(ValuesAsked(score, asked.by, against))

    def _fill(self, asked: ValuesAsked) -> None:
        """The scores there are, and what is asked of them."""
        known = list(self._scores.values)
        for box, keys in ((self.score, known), (self.against, ["", *known])):
            if [box.itemData(at) for at in range(box.count())] != keys:
                box.clear()
                for key in keys:
                    box.addItem(colour_name(key) if key else tr("(nothing)"), key)
        self.score.setCurrentIndex(self.score.findData(asked.score))
        self.by.setCurrentIndex(self.by.findData(asked.by))
        self.against.setCurrentIndex(self.against.findData(asked.against))

    def _name(self, by: str, code: int) -> str:
        if by == BY_CLASS:
            return tr("no label") if code == UNLABELLED else self._labels.class_name(code)
        if by == BY_STATE:
            return state_names()[code]
        splits = list(self._session.info.splits) if self._session.info else []
        return splits[code] if by == BY_SPLIT and code < len(splits) else ""

    def _say(self, words: str) -> None:
        answer = self._values.answer
        self.said.set_whole(words or (summary(answer) if answer is not None else ""))
