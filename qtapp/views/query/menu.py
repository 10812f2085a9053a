"""The menu beside the query line: saved queries, and the rail's filters as a query."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QMenu, QWidget

from qtapp.commands.registry import Registry
from qtapp.state.queries import QueryState
from qtapp.views.parts import plain_tip

_WIDEST_PX = 420


class QueryMenu(QMenu):
    """Save, use and remove."""

    chosen = Signal(str)  # the text of a saved query
    save_asked = Signal()

    def __init__(
        self, queries: QueryState, registry: Registry, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._queries, self._query = queries, ""
        self.setToolTipsVisible(True)
        self.addAction(registry.action("look.as_query"))
        self.save = self.addAction(self.tr("Save this query"))
        self.save.triggered.connect(lambda: self.save_asked.emit())
        self.remove_menu = QMenu(self.tr("Remove"), self)
        self._remove = self.addMenu(self.remove_menu)
        self._line = self.addSeparator()
        queries.changed.connect(self._redraw)
        self._redraw()

    def set_query(self, query: str) -> None:
        """What could be saved now."""
        self._query = query
        self._enable()

    def _redraw(self) -> None:
        for action in self.actions()[self.actions().index(self._line) + 1 :]:
            self.removeAction(action)
        self.remove_menu.clear()
        for text in self._queries.saved:
            for menu, use in ((self, self.chosen.emit), (self.remove_menu, self._queries.remove)):
                action = menu.addAction(self._short(text))
                action.setToolTip(plain_tip(text))
                action.triggered.connect(lambda _=False, use=use, text=text: use(text))
        self._remove.setEnabled(bool(self._queries.saved))
        self._enable()

    def _enable(self) -> None:
        self.save.setEnabled(bool(self._query) and self._query not in self._queries.saved)

    def _short(self, text: str) -> str:
        """No wider than a menu may be; an ampersand is a character like others."""
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, _WIDEST_PX)
        return shown.replace("&", "&&")
