"""The bias dock: what labels and suspicions follow from, how it is distributed, who shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.review.bias import EVERY, SUSPECTS, Association, Spread, query_for, query_for_end
from models.review.properties import PROPERTIES
from models.review.query import mentions
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.bias import BiasAsked, BiasState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.properties import PropertyState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.views import theme as look
from qtapp.views.bias import wording
from qtapp.views.bias.ends import BothEnds, size_on_screen
from qtapp.views.bias.measuring import MeasuringLine
from qtapp.views.bias.plots import Bins, HistogramArea
from qtapp.views.bias.table import AssociationTable
from qtapp.views.bias.wording import tr
from qtapp.views.parts import ElidedLabel
from qtapp.views.theme import Theme

LIST_PX, LIST_SHARE = (268, 380), 0.3  # of the width, within bounds
ENDS_PX, ENDS_SHARE = (176, 420), 0.24
LEAST_PX = 200  # high
_ASKER = "bias"


class BiasPanel(QWidget):
    """Shows a BiasState and asks it for another property; what is kept becomes a query."""

    wanted = Signal()  # measure, or go on measuring
    stopped = Signal()

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        properties: PropertyState,
        bias: BiasState,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores, self._selection = labels, scores, selection
        self._order, self._properties, self._bias = order, properties, bias
        self._thumbnails = thumbnails
        self._kept: tuple[Bins, Spread, str] | None = None  # bins, of what, as which query
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.property_box = QComboBox()
        self.said, self.below = QLabel(), ElidedLabel()
        self.table = AssociationTable(theme)
        self.title = ElidedLabel()
        self.clear = QPushButton(tr("Clear filter"))
        self.plots = HistogramArea(theme)
        self.ends = BothEnds(thumbnails, theme)
        self.line = MeasuringLine(properties)
        self.message, self.measure = QLabel(), QPushButton(tr("Measure the images"))
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._redraw()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.property_box.setAccessibleName(tr("Property"))
        self.property_box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for button in (self.clear, self.measure):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clear.setProperty("link", True)
        self.measure.setProperty("primary", True)
        for label in (self.said, self.message):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.below.setProperty("role", "small")
        self.title.setProperty("role", "small")
        self.message.setProperty("role", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        found = QWidget()
        row = QHBoxLayout(found)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_3)
        row.addWidget(self._left())
        row.addLayout(self._middle(), 1)
        row.addWidget(self.ends)
        self._pages.addWidget(self._nothing())
        self._pages.addWidget(found)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_3, look.space_2, look.space_3, look.space_2)
        column.setSpacing(look.space_1)
        column.addWidget(self.line)
        column.addWidget(self._pages, 1)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, LEAST_PX))

    def _left(self) -> QWidget:
        left = self._list = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        for widget in (self.said, self.table, self.below):
            column.addWidget(widget, 1 if widget is self.table else 0)
        return left

    def _middle(self) -> QVBoxLayout:
        above = QHBoxLayout()
        above.setSpacing(look.space_2)
        above.addWidget(self.property_box)
        above.addWidget(self.title, 1)
        above.addWidget(self.clear)
        column = QVBoxLayout()
        column.setSpacing(look.space_1)
        column.addLayout(above)
        column.addWidget(self.plots, 1)
        return column

    def _nothing(self) -> QWidget:
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addStretch()
        column.addWidget(self.message)
        column.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return nothing

    def _connect(self) -> None:
        self.measure.clicked.connect(self.wanted)
        self.line.wanted.connect(self.wanted)
        self.line.stopped.connect(self.stopped)
        self.clear.clicked.connect(lambda: self._filter(""))
        self.property_box.activated.connect(self._choose_property)
        self.table.chosen.connect(self._choose)
        self.plots.cells.kept.connect(self._keep)
        self.plots.cells.looked_at.connect(self._look_at)
        self.ends.chosen.connect(self._selection.set_current)
        self.ends.wanted.connect(self._show_end)
        self._bias.changed.connect(self._redraw)
        self._labels.classes_changed.connect(self._redraw)
        self._labels.loaded.connect(self._redraw)
        self._scores.changed.connect(self._redraw_words)
        self._properties.changed.connect(self._redraw_empty)
        self._order.wanted_changed.connect(self._mark)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, (least, most), share in (
            (self._list, LIST_PX, LIST_SHARE),
            (self.ends, ENDS_PX, ENDS_SHARE),
        ):
            column.setFixedWidth(max(least, min(round(share * self.width()), most)))

    # -- asking --------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bias.watch(True)
        self._want_images()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._bias.watch(False)
        self._thumbnails.want_beside(np.empty(0, np.int64), 0, _ASKER)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Behind another tab of the dock nothing is painted, and nothing need be tested."""
        super().paintEvent(event)
        self._bias.watch(True)

    def _choose(self, one: Association) -> None:
        self._bias.ask(BiasAsked(one.name, one.group))

    def _choose_property(self, _index: int) -> None:
        ends = self._bias.ends
        group = EVERY if ends is None else ends.group
        self._bias.ask(BiasAsked(self.property_box.currentData(), group))

    def _look_at(self, group: int) -> None:
        if self._bias.spread is not None:
            self._bias.ask(BiasAsked(self._bias.spread.name, group))

    def _keep(self, bins: Bins) -> None:
        """Show these images; once more, and all are shown again."""
        spread = self._bias.spread
        if spread is None:
            return
        within = wording.bounds(spread, bins.first, bins.last)
        query = query_for(spread, within, bins.group, self._labels.classes)
        if query and query == self._order.wanted.filters.query:
            query = ""
        self._kept = (bins, spread, query)
        self._filter(query)

    def _show_end(self, highest: bool) -> None:
        found, spread, classes = self._bias.ends, self._bias.spread, self._labels.classes
        if found is not None and spread is not None and found.group < len(classes.names):
            self._filter(query_for_end(found, classes, spread.n_excluded, highest=highest))

    def _filter(self, query: str) -> None:
        self._order.filter_by(replace(self._order.wanted.filters, query=query))
        self._mark()

    # -- showing -------------------------------------------------------------------------
    def _redraw(self) -> None:
        bias, names = self._bias, self._labels.class_names
        if self.visibleRegion().isEmpty():
            bias.watch(False)
        report, spread, ends = bias.report, bias.spread, bias.ends
        is_there = report is not None and spread is not None and ends is not None
        self._pages.setCurrentIndex(1 if is_there else 0)
        if report is not None:
            told = (*report.suspects, *report.classes)
            looked_at = ("", EVERY) if ends is None else (ends.name, ends.group)
            self.table.show_associations(told, names, looked_at)
            self.below.set_whole(wording.below(report))
        if spread is not None and ends is not None:
            self._redraw_properties(spread.name)
            self.plots.cells.show_spread(spread, self._groups(), names)
            self.ends.show_ends(ends, self._labels)
            self._want_images()
        self._redraw_words()
        self._redraw_empty()
        self._mark()

    def _groups(self) -> list[int]:
        """Cells: everything, suspects, then the classes, those most unlike the others first."""
        report, spread = self._bias.report, self._bias.spread
        assert report is not None
        assert spread is not None
        n_names = len(self._labels.class_names)
        unlike = [one.group for one in report.classes if one.name == spread.name]
        codes = dict.fromkeys([*unlike, *np.flatnonzero(spread.classes.any(axis=1)).tolist()])
        suspects = [SUSPECTS] if spread.suspects.sum() else []
        return [EVERY, *suspects, *(code for code in codes if code < n_names)]

    def _redraw_properties(self, name: str) -> None:
        known = list(self._properties.varying)
        box = self.property_box
        if [box.itemData(at) for at in range(box.count())] != known:
            box.clear()
            for one in known:
                box.addItem(wording.words(one).title, one)
        box.setCurrentIndex(box.findData(name))

    def _want_images(self) -> None:
        ends = self._bias.ends
        if ends is not None and self.isVisible():
            wanted = np.concatenate([ends.lowest, ends.highest])
            self._thumbnails.want_beside(wanted, size_on_screen(self), _ASKER)

    def _redraw_words(self) -> None:
        report, spread = self._bias.report, self._bias.spread
        if report is not None:
            has_scores = self._scores.shown is not None
            self.said.setText(wording.summary(report, has_scores=has_scores))
        if spread is not None:
            self.title.set_whole(tr("grey: all images"))

    def _redraw_empty(self) -> None:
        state, has_labels = self._properties, self._labels.has_labels
        known = state.properties is not None
        self.measure.setVisible(not known and not state.is_running and has_labels)
        self.message.setText(
            wording.message(
                state.problem,
                has_labels=has_labels,
                is_running=state.is_running,
                is_known=known,
                varies=bool(state.varying),
            )
        )

    def _in_force(self, query: str) -> Bins | None:
        """The bins that are filtered by, as long as nobody asked for something else."""
        if self._kept is None or self._bias.spread is None:
            return None
        bins, of, made = self._kept
        same = (of.name, of.edges) == (self._bias.spread.name, self._bias.spread.edges)
        return bins if query and query == made and same else None

    def _mark(self) -> None:
        query, ends = self._order.wanted.filters.query, self._bias.ends
        self.plots.cells.mark(EVERY if ends is None else ends.group, self._in_force(query))
        self.clear.setVisible(mentions(query, *PROPERTIES))
