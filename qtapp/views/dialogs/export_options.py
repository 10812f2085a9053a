"""What can be chosen for an export besides its place: the format, the images, and how."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from models.review.decisions import Status
from models.types import EXPORT_FORMATS, ExportOptions
from qtapp.views import theme as look
from qtapp.views.parts import indent

# What a new file or folder of each format is called, after the name of the dataset.
ENDINGS = {
    "h5": "-cleaned.h5",
    "npz": "-cleaned.npz",
    "folder": "-cleaned",
    "csv": "-cleaned.csv",
    "parquet": "-cleaned.parquet",
    "predictions": "-predictions.csv",
    "worklist": "-worklist",
}
_MOST_ON_A_PAGE, _ON_A_PAGE = 100_000, 500


class ExportChoices(QWidget):
    """A form; rows that mean nothing for the chosen format are not there."""

    changed = Signal()
    format_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sentences = {
            "h5": self.tr("HDF5: images, labels and every decision; opens again as it was left"),
            "npz": self.tr("NumPy: the arrays that came in, under their own names"),
            "folder": self.tr("Folder: a folder of images for each class"),
            "csv": self.tr("CSV: a line for each image, without the pixels"),
            "parquet": self.tr("Parquet: images and labels, for Hugging Face and pandas"),
            "predictions": self.tr("Predictions: what the model says, as a competition asks"),
            "worklist": self.tr("Work list: what to decide, for others to fill in"),
        }
        self.formats = {name: QRadioButton(sentences[name]) for name in EXPORT_FORMATS}
        self.states = {state: QCheckBox() for state in Status}
        self.files = QComboBox()
        self.files.setAccessibleName(self.tr("Image files"))
        for name, words in (
            ("copy", self.tr("Copies of the images")),
            ("link", self.tr("Hard links: no more space, on the same disk")),
            ("list", self.tr("Only a list of where they are")),
        ):
            self.files.addItem(words, name)
        self.sample = QLineEdit()
        self.sample.setPlaceholderText(self.tr("none: the columns are id and label"))
        self.sample.setAccessibleName(self.tr("Sample submission"))
        self.sample.setClearButtonEnabled(True)
        self.choose_sample = QPushButton(self.tr("Choose…"))
        self.top = QSpinBox(minimum=1, maximum=_MOST_ON_A_PAGE, value=_ON_A_PAGE)
        indent(self.top)
        self.top.setSuffix(self.tr(" most suspect images"))
        self.top.setAccessibleName(self.tr("How many images"))
        self.form = QFormLayout(self)
        self._lay_out()
        self._connect()

    @property
    def format(self) -> str:
        return next(name for name, radio in self.formats.items() if radio.isChecked())

    def options(self) -> ExportOptions:
        """The answers that mean something for the chosen format."""
        only = tuple(state.name.lower() for state, box in self.states.items() if box.isChecked())
        return ExportOptions(
            only=() if self.follows_sample else only,
            files=str(self.files.currentData()) if self.format == "folder" else "copy",
            sample=self.sample.text().strip() if self.format == "predictions" else "",
            top=self.top.value() if self.format == "worklist" else 0,
        )

    @property
    def follows_sample(self) -> bool:
        """Whether a sample submission says which images are wanted."""
        return self.format == "predictions" and bool(self.sample.text().strip())

    def _lay_out(self) -> None:
        kinds, boxes, sample = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        self.formats["h5"].setChecked(True)
        for radio in self.formats.values():
            kinds.addWidget(radio)
        for state, box in self.states.items():
            box.setChecked(state != Status.EXCLUDED)
            boxes.addWidget(box)
        for column in (kinds, boxes):
            column.setSpacing(look.space_1)
        self._sample_row, self._states_row = QWidget(), QWidget()
        for row, layout in ((self._sample_row, sample), (self._states_row, boxes)):
            layout.setContentsMargins(0, 0, 0, 0)
            row.setLayout(layout)
        sample.setSpacing(look.space_2)
        sample.addWidget(self.sample, 1)
        sample.addWidget(self.choose_sample)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(look.space_4)
        self.form.setVerticalSpacing(look.space_3)
        self.form.addRow(self.tr("Format"), kinds)
        self.form.addRow(self.tr("Files"), self.files)
        self.form.addRow(self.tr("Sample"), self._sample_row)
        self.form.addRow(self.tr("At most"), self.top)
        self.form.addRow(self.tr("Images"), self._states_row)
        self._show_rows()

    def _connect(self) -> None:
        for radio in self.formats.values():
            radio.toggled.connect(self._follow_format)
        for box in self.states.values():
            box.toggled.connect(self.changed)
        self.sample.textChanged.connect(self._follow_sample)
        self.choose_sample.clicked.connect(self._browse)
        self.top.valueChanged.connect(self.changed)
        self.files.currentIndexChanged.connect(self.changed)

    def _follow_format(self, chosen: bool) -> None:
        if not chosen:
            return
        undecided = (Status.PENDING, Status.SECOND_LOOK)
        for state, box in self.states.items():
            wanted = undecided if self.format == "worklist" else set(Status) - {Status.EXCLUDED}
            box.setChecked(state in wanted)
        self._show_rows()
        self.format_changed.emit()

    def _follow_sample(self) -> None:
        self._show_rows()
        self.changed.emit()

    def _show_rows(self) -> None:
        self.form.setRowVisible(self.files, self.format == "folder")
        self.form.setRowVisible(self._sample_row, self.format == "predictions")
        self.form.setRowVisible(self.top, self.format == "worklist")
        self.form.setRowVisible(self._states_row, not self.follows_sample)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("A sample submission to follow"), self.sample.text())
        dialog.setNameFilters([self.tr("Tables (*.csv *.tsv *.txt)"), self.tr("All files (*)")])
        dialog.finished.connect(dialog.deleteLater)
        dialog.fileSelected.connect(self.sample.setText)
        dialog.open()
