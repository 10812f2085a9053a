"""The page of an open dataset: the order bar, and under it the grid or one image."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from qtapp.state.view import SINGLE, ViewState


class ReviewPage(QWidget):
    """Switches between grid and single image as ViewState says."""

    def __init__(
        self,
        view: ViewState,
        order_bar: QWidget,
        grid: QWidget,
        single: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._grid, self._single = view, grid, single
        self._modes = QStackedWidget()
        self._modes.addWidget(grid)
        self._modes.addWidget(single)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(order_bar)
        column.addWidget(self._modes, 1)
        view.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        shown = self._single if self._view.mode == SINGLE else self._grid
        if self._modes.currentWidget() is not shown:
            self._modes.setCurrentWidget(shown)
            shown.setFocus()
