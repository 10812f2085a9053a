"""What changed, from which class to which, and the causes among the errors."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from models.review.session import EXCLUDED, Causes, Session
from models.types import SampleIds
from qtapp.views import theme as look
from qtapp.views.parts import LEFT, RIGHT, FittedRows, plain_tip, takes_keys
from qtapp.views.review_session.wording import at_most, change_query, now_name, tr

CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class _Table(QTableWidget):
    """Texts in the first columns, figures at the right of the others."""

    def __init__(
        self, name: str, titles: Sequence[str], n_texts: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(0, len(titles), parent)
        self._n_texts = n_texts
        self.setAccessibleName(name)
        for column, title in enumerate(titles):
            self.setHorizontalHeaderItem(column, self._item(column, title))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        columns, lines = self.horizontalHeader(), self.verticalHeader()
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        lines.setMinimumSectionSize(0)
        FittedRows(self, look.space_2)
        lines.hide()

    def keyboardSearch(self, search: str) -> None:
        """A letter is not a search."""

    def put(self, lines: Sequence[Sequence[str]]) -> None:
        """Show these lines."""
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for column, text in enumerate(line):
                self.setItem(row, column, self._item(column, text))

    def _item(self, column: int, text: str) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setTextAlignment(LEFT if column < self._n_texts else RIGHT)
        item.setToolTip(plain_tip(text))
        return item


class ChangeTable(_Table):
    """A click, Enter or Space on a line asks for its images, as a query where one tells them."""

    chosen = Signal(str)
    picked = Signal(object)  # their ids, where none does

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What changed"), (tr("Given"), tr("Now"), tr("Images")), 2, parent)
        self._shown: object = None
        self._queries: list[str] = []
        self._images: Sequence[SampleIds] = ()
        for column in (0, 1):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.cellClicked.connect(lambda row, _column: self._choose(row))

    def show_changes(self, session: Session, names: tuple[str, ...]) -> None:
        """Lines of classes that were taken back since are left out."""
        there = [at for at, line in enumerate(session.changes) if max(line[:2]) < len(names)]
        changes = [session.changes[at] for at in there]
        self._images = [session.images[at] for at in there] if session.images else ()
        if self._shown == (changes, names):
            return
        self._shown = changes, names
        self._queries = [
            change_query(names[given], None if now == EXCLUDED else names[now])
            for given, now, _ in changes
        ]
        self.put([(names[given], now_name(now, names), f"{n:,}") for given, now, n in changes])

    def event(self, event: QEvent) -> bool:
        return takes_keys(event, CHOOSING) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in CHOOSING and self.currentRow() >= 0:
            self._choose(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        if self._images:
            self.picked.emit(self._images[row])
        else:
            self.chosen.emit(self._queries[row])


class CauseTable(_Table):
    """A line for each cause that explains an error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        titles = (tr("Cause"), tr("Errors"), tr("Gives back at most (95%)"))
        super().__init__(tr("Causes among the errors"), titles, 1, parent)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def show_causes(self, causes: Causes) -> None:
        lines = [(name, f"{share.n:,}", at_most(share)) for name, share in causes.of_each]
        if causes.unexplained:
            lines.append((tr("no cause named"), f"{causes.unexplained:,}", ""))
        self.put(lines)
