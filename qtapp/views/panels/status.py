"""The status bar: how far the review is, what is left, and whether all of it is on disk."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from models.review.decisions import Status
from models.review.verdicts import Ahead
from qtapp.state.agreeing import AgreeingState
from qtapp.state.audit import AuditState
from qtapp.state.labels import LabelState
from qtapp.state.learning import LearningState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.parts import Later, set_role

_BETWEEN = "&nbsp;&nbsp;&nbsp;&nbsp;"  # two figures


class StatusBar(QStatusBar):
    """Counts on the left, the saved state on the right, in words.

    Where the window is too narrow for all counts, the last of them are in the tooltip alone.
    """

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        audit: AuditState,
        learning: LearningState,
        agreeing: AgreeingState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._audit = session, labels, audit
        self._learning, self._agreeing = learning, agreeing
        self._figures: list[str] = []
        self.counts = QLabel()
        self.counts.setTextFormat(Qt.TextFormat.RichText)
        self.counts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.counts.setContentsMargins(look.space_2, 0, look.space_2, 0)
        self.saved = QLabel()
        self.saved.setContentsMargins(look.space_2, 0, look.space_2, 0)
        self.saved.setAccessibleName(self.tr("Saved state"))
        self.addWidget(self.counts, 1)
        self.addPermanentWidget(self.saved)
        self.setSizeGripEnabled(False)
        session.changed.connect(self._redraw)
        labels.loaded.connect(self._redraw)
        later = Later(self._redraw_counts, self)
        for changed in (labels.changed, audit.changed, agreeing.changed, learning.ahead_changed):
            changed.connect(later.ask)
        saved = Later(self._redraw_saved, self)
        labels.saved_changed.connect(saved.ask)
        self._redraw()

    def _redraw(self) -> None:
        self._redraw_counts()
        self._redraw_saved()

    def _redraw_counts(self) -> None:
        self.counts.setVisible(self._session.is_open)
        if not self._session.is_open:
            return
        self._figures = [*self._verdicts(), *self._what_is_left()]
        if self._session.truth is not None:
            self._figures.append(self.tr("you found <b>{:,}</b> of {:,}").format(*self._found()))
        self.counts.setToolTip("<br>".join(self._figures))
        self._fit()

    def _verdicts(self) -> list[str]:
        """Decisions about images, and not those about thousands at once: classes and remedies."""
        looked_at, reviewed = self._labels.looked_at, self._labels.n_reviewed
        changed = int(looked_at[Status.CHANGED])
        errors = changed + int(looked_at[Status.EXCLUDED])
        judged = errors + int(looked_at[Status.KEPT])  # a second look has no verdict yet
        rate = f"{100 * errors / judged:.0f}" if judged else "–"
        agreeing = self._agreeing.share
        share = f"{agreeing.value:.0%}" if agreeing.of else "–"
        return [
            self.tr("<b>{:,}</b> reviewed").format(reviewed),
            self.tr("<b>{:,}</b> changed").format(changed),
            self.tr("agree with the model: <b>{}</b>").format(share),
            self.tr("errors per 100 looked at: <b>{}</b>").format(rate),
        ]

    def _what_is_left(self) -> list[str]:
        """Estimates of the errors nobody has found yet; never the model's own."""
        left, ahead = self._audit.errors_left(), self._learning.ahead
        return [*([str(left)] if left.audited else []), *([self._coming(ahead)] if ahead else [])]

    def _coming(self, ahead: Ahead) -> str:
        """Of the images that come next, as far as verdicts on such images tell."""
        return self.tr(
            "of the next {n} about <b>{errors}</b> will be errors ({low} to {high})"
        ).format(n=ahead.n, errors=round(ahead.errors), low=floor(ahead.low), high=ceil(ahead.high))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as many figures as there is room for."""
        room = self.width() - self.saved.sizeHint().width() - 4 * look.space_2
        text, document = "", QTextDocument()
        document.setDefaultFont(self.counts.font())
        for at in range(1, len(self._figures) + 1):
            longer = _BETWEEN.join(self._figures[:at])
            document.setHtml(longer)
            if document.idealWidth() > room:
                break
            text = longer
        self.counts.setText(text)

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
        n_decided = labels.n_decisions - labels.n_remarks
        if labels.blocked_by is not None:
            role = "danger"
            text = self.tr("✕ not saving: {}").format(labels.blocked_by.what)
            self.saved.setToolTip(str(labels.blocked_by))
        elif labels.n_pending:
            role = "muted"
            text = self.tr("saving {:,}…").format(labels.n_pending)
        elif n_decided == 1:
            role, text = "success", self.tr("✓ 1 decision saved")
        elif n_decided:
            role = "success"
            text = self.tr("✓ all {:,} decisions saved").format(n_decided)
        elif labels.n_remarks:
            role, text = "success", self.tr("✓ all saved")
        else:
            role = "muted"
            text = self.tr("no decision yet")
        set_role(self.saved, role)
        self.saved.setText(text)
        self._fit()
