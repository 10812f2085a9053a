"""The status bar: how far the review is, and whether every decision is on disk."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from models.review.decisions import Status
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.parts import set_role


class StatusBar(QStatusBar):
    """Counts on the left, the saved state on the right, in words."""

    def __init__(
        self, session: SessionState, labels: LabelState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._labels = session, labels
        self.counts = QLabel()
        self.counts.setTextFormat(Qt.TextFormat.RichText)
        self.counts.setContentsMargins(look.space_2, 0, 0, 0)
        self.saved = QLabel()
        self.saved.setContentsMargins(0, 0, look.space_2, 0)
        self.saved.setAccessibleName(self.tr("Saved state"))
        self.addWidget(self.counts, 1)
        self.addPermanentWidget(self.saved)
        self.setSizeGripEnabled(False)
        session.changed.connect(self._redraw)
        labels.loaded.connect(self._redraw)
        labels.changed.connect(self._redraw_counts)
        labels.saved_changed.connect(self._redraw_saved)
        self._redraw()

    def _redraw(self) -> None:
        self._redraw_counts()
        self._redraw_saved()

    def _redraw_counts(self) -> None:
        self.counts.setVisible(self._session.is_open)
        if not self._session.is_open:
            return
        labels = self._labels
        changed = labels.count(Status.CHANGED)
        errors = changed + labels.count(Status.EXCLUDED)
        rate = f"{100 * errors / labels.n_reviewed:.0f}" if labels.n_reviewed else "–"
        parts = [
            self.tr("<b>{:,}</b> reviewed").format(labels.n_reviewed),
            self.tr("<b>{:,}</b> changed").format(changed),
            self.tr("errors per 100 looked at: <b>{}</b>").format(rate),
        ]
        if self._session.truth is not None:
            parts.append(self.tr("you found <b>{:,}</b> of {:,}").format(*self._found()))
        self.counts.setText("&nbsp;&nbsp;&nbsp;&nbsp;".join(parts))

    def _found(self) -> tuple[int, int]:
        """Wrong labels put right or excluded, and all there are; the demo knows the truth."""
        truth, labels = self._session.truth, self._labels
        if truth is None or len(truth) != len(labels.given):
            return 0, 0
        wrong = truth != labels.given
        right_now = (labels.labels == truth) | (labels.status == Status.EXCLUDED)
        return int(np.count_nonzero(wrong & right_now)), int(np.count_nonzero(wrong))

    def _redraw_saved(self) -> None:
        self.saved.setVisible(self._session.is_open)
        labels = self._labels
        if labels.blocked_by is not None:
            role = "danger"
            text = self.tr("✕ not saving: {}").format(labels.blocked_by.what)
            self.saved.setToolTip(str(labels.blocked_by))
        elif labels.n_pending:
            role = "muted"
            text = self.tr("saving {:,}…").format(labels.n_pending)
        elif labels.n_decisions == 1:
            role, text = "success", self.tr("✓ 1 decision saved")
        elif labels.n_decisions:
            role = "success"
            text = self.tr("✓ all {:,} decisions saved").format(labels.n_decisions)
        else:
            role = "muted"
            text = self.tr("no decision yet")
        set_role(self.saved, role)
        self.saved.setText(text)
