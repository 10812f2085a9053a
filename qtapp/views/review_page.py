"""The page of an open dataset: the order bar and the grid or one image, or the data page."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from qtapp.state.view import DATA, GRID, SINGLE, ViewState


class ReviewPage(QWidget):
    """Switches between them as ViewState says."""

    def __init__(
        self,
        view: ViewState,
        order_bar: QWidget,
        grid: QWidget,
        single: QWidget,
        data: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._order_bar = view, order_bar
        self._by_mode = {GRID: grid, SINGLE: single, DATA: data}
        self._modes = QStackedWidget()
        for widget in self._by_mode.values():
            self._modes.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(order_bar)
        column.addWidget(self._modes, 1)
        view.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        shown = self._by_mode[self._view.mode]
        self._order_bar.setVisible(self._view.mode != DATA)
        if self._modes.currentWidget() is not shown:
            self._modes.setCurrentWidget(shown)
            shown.setFocus()
