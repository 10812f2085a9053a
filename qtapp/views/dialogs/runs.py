"""The runs of a project: how good each is, what it takes on disk; use one, delete one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.types import RunSummary
from qtapp.state.activity import TrainingState
from qtapp.state.scores import ScoreState
from qtapp.views import theme as look
from qtapp.views.panels.training import accuracy_text


class RunsDialog(QDialog):
    """Lists what set_runs was told last. Deleting cannot be undone, so it takes two clicks."""

    use_asked = Signal(int)
    delete_asked = Signal(int)

    def __init__(
        self, scores: ScoreState, training: TrainingState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._scores, self._training = scores, training
        self._runs: list[RunSummary] = []
        self._sure_of: int | None = None  # the run that was clicked away once
        self._trained = training.run if training.is_running else 0
        self.setWindowTitle(self.tr("Training runs"))
        self.resize(640, 320)
        self.empty = QLabel(self.tr("No run yet. Start training to get a first ranking."))
        self.empty.setProperty("role", "muted")
        self.table = QTableWidget(0, 6)
        self.table.setAccessibleName(self.tr("Training runs"))
        self.table.setAccessibleDescription(
            self.tr("Choose one to show its scores, or to delete it.")
        )
        self.use_button = QPushButton(self.tr("Show its scores"))
        self.delete_button = QPushButton()
        self.close_button = QPushButton(self.tr("Close"))
        self._lay_out()
        self.table.itemSelectionChanged.connect(self._redraw_buttons)
        self.use_button.clicked.connect(self._use)
        self.delete_button.clicked.connect(self._delete)
        self.close_button.clicked.connect(self.reject)
        scores.changed.connect(self._redraw)
        training.changed.connect(self._follow_training)
        self._redraw()

    def set_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these, newest first."""
        chosen, self._runs = self._chosen(), list(runs)
        self._fill(chosen)

    def ask(self) -> None:
        """Open it, wide enough for every column."""
        self._sure_of = None
        self._redraw_buttons()
        header, columns = self.table.horizontalHeader(), range(self.table.columnCount())
        needed = sum(
            max(header.sectionSizeHint(column), self.table.sizeHintForColumn(column))
            for column in columns
        )
        self.resize(self.size().expandedTo(QSize(needed + 4 * look.space_3, 0)))
        self.show()
        self.raise_()

    def _lay_out(self) -> None:
        titles = (
            *(self.tr("Run"), self.tr("State"), self.tr("Started"), self.tr("Epochs")),
            *(self.tr("Held-out accuracy"), self.tr("On disk")),
        )
        self.table.setHorizontalHeaderLabels(titles)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        for button in (self.use_button, self.delete_button, self.close_button):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.space_2)
        buttons.addWidget(self.use_button)
        buttons.addWidget(self.delete_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_3, look.space_3, look.space_3, look.space_3)
        whole.setSpacing(look.space_2)
        whole.addWidget(self.empty)
        whole.addWidget(self.table, 1)
        whole.addLayout(buttons)

    def _redraw(self) -> None:
        self._fill(self._chosen())

    def _fill(self, chosen: RunSummary | None) -> None:
        """List the runs, with the one that was chosen wherever it stands now."""
        self.empty.setVisible(not self._runs)
        self.table.setVisible(bool(self._runs))
        self.table.setRowCount(len(self._runs))
        for line, run in enumerate(self._runs):
            for column, text in enumerate(self._cells(run)):
                self.table.setItem(line, column, QTableWidgetItem(text))
            if chosen is None or chosen.run == run.run:
                self.table.selectRow(line)
                chosen = run
        self._redraw_buttons()

    def _cells(self, run: RunSummary) -> tuple[str, ...]:
        shown = self.tr(" · shown") if run.run == self._scores.run else ""
        states = {
            "running": (self.tr("running") if run.run == self._trained else self.tr("broken off")),
            "ended": self.tr("done"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed"),
        }
        changed = ""
        if run.seen_otherwise:  # something else was undone in them when the run saw them
            changed = self.tr(" · {n} images have changed").format(n=f"{run.seen_otherwise:,}")
        return (
            f"{run.run}{shown}",
            f"{states.get(run.state, run.state)}{changed}",
            local_time(run.created),
            str(run.epochs),
            accuracy_text(run.held_out_accuracy),
            size_text(run.bytes_on_disk),
        )

    def _follow_training(self) -> None:
        training = self._training
        before, self._trained = self._trained, training.run if training.is_running else 0
        if self._trained != before:  # progress comes five times a second
            self._redraw()

    def _chosen(self) -> RunSummary | None:
        rows = self.table.selectionModel().selectedRows()
        line = rows[0].row() if rows else -1
        return self._runs[line] if 0 <= line < len(self._runs) else None

    def _redraw_buttons(self) -> None:
        run = self._chosen()
        busy = run is not None and run.run == self._trained
        is_sure = run is not None and not busy and run.run == self._sure_of
        if not is_sure:
            self._sure_of = None
        words = self.tr("Delete run {} for good") if is_sure else self.tr("Delete…")
        self.delete_button.setText(words.format(self._sure_of))
        self.use_button.setEnabled(run is not None and run.run != self._scores.run)
        self.delete_button.setEnabled(run is not None and not busy)

    def _use(self) -> None:
        run = self._chosen()
        if run is not None:
            self.use_asked.emit(run.run)

    def _delete(self) -> None:
        run = self._chosen()
        if run is None:
            return
        is_sure = self._sure_of == run.run
        self._sure_of = None if is_sure else run.run
        self._redraw_buttons()
        if is_sure:
            self.delete_asked.emit(run.run)


def local_time(created: str) -> str:
    """A moment of ISO 8601 in local time; as it was written if it is no such moment."""
    try:
        return datetime.fromisoformat(created).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return created


def size_text(n_bytes: int) -> str:
    """Bytes as people say them."""
    size = float(n_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 1_000:
            return f"{size:.0f} {unit}"
        size /= 1_000
    return f"{size:.1f} GB"
