"""A line that says how far the images are measured, with a way to stop and to go on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from qtapp.state.properties import PropertyState
from qtapp.views import theme as look
from qtapp.views.bias.wording import measured_text, progress_text, tr
from qtapp.views.parts import ElidedLabel

_STEPS = 1_000


class MeasuringLine(QWidget):
    """Out of sight once all images are measured."""

    wanted = Signal()  # the other images
    stopped = Signal()

    def __init__(self, state: PropertyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.said, self.bar = ElidedLabel(), QProgressBar()
        self.said.setProperty("role", "small")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.bar.setAccessibleName(tr("Progress of measuring"))
        self.stop, self.go_on = QPushButton(tr("Stop")), QPushButton(tr("Go on"))
        self.stop.setToolTip(tr("Keep what is measured so far"))
        self.go_on.setToolTip(tr("Measure the other images"))
        self.stop.clicked.connect(self.stopped)
        self.go_on.clicked.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_2)
        row.addWidget(self.said, 1)
        row.addWidget(self.bar, 1)
        for button in (self.stop, self.go_on):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        state.changed.connect(self._redraw)
        self._redraw()

    def _redraw(self) -> None:
        state, known, progress = self._state, self._state.properties, self._state.progress
        going, problem = state.is_running, state.problem
        unfinished = known is not None and not known.is_complete
        self.setVisible(going or unfinished or (known is not None and problem is not None))
        self.bar.setVisible(going)
        self.stop.setVisible(going)
        self.go_on.setVisible(unfinished and not going)
        if going:
            share = progress.done / progress.total if progress and progress.total else 0.0
            self.bar.setValue(round(_STEPS * share))
            self.said.set_whole(progress_text(progress))
        elif problem is not None:
            self.said.set_whole(str(problem))
        elif known is not None:
            self.said.set_whole(measured_text(known.n_measured, known.table.shape[1]))
