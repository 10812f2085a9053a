"""What can be asked of the confusion matrix: which labels, which split, rates or counts, order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from models.review.confusion import MatrixAsked
from qtapp.views import theme as look
from qtapp.views.panels.matrix_text import tr


class MatrixControls(QWidget):
    """Two lines of controls."""

    asked = Signal(object)  # MatrixAsked, by the person

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.of_labels, self.splits = QComboBox(), QComboBox()
        self.of_labels.addItems([tr("Given labels"), tr("Labels now")])
        self.of_labels.setAccessibleName(tr("Which labels are counted"))
        self.splits.setAccessibleName(tr("Which split is counted"))
        self.rates, self.counts = QPushButton(tr("Rates")), QPushButton(tr("Counts"))
        self.rates.setToolTip(tr("In percent of each label; pairs by share"))
        self.counts.setToolTip(tr("In images; pairs by number"))
        self.together = QCheckBox(tr("Confused side by side"))
        self.together.setToolTip(
            tr("Order the classes so that those confused with one another are neighbours")
        )
        self._units = QButtonGroup(self)
        for tab in (self.rates, self.counts):
            tab.setCheckable(True)
            tab.setProperty("tab", True)
            self._units.addButton(tab)
        for box in (self.of_labels, self.splits):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(9)
            box.activated.connect(self._ask)
        self._units.buttonClicked.connect(self._ask)
        self.together.clicked.connect(self._ask)
        self._lay_out()

    def show_asked(self, asked: MatrixAsked, splits: Sequence[str]) -> None:
        entries = [tr("All splits"), *splits]
        if [self.splits.itemText(at) for at in range(self.splits.count())] != entries:
            self.splits.clear()
            self.splits.addItems(entries)
        self.splits.setVisible(len(splits) > 1)
        self.splits.setCurrentIndex(0 if asked.split is None else asked.split + 1)
        self.of_labels.setCurrentIndex(int(asked.corrected))
        (self.rates if asked.rates else self.counts).setChecked(True)
        self.together.setChecked(asked.together)

    def _lay_out(self) -> None:
        which, how, both = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        for line in (both, which, how):
            line.setSpacing(look.space_1)
        for box in (self.of_labels, self.splits):
            which.addWidget(box, 1)
        for widget in (self.rates, self.counts, self.together):
            how.addWidget(widget)
        how.addStretch()
        both.addLayout(which)
        both.addLayout(how)
        for control in (self.of_labels, self.splits, self.rates, self.counts, self.together):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _ask(self) -> None:
        split = self.splits.currentIndex() - 1
        self.asked.emit(
            MatrixAsked(
                corrected=self.of_labels.currentIndex() == 1,
                split=split if split >= 0 else None,
                rates=self.rates.isChecked(),
                together=self.together.isChecked(),
            )
        )
