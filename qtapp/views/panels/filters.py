"""The left rail: what may be shown, and how many there are of each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from models.review.decisions import Status
from models.review.ordering import Facets, Filters
from models.review.queues import Queue
from models.types import UNLABELLED
from qtapp.commands.digits import key_of_class
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.panels.facets import Facet, FacetList
from qtapp.views.panels.histogram import RangeHistogram
from qtapp.views.panels.queues import QueuePanel
from qtapp.views.parts import Later, UpAndDown, section
from qtapp.views.theme import Theme

SEARCH_FROM = 20  # more classes than this are searched and scrolled in a list of their own
CLASS_LINES = 10  # of which at least so many are in sight
SWATCHES = {
    Status.PENDING: "pending",
    Status.KEPT: "kept",
    Status.CHANGED: "corrected",
    Status.EXCLUDED: "excluded",
    Status.SECOND_LOOK: "second_look",
}


class FiltersPanel(QWidget):
    """Reads the facets of an order and asks it for other filters."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        order: OrderState,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._order = session, labels, order
        self._theme = theme
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._score_names = {
            "suspicion": self.tr("Suspicion"),
            "loss": self.tr("Loss"),
            "confidence": self.tr("Confidence"),
            "margin": self.tr("Margin"),
            "anomaly": self.tr("Anomaly"),
        }
        self.clear_button = QPushButton(self.tr("Clear filters"))
        self.clear_button.setProperty("link", True)
        self.clear_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clear_button.clicked.connect(lambda: order.filter_by(Filters()))
        self.statuses = FacetList(self.tr("Review state"), theme)
        self.queues = QueuePanel(order, theme)
        self.splits = FacetList(self.tr("Splits"), theme)
        self.classes = FacetList(self.tr("Class"), theme, has_keys=True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a class"))
        self.search.setAccessibleName(self.tr("Find a class"))
        self.search.setClearButtonEnabled(True)
        self.histograms = {
            name: RangeHistogram(title, theme) for name, title in self._score_names.items()
        }
        self._scores = QWidget()
        self._no_scores = QLabel(self.tr("Scores appear here after the first look."))
        self._lay_out()
        self._connect()
        self._redraw_values()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self._no_scores.setProperty("role", "muted")
        self._no_scores.setWordWrap(True)
        self._no_scores.setContentsMargins(look.space_1, 0, look.space_1, look.space_3)
        for rail in (self.statuses, self.queues.rail, self.splits):
            rail.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scores = QVBoxLayout(self._scores)
        scores.setContentsMargins(look.space_1, 0, look.space_1, 0)
        scores.setSpacing(2)
        for name, histogram in self.histograms.items():
            scores.addWidget(section(self._score_names[name]))
            scores.addWidget(histogram)
            scores.addSpacing(look.space_2)
        self._splits_title = section(self.tr("Splits"))
        content = QWidget()
        content.setProperty("panel", True)
        column = QVBoxLayout(content)
        column.setContentsMargins(look.space_2, look.space_2, look.space_2, look.space_3)
        column.setSpacing(look.space_1)
        top = QHBoxLayout()
        top.addWidget(self._indented(section(self.tr("Review state"))))
        top.addStretch()
        top.addWidget(self.clear_button)
        column.addLayout(top)
        column.addWidget(self.statuses)
        column.addSpacing(look.space_2)
        column.addWidget(self.queues)
        column.addWidget(self._scores)
        column.addWidget(self._no_scores)
        column.addWidget(self._indented(self._splits_title))
        column.addWidget(self.splits)
        column.addSpacing(look.space_1)
        column.addWidget(self._indented(section(self.tr("Class"))))
        column.addWidget(self.search)
        column.addWidget(self.classes, 1)
        column.addStretch(0)
        self._column = column
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(UpAndDown(content))

    @staticmethod
    def _indented(label: QLabel) -> QLabel:
        label.setContentsMargins(look.space_1, 0, 0, 0)
        return label

    def _connect(self) -> None:
        self.statuses.chosen_changed.connect(self._filter_statuses)
        self.queues.rail.chosen_changed.connect(self._filter_queues)
        self.splits.chosen_changed.connect(self._filter_splits)
        self.classes.chosen_changed.connect(self._filter_classes)
        self.search.textChanged.connect(self.classes.item_model.search)
        for name, histogram in self.histograms.items():
            histogram.setObjectName(name)
            histogram.chosen.connect(self._filter_range)
        self._session.changed.connect(self._redraw_values)
        self._labels.loaded.connect(self.search.clear)  # it was about other classes
        self._labels.loaded.connect(self._redraw_values)
        self._labels.classes_changed.connect(self._redraw_values)
        self._labels.changed.connect(Later(self._redraw_statuses, self).ask)
        self._order.facets_changed.connect(self._redraw_values)
        self._order.wanted_changed.connect(self._redraw_values)
        self._theme.changed.connect(self._redraw_values)  # the lines may be higher now

    # -- asking --------------------------------------------------------------------------
    @property
    def _filters(self) -> Filters:
        return self._order.wanted.filters

    def _filter_statuses(self, chosen: frozenset[int]) -> None:
        self._order.filter_by(replace(self._filters, statuses=chosen))

    def _filter_queues(self, chosen: frozenset[int]) -> None:
        queues = frozenset(map(Queue, chosen))
        self._order.filter_by(replace(self._filters, queues=queues))

    def _filter_splits(self, chosen: frozenset[int]) -> None:
        self._order.filter_by(replace(self._filters, splits=chosen))

    def _filter_classes(self, chosen: frozenset[int]) -> None:
        self._order.filter_by(replace(self._filters, classes=chosen))

    def _filter_range(self, kept: tuple[float, float] | None) -> None:
        ranges = {**self._filters.ranges}
        ranges.pop(self.sender().objectName(), None)
        if kept is not None:
            ranges[self.sender().objectName()] = kept
        self._order.filter_by(replace(self._filters, ranges=ranges))

    # -- showing -------------------------------------------------------------------------
    def _redraw_values(self) -> None:
        self.clear_button.setVisible(not self._filters.is_empty)
        self._redraw_statuses()
        self._redraw_splits()
        self._redraw_classes()
        self._redraw_histograms(self._order.facets)

    def _redraw_statuses(self) -> None:
        names = {
            Status.PENDING: self.tr("Pending"),
            Status.KEPT: self.tr("Kept"),
            Status.CHANGED: self.tr("Changed"),
            Status.EXCLUDED: self.tr("Excluded"),
            Status.SECOND_LOOK: self.tr("Second look"),
        }
        facets = [
            Facet(state, names[state], self._labels.count(state), SWATCHES[state])
            for state in Status
        ]
        self.statuses.show_facets(facets, self._filters.statuses)
        self.statuses.setFixedHeight(self.statuses.height_of(len(facets)))

    def _redraw_splits(self) -> None:
        splits = self._session.info.splits if self._session.info else {}
        facets = [Facet(code, name, n) for code, (name, n) in enumerate(splits.items())]
        self.splits.show_facets(facets, self._filters.splits)
        self.splits.setFixedHeight(self.splits.height_of(len(facets)))
        self.splits.setVisible(len(facets) > 1)
        self._splits_title.setVisible(len(facets) > 1)

    def _redraw_classes(self) -> None:
        names = self._labels.class_names
        counts = self._order.facets.classes if self._order.facets else {}
        facets = [
            Facet(code, names[code], counts.get(code, 0), key=key_of_class(names, code))
            for code in self._labels.classes.offered()
        ]
        if counts.get(UNLABELLED):
            facets.append(Facet(UNLABELLED, self.tr("no label"), counts[UNLABELLED]))
        self.classes.show_facets(facets, self._filters.classes)
        many = len(facets) > SEARCH_FROM
        self.search.setVisible(many)
        if not many:
            self.search.clear()  # out of sight it must hide no class
        height = self.classes.height_of(CLASS_LINES if many else len(facets))
        self.classes.setMinimumHeight(height)
        self.classes.setMaximumHeight(16_777_215 if many else height)
        self._column.setStretch(self._column.count() - 1, 0 if many else 1)

    def _redraw_histograms(self, facets: Facets | None) -> None:
        counted = facets.histograms if facets else {}
        self._scores.setVisible(bool(counted))
        self._no_scores.setVisible(not counted)
        for name, histogram in self.histograms.items():
            if name in counted:
                histogram.show_counts(counted[name], self._filters.ranges.get(name))
            histogram.setEnabled(name in counted)
