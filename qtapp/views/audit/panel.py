"""The audit dock: how an audit goes, what it found, and the finding that is looked at."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtapp.commands.registry import Registry
from qtapp.commands.remedies import Remedies
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.undoing_pictures import UndoingPictures
from qtapp.state.activity import TrainingState
from qtapp.state.audit_findings import AuditFindingsState, AuditReport
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.views import theme as look
from qtapp.views.audit import remedy_wording, wording
from qtapp.views.audit.detail import MOST_TILES, FindingDetail
from qtapp.views.audit.table import FindingList
from qtapp.views.audit.wording import tr
from qtapp.views.bias.ends import size_on_screen
from qtapp.views.parts import CommandButton, ElidedLabel, UpAndDown, say, set_primary
from qtapp.views.theme import Theme

_LIST_PX, _LIST_SHARE = (220, 460), 0.34  # of the width, within bounds
_LEAST_PX = 248  # high, for a finding, its buttons and its images to be seen at once
_STEPS = 1_000
_ASKER = "audit"
_NOTHING, _DETAIL, _MISSING = range(3)


class AuditPanel(QWidget):
    """Shows an AuditFindingsState; what is done to it are commands."""

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        training: TrainingState,
        state: AuditFindingsState,
        remedies: Remedies,
        thumbnails: Thumbnails,
        undoing: UndoingPictures,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._scores, self._training, self._state = scores, training, state
        self._remedies, self._thumbnails, self._registry = remedies, thumbnails, registry
        self._missing_row = -1  # of what was not checked, where that is looked at
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.said, self.bar = ElidedLabel(), QProgressBar()
        self.audit = CommandButton(registry, "run.audit", theme, text=tr("Audit"))
        self.quick = CommandButton(registry, "run.quick_audit", theme, text=tr("Quick"))
        self.stop = CommandButton(registry, "run.stop_audit", theme, text=tr("Stop"))
        self.train = CommandButton(registry, "run.start", theme)
        self.in_force, self.ends = QPushButton(), QMenu(self)
        self.message, self.list = QLabel(), FindingList(theme)
        self.detail = FindingDetail(labels, state, remedies, thumbnails, undoing, registry, theme)
        self.missing, self.beside = QLabel(), QStackedWidget()
        self._in_full = UpAndDown(self.detail)
        self._lay_out()
        self._connect(selection)
        self._redraw_report()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.bar.setAccessibleName(tr("Progress of the audit"))
        for label in (self.message, self.missing):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.message.setProperty("role", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.missing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.missing.setProperty("panel", True)
        above = QHBoxLayout()
        above.setSpacing(look.space_2)
        above.addWidget(self.said, 2)
        above.addWidget(self.bar, 1)
        self.in_force.setMenu(self.ends)
        self.in_force.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the grid
        self.in_force.setToolTip(tr("Settings that remedies made, and a way to take each back"))
        self.in_force.setVisible(False)
        for button in (self.in_force, self.audit, self.quick, self.stop):
            above.addWidget(button)
        below = QHBoxLayout()
        below.setSpacing(look.space_3)
        below.addWidget(self.list)
        for page in (self._nothing(), self._in_full, UpAndDown(self.missing)):
            self.beside.addWidget(page)
        below.addWidget(self.beside, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_3, look.space_2, look.space_3, look.space_2)
        column.setSpacing(look.space_2)
        column.addLayout(above)
        column.addLayout(below, 1)

    def _nothing(self) -> QWidget:
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch()
        column.addWidget(self.message)
        column.addWidget(self.train, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return nothing

    def _connect(self, selection: SelectionState) -> None:
        self.list.looked_at.connect(self._look_at)
        self.list.images_wanted.connect(self._show_images)
        self.detail.image_chosen.connect(selection.set_current)
        self.detail.acted.connect(self._return_keys)
        self.detail.cause_wanted.connect(self._state.choose)
        self._state.reported.connect(self._redraw_report)
        self._state.chosen_changed.connect(self._mark)
        self._state.changed.connect(self._redraw_progress)
        self._state.rechecked.connect(self._redraw_rechecks)
        self._remedies.changed.connect(self._redraw_summary)
        self._remedies.changed.connect(self._redraw_in_force)
        self.ends.triggered.connect(lambda action: self._remedies.end(action.data()))
        self._scores.changed.connect(self._redraw_page)
        self._training.changed.connect(self._redraw_page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = _LIST_PX
        wide = max(least, min(round(_LIST_SHARE * self.width()), most))
        self.list.setFixedWidth(wide)
        self.detail.fit_into(self.width() - wide - 3 * look.space_3)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, _LEAST_PX))

    # -- asking --------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw_summary()
        self._want_images()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._thumbnails.want_beside(np.empty(0, np.int64), 0, _ASKER)

    def _look_at(self, row: int) -> None:
        report = self._state.report
        n_findings = len(report.findings) if report else 0
        self._missing_row = row - n_findings
        if report is not None and row < n_findings:
            self._state.choose(report.findings[row].id)
        self._redraw_page()

    def _show_images(self) -> None:
        if self._missing_row < 0:  # else another finding than the line looked at is the chosen one
            self._registry.action("look.finding").trigger()

    def _want_images(self) -> None:
        if self.isVisible():
            wanted = self._remedies.sample_ids[:MOST_TILES]
            self._thumbnails.want_beside(wanted, size_on_screen(self), _ASKER)

    # -- showing -------------------------------------------------------------------------
    def _redraw_report(self) -> None:
        self.list.item_model.rechecks = self._state.rechecks
        self.list.show_report(self._state.report)
        self._mark()
        self._redraw_progress()

    def _mark(self) -> None:
        report, chosen = self._state.report, self._state.chosen
        self._missing_row = -1  # another report may not have that line
        if report is not None and chosen is not None:
            self.list.mark(report.findings.index(chosen))
        self._redraw_page()
        self._in_full.verticalScrollBar().setValue(0)
        self._want_images()

    def _return_keys(self) -> None:
        """To the list, if they were at a button: what it led to is read from the top."""
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus():
            self.list.setFocus()
            self._in_full.verticalScrollBar().setValue(0)

    def _redraw_rechecks(self) -> None:
        self.list.item_model.set_rechecks(self._state.rechecks)
        self._redraw_progress()

    def _redraw_progress(self) -> None:
        state = self._state
        is_busy = state.is_running or bool(state.checking)
        self.bar.setVisible(state.is_running)
        self.stop.setVisible(is_busy)
        for button in (self.audit, self.quick):
            button.setVisible(not is_busy)
        set_primary(self.audit, state.report is None)
        progress = state.progress
        known = progress is not None and progress.total > 0
        share = progress.done / progress.total if progress and known else 0.0
        self.bar.setValue(round(_STEPS * share))
        self._redraw_summary()
        self._redraw_page()

    def _redraw_summary(self) -> None:
        state, report = self._state, self._state.report
        findings = report.findings if report else ()
        checked = next((one for one in findings if one.id == state.checking), None)
        if checked is not None:
            said = tr("Looking whether it is gone: {0}…").format(wording.title(checked))
            self.said.set_whole(said)
        elif state.is_running:
            found = (
                wording.summary(report, {}, is_running=True, is_outdated=False) if report else ""
            )
            self.said.set_whole(" · ".join(filter(None, (wording.doing(state.progress), found))))
        elif state.problem is not None:
            self.said.set_whole(str(state.problem))
        elif report is not None and self.isVisible():
            outdated = self._remedies.is_outdated()
            told = wording.summary(report, state.rechecks, is_running=False, is_outdated=outdated)
            self.said.set_whole(told)
        elif report is None:
            self.said.set_whole(tr("What is wrong with this dataset?"))

    def _redraw_in_force(self) -> None:
        settings = self._remedies.in_force
        self.in_force.setVisible(bool(settings))
        self.in_force.setText(tr("In force: {n}").format(n=len(settings)))
        self.in_force.setAccessibleName(tr("Remedies in force: {n}").format(n=len(settings)))
        if settings == [action.data() for action in self.ends.actions()]:
            return  # it may be open, with one of them marked
        self.ends.clear()
        for setting in settings:
            text = remedy_wording.ending(setting).replace("&", "&&")
            self.ends.addAction(text).setData(setting)

    def _redraw_page(self) -> None:
        state, report = self._state, self._state.report
        is_listed = self.list.item_model.rowCount() > 0
        self.list.setVisible(is_listed)
        self.setFocusProxy(self.list if is_listed else self._next_button())
        if report is not None and self._missing_row >= 0:
            check, why = report.not_checked[self._missing_row]
            say(self.missing, f"{wording.check_name(check)}\n\n{why}")
            self.beside.setCurrentIndex(_MISSING)
            return
        self.beside.setCurrentIndex(_DETAIL if state.chosen is not None else _NOTHING)
        self.message.setText(self._message(report))
        lacks_model = not self._scores.run and not state.is_running
        self.train.setVisible(lacks_model and not self._training.is_running)

    def _next_button(self) -> CommandButton:
        """What a person would press next, where nothing is listed yet."""
        return self.stop if self._state.is_running else self.audit

    def _message(self, report: AuditReport | None) -> str:
        if report is not None and not report.is_partial:
            return wording.all_well(report)
        return wording.nothing_yet(
            is_running=self._state.is_running,
            has_model=bool(self._scores.run),
            is_training=self._training.is_running,
        )
