"""The list of findings, most serious first, symptoms under their cause; then what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from models.review.remedies import Outcome
from qtapp.state.audit_findings import AuditReport, Finding, Recheck
from qtapp.views.audit.wording import (
    FACES,
    NOT_CHECKED,
    check_name,
    headline,
    outcome,
    spoken,
    tr,
)
from qtapp.views.parts import ENTER_KEYS, plain_tip, takes_keys
from qtapp.views.theme import Theme

_MOVING = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
_NO_INDEX = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_STEP = "    "  # of a symptom, for each cause above it


class FindingItemModel(QAbstractListModel):
    """A line for each finding, and one for each thing that could not be checked."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.findings: Sequence[Finding] = ()
        self.rechecks: Mapping[str, Recheck] = {}
        self.not_checked: Sequence[tuple[str, str]] = ()

    def set_report(self, report: AuditReport | None) -> None:
        self.beginResetModel()
        self.findings = report.findings if report else ()
        self.not_checked = report.not_checked if report else ()
        self.endResetModel()

    def set_rechecks(self, rechecks: Mapping[str, Recheck]) -> None:
        """What became of findings after their remedies; the list stays as it is."""
        self.rechecks = rechecks
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 0))

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.findings) + len(self.not_checked)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if row < len(self.findings):
            return self._of_finding(self.findings[row], role)
        return self._of_missing(*self.not_checked[row - len(self.findings)], role)

    def _of_finding(self, finding: Finding, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            became = outcome(self.rechecks.get(finding.id))
            return _STEP * finding.depth + (f"{became}  " if became else "") + headline(finding)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(finding.sentence)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(finding, self.rechecks.get(finding.id))
        if role == Qt.ItemDataRole.DecorationRole:
            recheck = self.rechecks.get(finding.id)
            if recheck is not None and recheck.outcome is Outcome.GONE:
                return self._icon("check", "corrected")
            return self._icon(*FACES.get(finding.severity, NOT_CHECKED))
        return None

    def _of_missing(self, check: str, why: str, role: int) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            said = tr("Not checked  {0}").format(check_name(check))
            return said if role == Qt.ItemDataRole.DisplayRole else f"{said}. {why}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(why)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(*NOT_CHECKED)
        return None

    def _icon(self, glyph: str, token: str) -> QIcon:
        return self._theme.icon(glyph, token)


class FindingList(QListView):
    """A click or the arrow keys look at a finding, Enter asks for its images."""

    looked_at = Signal(int)  # row
    images_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item_model = FindingItemModel(theme, self)
        self.setModel(self.item_model)
        self.setAccessibleName(tr("Findings"))
        self.setAccessibleDescription(tr("The most serious first; Enter shows the images."))
        self.setProperty("rail", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.selectionModel().currentChanged.connect(self._look)
        self.doubleClicked.connect(lambda _index: self.images_wanted.emit())
        theme.changed.connect(self.viewport().update)
        self._is_filling = False

    def show_report(self, report: AuditReport | None) -> None:
        """Show other lines where the person has scrolled to."""
        scrolled_to, self._is_filling = self.verticalScrollBar().value(), True
        self.item_model.set_report(report)
        self._is_filling = False
        self.verticalScrollBar().setValue(scrolled_to)

    def mark(self, row: int) -> None:
        """Show which line is looked at."""
        self._is_filling = True
        self.setCurrentIndex(self.item_model.index(row, 0))
        self._is_filling = False

    def keyboardSearch(self, search: str) -> None:
        """A letter is a key of the window, not a search."""

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, (*_MOVING, *ENTER_KEYS)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER_KEYS:
            self.images_wanted.emit()
        elif event.key() in _MOVING:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _look(self, index: QModelIndex) -> None:
        if index.isValid() and not self._is_filling:
            self.looked_at.emit(index.row())
