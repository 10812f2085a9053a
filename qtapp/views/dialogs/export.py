"""Asks what to export and where; shows what is left out, and how far the export is."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from models.errors import WinnowError
from models.review.decisions import Status
from qtapp.state.activity import ActivityState
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.parts import set_role

FORMATS = ("h5", "csv")


class ExportDialog(QDialog):
    """It can stay open, or be closed, while the export goes on."""

    asked = Signal(str, str, object)  # path, "h5" or "csv", tuple of names of review states
    cancel_asked = Signal()

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        exporting: ActivityState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._exporting = session, labels, exporting
        self.setWindowTitle(self.tr("Export a cleaned dataset"))
        self.setMinimumWidth(520)
        self.formats = {
            "h5": QRadioButton(self.tr("HDF5: images, labels, log; opens again in Winnow")),
            "csv": QRadioButton(self.tr("CSV: one line an image, without the pixels")),
        }
        self.place = QLineEdit()
        self.place.setAccessibleName(self.tr("File to write"))
        self.browse = QPushButton(self.tr("Choose…"))
        self.states = {state: QCheckBox() for state in Status}
        self.summary, self.outcome = QLabel(), QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the export"))
        self.export_button = QPushButton(self.tr("Export"))
        self.export_button.setProperty("primary", True)
        self.export_button.setDefault(True)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self._lay_out()
        self._connect()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        for label in (self.summary, self.outcome):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.formats["h5"].setChecked(True)
        kinds, boxes = QVBoxLayout(), QVBoxLayout()
        for radio in self.formats.values():
            kinds.addWidget(radio)
        for state, box in self.states.items():
            box.setChecked(state != Status.EXCLUDED)
            boxes.addWidget(box)
        for column in (kinds, boxes):
            column.setSpacing(look.space_1)
        place = QHBoxLayout()
        place.setSpacing(look.space_2)
        place.addWidget(self.place, 1)
        place.addWidget(self.browse)
        form = QFormLayout()
        form.setHorizontalSpacing(look.space_4)
        form.setVerticalSpacing(look.space_3)
        form.addRow(self.tr("Format"), kinds)
        form.addRow(self.tr("Images"), boxes)
        form.addRow(self.tr("File"), place)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.export_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_4, look.space_4, look.space_4, look.space_3)
        whole.setSpacing(look.space_3)
        whole.addLayout(form)
        whole.addWidget(self.summary)
        whole.addWidget(self.bar)
        whole.addWidget(self.outcome)
        whole.addStretch()
        whole.addLayout(buttons)

    def _connect(self) -> None:
        for radio in self.formats.values():
            radio.toggled.connect(self._follow_format)
        for box in self.states.values():
            box.toggled.connect(self._redraw)
        self.place.textChanged.connect(self._redraw)
        self.browse.clicked.connect(self._browse)
        self.export_button.clicked.connect(self._ask)
        self.cancel_button.clicked.connect(self._cancel)
        self._labels.changed.connect(self._redraw_if_visible)
        self._exporting.changed.connect(self._redraw_progress)
        self._exporting.ended.connect(self._tell_end)

    # -- asking --------------------------------------------------------------------------
    def ask(self) -> None:
        """Open; the answers of an export under way stay as they are."""
        if not self._exporting.is_running:
            self.outcome.clear()
            self.place.setText(self._free_place())
        self._redraw()
        self._redraw_progress()
        self.show()
        self.raise_()

    @property
    def _format(self) -> str:
        return next(name for name, radio in self.formats.items() if radio.isChecked())

    def _free_place(self) -> str:
        """A name beside the project that nothing has yet: an export never replaces a file."""
        folder = os.path.dirname(self._session.project_path)
        stem = self._session.info.name if self._session.info else "dataset"
        for number in range(1, 1_000):
            suffix = f"-{number}" if number > 1 else ""
            path = os.path.join(folder, f"{stem}-cleaned{suffix}.{self._format}")
            if not os.path.exists(path):
                return path
        return ""

    def _follow_format(self, chosen: bool) -> None:
        stem, extension = os.path.splitext(self.place.text())
        if chosen and extension.lstrip(".") in FORMATS:
            self.place.setText(f"{stem}.{self._format}")

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Export to"), self.place.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(self._format)
        dialog.selectFile(self.place.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()

    def _ask(self) -> None:
        only = tuple(state.name.lower() for state, box in self.states.items() if box.isChecked())
        self.outcome.clear()
        self.asked.emit(self.place.text(), self._format, only)

    def _cancel(self) -> None:
        if self._exporting.is_running:
            self.cancel_asked.emit()
        else:
            self.reject()

    # -- showing -------------------------------------------------------------------------
    def _redraw_if_visible(self) -> None:
        if self.isVisible():
            self._redraw()

    def _redraw(self) -> None:
        names = {
            Status.PENDING: self.tr("pending"),
            Status.KEPT: self.tr("kept"),
            Status.CHANGED: self.tr("changed"),
            Status.EXCLUDED: self.tr("excluded"),
            Status.SECOND_LOOK: self.tr("second look"),
        }
        counts = {state: self._labels.count(state) for state in Status}
        left_out = [state for state, box in self.states.items() if not box.isChecked()]
        for state, box in self.states.items():
            box.setText(f"{names[state]} ({counts[state]:,})")
        total = sum(counts.values())
        n = total - sum(counts[state] for state in left_out)
        sentence = self.tr("{n:,} of {total:,} images.").format(n=n, total=total)
        missing = [f"{counts[state]:,} {names[state]}" for state in left_out if counts[state]]
        if missing:
            sentence += " " + self.tr("Left out: {}.").format(", ".join(missing))
        if self._format == "h5":
            sentence += " " + self.tr("Images that cannot be read are left out and listed.")
        problem = self._problem(n)
        self.summary.setText(problem or sentence)
        set_role(self.summary, "danger" if problem else "muted")
        self.export_button.setEnabled(not problem and not self._exporting.is_running)

    def _problem(self, n: int) -> str:
        path = self.place.text()
        if self._exporting.is_running:
            return ""
        if not n:
            return self.tr("Nothing would be exported: tick a state that has images.")
        if not path:
            return self.tr("Choose a file to write.")
        if not os.path.isdir(os.path.dirname(path)):
            return self.tr("There is no such folder; choose another.")
        if os.path.exists(path):
            return self.tr("This file exists, and an export never replaces one; choose another.")
        return ""

    def _redraw_progress(self) -> None:
        running, progress = self._exporting.is_running, self._exporting.progress
        self.bar.setVisible(running)
        if running and progress is not None:
            self.bar.setRange(0, max(progress.total, 1))
            self.bar.setValue(progress.done)
            set_role(self.outcome, "muted")
            self.outcome.setText(progress.doing)
        elif running:
            self.bar.setRange(0, 0)
        self.export_button.setEnabled(self.export_button.isEnabled() and not running)
        self.cancel_button.setText(self.tr("Cancel") if running else self.tr("Close"))
        for widget in (self.place, self.browse, *self.formats.values(), *self.states.values()):
            widget.setEnabled(not running)

    def _tell_end(self, error: BaseException | None) -> None:
        written = self.place.text()
        self._redraw()
        if error is None:
            set_role(self.outcome, "success")
            self.outcome.setText(self.tr("✓ Written and read back: {}").format(written))
            self.summary.clear()
            self.export_button.setEnabled(False)
        elif isinstance(error, WinnowError):
            set_role(self.outcome, "danger")
            self.outcome.setText(str(error))
        else:
            set_role(self.outcome, "muted")
            self.outcome.setText(self.tr("The export ended early; nothing was left behind."))
