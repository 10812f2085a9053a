"""The page of an open dataset: the order bar and the grid, one image or a few, or the data page."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from qtapp.state.view import BLIND, COMPARE, DATA, GRID, SINGLE, ViewState


class ReviewPage(QWidget):
    """Switches between them as ViewState says."""

    def __init__(
        self,
        view: ViewState,
        order_bar: QWidget,
        query_bar: QWidget,
        lock_bar: QWidget,
        grid: QWidget,
        single: QWidget,
        data: QWidget,
        compare: QWidget,
        blind: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._bars = view, _stacked(order_bar, query_bar, lock_bar)
        self._by_mode = {GRID: grid, SINGLE: single, DATA: data, COMPARE: compare, BLIND: blind}
        self._modes = QStackedWidget()
        for widget in self._by_mode.values():
            self._modes.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bars)
        column.addWidget(self._modes, 1)
        view.changed.connect(self._follow)
        self._follow()

    def give_keys(self) -> None:
        """To what is shown: whoever had them is done."""
        self.setFocus()

    def _follow(self) -> None:
        shown = self._by_mode[self._view.mode]
        self.setFocusProxy(shown)
        self._bars.setVisible(self._view.mode not in (DATA, BLIND))
        if self._modes.currentWidget() is not shown:
            self._modes.setCurrentWidget(shown)
            shown.setFocus()


def _stacked(*bars: QWidget) -> QWidget:
    """Bars as one, so that they come and go together whatever each shows."""
    stacked = QWidget()
    column = QVBoxLayout(stacked)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for bar in bars:
        column.addWidget(bar)
    return stacked
