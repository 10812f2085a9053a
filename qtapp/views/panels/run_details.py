"""What a run found out, in full: its sentences, and how each class fared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtapp.views import theme as look
from qtapp.views.parts import FittedRows, plain_tip

_SENTENCES_PX = 84  # at most; the rest scrolls
_LEAST_LETTERS = 18  # of a class name in sight


class ClassRows(QTableWidget):
    """Figures as wide as they are, names in the room they leave; where that is too little to tell
    them apart, the figures are scrolled."""

    def __init__(self) -> None:
        super().__init__(0, 5)
        header, rows = self.horizontalHeader(), self.verticalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        header.sectionResized.connect(self._follow_figures)
        rows.setMinimumSectionSize(0)
        FittedRows(self, look.space_2)
        rows.hide()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_names()

    def fit_names(self) -> None:
        header, letters = self.horizontalHeader(), self.fontMetrics().averageCharWidth()
        room = self.viewport().width() - sum(map(header.sectionSize, range(1, header.count())))
        needed = max(self.sizeHintForColumn(0), header.sectionSizeHint(0))
        header.resizeSection(0, max(room, min(needed, _LEAST_LETTERS * letters)))

    def _follow_figures(self, column: int) -> None:
        if column:
            self.fit_names()


class RunDetails(QWidget):
    """Sentences above a table with a row for each class, the worst first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentences = QLabel()
        self.sentences.setWordWrap(True)
        self.sentences.setTextFormat(Qt.TextFormat.PlainText)
        self.sentences.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentences.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentences.setProperty("panel", True)
        self._scroller = QScrollArea()
        self._scroller.setWidget(self.sentences)
        self._scroller.setWidgetResizable(True)
        self._scroller.setAccessibleName(self.tr("What the run found"))
        self._scroller.setMaximumHeight(_SENTENCES_PX)
        self.table = ClassRows()
        self.table.setAccessibleName(self.tr("Accuracy of each class"))
        self.table.setHorizontalHeaderLabels(
            (
                *(self.tr("Class"), self.tr("Images"), self.tr("Recall = accuracy")),
                *(self.tr("Predicted"), self.tr("Precision")),
            )
        )
        # The dock is as high as the curves need; a long table scrolls.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(look.space_1)
        whole.addWidget(self._scroller)
        whole.addWidget(self.table, 1)

    def show_result(self, result: Mapping[str, Any], sentences: Sequence[str]) -> None:
        """Show a run by its result, the `train` contract; runs of old have less in it."""
        self.sentences.setText("\n".join(sentences))
        self._scroller.setVisible(bool(sentences))
        classes = [one for one in result.get("per_class", ()) if "recall_ci95" in one]
        classes.sort(key=lambda one: (one["recall"] is None, one["recall"]))
        self.table.setRowCount(len(classes))
        for row, one in enumerate(classes):
            cells = (
                *(one["class"], f"{one['n']:,}", interval_text(one["recall"], one["recall_ci95"])),
                f"{one['n_predicted']:,}",
                interval_text(one["precision"], one["precision_ci95"]),
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip("" if column else plain_tip(text))
                self.table.setItem(row, column, item)
        self.table.fit_names()


def interval_text(value: float | None, interval: Sequence[float | None]) -> str:
    """A share in percent with its interval, or a dash where nothing was counted."""
    if value is None:
        return "–"
    low, high = (round(100 * (end or 0)) for end in interval)
    return f"{100 * value:.1f}% ({low} to {high}%)"
