"""What the person's decisions taught, in full: why, and how much each clue counts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtapp.state.learning import LearningState
from qtapp.views import theme as look
from qtapp.views.parts import FittedRows


class Lessons(QWidget):
    """A sentence above a line for each clue, the strongest first."""

    def __init__(self, learning: LearningState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._learning = learning
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = self._make_table()
        # The dock is as high as the curves need; a long table scrolls.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(look.space_1)
        whole.addWidget(self.reason)
        whole.addWidget(self.table, 1)
        learning.changed.connect(self._redraw)
        self._redraw()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 3)
        table.setAccessibleName(self.tr("What your decisions taught"))
        table.setToolTip(
            self.tr("How much one standard deviation of each clue adds to the log-odds of an error")
        )
        table.setShowGrid(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the grid
        columns, lines = table.horizontalHeader(), table.verticalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns.setStretchLastSection(True)
        columns.hide()
        lines.setMinimumSectionSize(0)
        FittedRows(table, look.space_1)
        lines.hide()
        return table

    def _redraw(self) -> None:
        self.reason.setText(self._learning.reason)
        weights = self._learning.weights
        self.table.setVisible(bool(weights))
        self.table.setRowCount(len(weights))
        for row, (clue, weight) in enumerate(weights):
            counts = self.tr("counts more") if weight > 0 else self.tr("counts less")
            for column, text in enumerate((counts, f"{abs(weight):.2f}", clue)):
                self.table.setItem(row, column, QTableWidgetItem(text))
