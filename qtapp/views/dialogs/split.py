"""Asks how a dataset is to be divided anew, and shows what that comes to before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from models.errors import WinnowError
from models.review.guard import is_test
from qtapp.state.remedying import Division, RemedyState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.parts import UpAndDown, indent, set_role

_WIDTH_PX, _MOST_ROWS_PX = 480, 220
_LINES = 5  # that the outcome usually has
_SOON_MS = 300  # what is typed is thought about once the hand rests
_USUAL = ("train", "validation", "test")
_FOLDS, _MOST_FOLDS = 5, 100


class SplitDialog(QDialog):
    """Every answer asks for a preview of it; nothing is made but by its button."""

    thought_of = Signal(object)  # Division, to be previewed
    wanted = Signal()  # what was previewed last
    source_wanted = Signal()  # the splits of the source
    dropped = Signal()  # the preview

    def __init__(
        self, session: SessionState, state: RemedyState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._state = session, state
        self.setWindowTitle(self.tr("Split anew"))
        self.by_shares = QRadioButton(self.tr("Splits with these shares of the images:"))
        self.by_folds = QRadioButton(self.tr("Equal folds for cross-validation:"))
        self.shares: dict[str, QDoubleSpinBox] = {}
        self.kept: dict[str, QCheckBox] = {}
        self.folds, self.seed = QSpinBox(), QSpinBox()
        for field in (self.folds, self.seed):
            indent(field)
        self.outcome = QLabel()
        self.make_button = QPushButton(self.tr("Split anew"))
        self.source_button = QPushButton(self.tr("Splits of the source again"))
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self._rows = QWidget()
        self._grid, self._form = QGridLayout(self._rows), QFormLayout()
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._think)
        self._lay_out()
        self._connect()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.by_shares.setChecked(True)
        self.folds.setRange(2, _MOST_FOLDS)
        self.folds.setValue(_FOLDS)
        self.folds.setAccessibleName(self.tr("Number of folds"))
        self.seed.setRange(0, 1_000_000)
        self.seed.setToolTip(self.tr("The same seed gives the same split"))
        self.outcome.setWordWrap(True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.make_button.setProperty("primary", True)
        self.make_button.setDefault(True)
        self._grid.setContentsMargins(look.space_4, 0, 0, 0)
        self._grid.setColumnStretch(3, 1)
        self._scroll = UpAndDown(self._rows)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        self._form.addRow(self.by_folds, self.folds)
        self._form.addRow(self.tr("Seed"), self.seed)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.space_2)
        buttons.addWidget(self.source_button)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.make_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_4, look.space_4, look.space_4, look.space_3)
        whole.setSpacing(look.space_3)
        whole.addWidget(self.by_shares)
        whole.addWidget(self._scroll)
        whole.addLayout(self._form)
        whole.addWidget(self.outcome)
        whole.addStretch()
        whole.addLayout(buttons)

    def _connect(self) -> None:
        self.by_shares.toggled.connect(self._answered)
        self.folds.valueChanged.connect(self._answered)
        self.seed.valueChanged.connect(self._answered)
        self.make_button.clicked.connect(self._make)
        self.source_button.clicked.connect(self._bring_back)
        self.cancel_button.clicked.connect(self.reject)
        self._state.changed.connect(self._redraw)
        self._session.changed.connect(self._leave_what_is_closed)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_WIDTH_PX, 0))

    # -- asking --------------------------------------------------------------------------
    def ask(self) -> None:
        """Open, with the splits there are in the sizes they have."""
        self._fill()
        self.show()
        self.raise_()
        self._think()

    def division(self) -> Division:
        """What is asked for now."""
        kept = tuple(name for name, box in self.kept.items() if box.isChecked())
        if self.by_folds.isChecked():
            shares = {f"fold{number}": 1.0 for number in range(1, self.folds.value() + 1)}
        else:
            shares = {
                name: box.value()
                for name, box in self.shares.items()
                if box.value() and name not in kept
            }
        return Division(shares, kept, self.seed.value())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        self.dropped.emit()

    def _fill(self) -> None:
        """A row for each split there is, and for those most people have."""
        info, usual = self._session.info, dict(self._state.usual.shares)
        there = list(info.splits) if info and len(info.splits) > 1 else []
        kept = self._state.usual.kept if info else ()
        usual.update({name: info.splits[name] / info.n for name in kept} if info else {})
        for name in _USUAL:
            known = any(_stands_for(one, name) for one in usual)
            usual.update({} if known else {name: 0.0})
        grid = self._grid
        while (item := grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.shares, self.kept = {}, {}
        for row, (name, share) in enumerate(usual.items()):
            box = QDoubleSpinBox(decimals=1, minimum=0.0, maximum=100.0, suffix=" %")
            indent(box)
            box.setValue(100 * share)
            box.setAccessibleName(self.tr("Share of {0}").format(name))
            box.valueChanged.connect(self._answered)
            label = QLabel(name)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(box)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
            self.shares[name] = box
            if name in there:
                keep = QCheckBox(self.tr("stays as it is"))
                keep.setAccessibleName(self.tr("{0} stays as it is").format(name))
                keep.setChecked(name in kept)
                keep.toggled.connect(self._answered)
                grid.addWidget(keep, row, 2)
                self.kept[name] = keep
        self._align()
        self._scroll.setFixedHeight(min(self._rows.sizeHint().height(), _MOST_ROWS_PX))
        self._order_tabs()
        self._redraw()

    def _align(self) -> None:
        """Put all numbers in one column, those of the rows and those below them."""
        self.by_folds.ensurePolished()
        spare = look.space_4 + self._grid.horizontalSpacing() - self._form.horizontalSpacing()
        self._grid.setColumnMinimumWidth(0, self.by_folds.sizeHint().width() - spare)
        fields = (self.folds, self.seed, *self.shares.values())
        for field in fields:
            field.ensurePolished()
        widest = max(field.sizeHint().width() for field in fields)
        for field in fields:
            field.setMinimumWidth(widest)

    def _order_tabs(self) -> None:
        """As it is read: the rows are younger than what stands below them."""
        of_rows = [
            widget
            for name, box in self.shares.items()
            for widget in (box, self.kept.get(name))
            if widget is not None
        ]
        after = (self.by_folds, self.folds, self.seed, self.source_button, self.cancel_button)
        for first, then in pairwise((self.by_shares, *of_rows, *after, self.make_button)):
            QWidget.setTabOrder(first, then)

    def _answered(self) -> None:
        self._redraw()
        self._soon.start()

    def _think(self) -> None:
        if self.isVisible():
            self.thought_of.emit(self.division())

    def _make(self) -> None:
        if self._is_previewed():
            self.wanted.emit()
            self.hide()

    def _bring_back(self) -> None:
        self.source_wanted.emit()
        self.hide()

    def _leave_what_is_closed(self) -> None:
        """The splits it asks about may not be there any more."""
        if not self._session.is_open:
            self.hide()

    def _is_previewed(self) -> bool:
        proposed = self._state.proposed
        return proposed is not None and proposed.division == self.division()

    # -- showing -------------------------------------------------------------------------
    def _redraw(self) -> None:
        if not self.shares:
            return
        for name, box in self.shares.items():
            keep = self.kept.get(name)
            box.setEnabled(self.by_shares.isChecked() and not (keep and keep.isChecked()))
        self.folds.setEnabled(self.by_folds.isChecked())
        self.source_button.setVisible(bool(self._state.settled.divided))
        is_previewed, error = self._is_previewed(), self._state.error
        self.make_button.setEnabled(is_previewed)
        proposed = self._state.proposed
        if is_previewed and proposed is not None:
            set_role(self.outcome, "")
            self.outcome.setText("\n".join(self._in_words(proposed.report)))
        elif isinstance(error, WinnowError) and not self._soon.isActive():
            set_role(self.outcome, "danger")
            self.outcome.setText(str(error))
        else:
            set_role(self.outcome, "muted")
            progress = self._state.progress
            doing = progress.doing if progress else self.tr("looking what belongs together")
            said = self.tr("{0}…").format(doing[:1].upper() + doing[1:])
            self.outcome.setText(said + (_LINES - 1) * "\n")  # the buttons stay where they are

    def _in_words(self, report: Mapping[str, Any]) -> list[str]:
        """What `winnow split` says of the same."""
        sizes = ", ".join(f"{name} {n:,}" for name, n in report["splits"].items())
        told = [sizes, *self._evenness(report)]
        if missing := report["missing"]:
            one, more = missing[0], len(missing) - 1
            said = self.tr("No image of {class_name} in {split}").format(
                class_name=one["class"], split=one["split"]
            )
            told.append(self.tr("{0}, and {1:,} more").format(said, more) if more else said)
        if entering := report["unlabelled_into"]:
            said = ", ".join(f"{name} {n:,}" for name, n in entering.items())
            told.append(self.tr("Without a label, into splits that had none: {0}").format(said))
        groups, leaks = report["groups"], report["leaks"]
        if groups["n"]:
            single = self.tr("1 group of copies or related images, {images:,} images")
            several = self.tr("{n:,} groups of copies or related images, {images:,} images")
            said = single if groups["n"] == 1 else several
            told.append(said.format(n=groups["n"], images=groups["images"]))
            told.append(
                self.tr("Torn across splits: {before:,} images before, {after:,} then").format(
                    before=leaks["before"]["images"], after=leaks["after"]["images"]
                )
            )
        else:
            told.append(self.tr("No image has a copy."))
        if n := report["left_out"]:
            single = self.tr("1 excluded or unreadable image not counted")
            several = self.tr("{n:,} excluded or unreadable images not counted")
            told.append(single if n == 1 else several.format(n=n))
        told.append(self.tr("The dataset opens anew; the source and every decision stay."))
        return told

    def _evenness(self, report: Mapping[str, Any]) -> list[str]:
        off = report["deviation"]
        if not off:
            return []
        said = self.tr("Largest deviation of a class share {after:.2%}").format(after=off["after"])
        if off["before"] is None:
            return [said]
        return [self.tr("{0}; before, {1:.2%}").format(said, off["before"])]


def _stands_for(split: str, name: str) -> bool:
    """Whether a split of a source is what most people call so."""
    return is_test(split) if name == "test" else split.lower().startswith(name[:3])
