"""Asks what to export and where; shows what is left out, and how far the export is."""

from __future__ import annotations

import os

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from models.errors import WinnowError
from models.review.decisions import Status
from qtapp.state.activity import ActivityState
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.dialogs.export_options import ENDINGS, ExportChoices
from qtapp.views.parts import set_role

_WIDTH_PX = 520  # or wider, where its sentences are longer
_SUFFIXES = tuple(os.path.splitext(ending)[1] for ending in ENDINGS.values())


class ExportDialog(QDialog):
    """It can stay open, or be closed, while the export goes on."""

    asked = Signal(str, str, object)  # path, format, ExportOptions
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
        self.choices = ExportChoices()
        self.place = QLineEdit()
        self.place.setAccessibleName(self.tr("File or folder to write"))
        self._proposed = ""
        self.browse = QPushButton(self.tr("Choose…"))
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
        place = QHBoxLayout()
        place.setSpacing(look.space_2)
        place.addWidget(self.place, 1)
        place.addWidget(self.browse)
        self.choices.form.addRow(self.tr("Write to"), place)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.export_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_4, look.space_4, look.space_4, look.space_3)
        whole.setSpacing(look.space_3)
        whole.addWidget(self.choices)
        whole.addWidget(self.summary)
        whole.addWidget(self.bar)
        whole.addWidget(self.outcome)
        whole.addStretch()
        whole.addLayout(buttons)

    def _connect(self) -> None:
        self.choices.changed.connect(self._redraw)
        self.choices.format_changed.connect(self._follow_format)
        self.place.textChanged.connect(self._redraw)
        self.browse.clicked.connect(self._browse)
        self.export_button.clicked.connect(self._ask)
        self.cancel_button.clicked.connect(self._cancel)
        self._session.changed.connect(self._follow_session)
        self._labels.changed.connect(self._redraw_if_visible)
        self._exporting.changed.connect(self._redraw_progress)
        self._exporting.ended.connect(self._tell_end)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_WIDTH_PX, 0))

    # -- asking --------------------------------------------------------------------------
    def ask(self, as_format: str = "") -> None:
        """Open, with a format chosen if one is named; the answers of an export under way stay as
        they are."""
        if not self._exporting.is_running:
            if as_format:
                self.choices.formats[as_format].setChecked(True)
            self.outcome.clear()
            self._propose()
        self._redraw()
        self._redraw_progress()
        self.show()
        self.raise_()

    def _propose(self) -> None:
        self._proposed = self._free_place()
        self.place.setText(self._proposed)

    def _follow_session(self) -> None:
        """Another dataset does not go where the one before was to go."""
        if self._session.is_open:
            self._propose()
        self._redraw_if_visible()

    def _free_place(self) -> str:
        """A name beside the project that nothing has yet: an export never replaces a file."""
        folder = os.path.dirname(self._session.project_path)
        stem = self._session.info.name if self._session.info else "dataset"
        for number in range(1, 1_000):
            suffix = f"-{number}" if number > 1 else ""
            ending, extension = os.path.splitext(ENDINGS[self.choices.format])
            path = os.path.join(folder, f"{stem}{ending}{suffix}{extension}")
            if not os.path.exists(path):
                return path
        return ""

    def _follow_format(self) -> None:
        """Propose another name, or give the person's own one the format's suffix."""
        stem, extension = os.path.splitext(self.place.text())
        if self.place.text() == self._proposed:
            self._propose()
        elif extension in _SUFFIXES:
            self.place.setText(stem + os.path.splitext(ENDINGS[self.choices.format])[1])
        self._redraw()
        self.adjustSize()

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Export to"), self.place.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        suffix = os.path.splitext(ENDINGS[self.choices.format])[1]
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(self.place.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()

    def _ask(self) -> None:
        self.outcome.clear()
        self.asked.emit(self.place.text(), self.choices.format, self.choices.options())

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
        boxes, chosen = self.choices.states, self.choices.format
        left_out = [state for state, box in boxes.items() if not box.isChecked()]
        for state, box in boxes.items():
            box.setText(f"{names[state]} ({counts[state]:,})")
        total = sum(counts.values())
        n = total - sum(counts[state] for state in left_out)
        if self.choices.follows_sample:
            sentence, left_out = self.tr("The images that the sample names, in its order."), []
        else:
            at_most = self.choices.top.value() if chosen == "worklist" else n
            shown = min(n, at_most)
            sentence = self.tr("{n:,} of {total:,} images.").format(n=shown, total=total)
        missing = [f"{counts[state]:,} {names[state]}" for state in left_out if counts[state]]
        if missing:
            sentence += " " + self.tr("Left out: {}.").format(", ".join(missing))
        if chosen in ("h5", "npz", "folder", "parquet"):
            sentence += " " + self.tr("Images that cannot be read are left out and listed.")
        problem = self._problem(n)
        self.summary.setText(problem or sentence)
        set_role(self.summary, "danger" if problem else "muted")
        self.export_button.setEnabled(not problem and not self._exporting.is_running)

    def _problem(self, n: int) -> str:
        path = self.place.text()
        if self._exporting.is_running:
            return ""
        if not self._session.is_open:
            return self.tr("No dataset is open.")
        if not n and not self.choices.follows_sample:
            return self.tr("Nothing would be exported: tick a state that has images.")
        if not path:
            return self.tr("Choose a place to write to.")
        if not os.path.isdir(os.path.dirname(path)):
            return self.tr("There is no such folder; choose another.")
        if os.path.exists(path):
            return self.tr("This exists, and an export never replaces anything; choose another.")
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
        self.choices.setEnabled(not running)

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
