"""One value over the minutes spent deciding, drawn as a small line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from models.types import Scores
from qtapp.views.parts import section, small_font
from qtapp.views.theme import Theme

_TICKS = 6
_STEPS = (1, 2, 5)


class SpanPlot(QWidget):
    """A dot where each span has a value; the line leaves out those that have none."""

    def __init__(self, title: str, theme: Theme, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._token = theme, token
        self._xs = self._ys = np.empty(0, np.float32)
        self.setAccessibleName(title)
        self._view: Any = pg.PlotWidget(self, background=None)
        self._item: Any = self._view.getPlotItem()
        self._item.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # or the axes change sides
        self._view.setFrameShape(self._view.Shape.NoFrame)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._item.setMenuEnabled(False)
        self._item.setMouseEnabled(x=False, y=False)
        self._item.hideButtons()
        self._view.wheelEvent = lambda event: event.ignore()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(section(title))
        column.addWidget(self._view, 1)
        theme.changed.connect(self._redraw)

    def show_values(self, minutes: Scores, values: Scores) -> None:
        known = np.isfinite(values)
        self._xs, self._ys = minutes[known], values[known]
        self._redraw()

    def _redraw(self) -> None:
        self._item.clear()
        self._dress_axes()
        if not len(self._xs):
            return
        colour = self._theme.color(self._token)
        pen = QPen(colour, 2)
        pen.setCosmetic(True)
        self._item.plot(
            self._xs,
            self._ys,
            pen=pen,
            antialias=True,
            symbol="o",
            symbolSize=5,
            symbolBrush=colour,
            symbolPen=None,
        )

    def _dress_axes(self) -> None:
        self._view.setBackground(self._theme.color("panel"))
        most = (
            float(self._xs.max()) if len(self._xs) else 1.0,
            float(self._ys.max()) if len(self._ys) else 1.0,
        )
        self._item.setXRange(0, most[0], padding=0.03)
        self._item.setYRange(0, max(most[1], 1e-6) * 1.1, padding=0)
        for side, value in zip(("bottom", "left"), most, strict=True):
            axis = self._item.getAxis(side)
            axis.setTicks([[(tick, f"{tick:g}") for tick in ticks_up_to(value)]])
            axis.setPen(self._theme.color("border"))
            axis.setTextPen(self._theme.color("text_muted"))
            axis.setStyle(tickFont=small_font(self.font()), tickLength=-4)


def ticks_up_to(value: float) -> list[float]:
    """A few round numbers from 0 on, the last at most `value`."""
    if value <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(value / _TICKS))
    step = next(k * power for k in (*_STEPS, 10) if value / (k * power) <= _TICKS)
    return [round(k * step, 9) for k in range(int(value / step) + 1)]
