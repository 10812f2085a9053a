"""Loss and accuracy of a run as it trains, on train and on held-out images."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from models.types import EpochEnded
from qtapp.views import theme as look
from qtapp.views.parts import section, small_font
from qtapp.views.theme import Theme

LABEL_ROOM = 0.28  # of the curves, at their right, for the names of the lines
_NAME_GAP_PX = 12  # around a name
_BEYOND, _MOST_BEYOND = 0.8, 0.3  # of a name, beyond the end of its line; of the plot
RATE_FACTOR = 3.0  # the learning rate is marked when it has moved by so much since its last mark


def rate_marks(points: Sequence[EpochEnded]) -> list[tuple[int, float]]:
    """Epochs at which the learning rate has changed noticeably, and to what."""
    marks: list[tuple[int, float]] = []
    last = points[0].learning_rate if points else 0.0
    for point in points[1:]:
        rate = point.learning_rate
        if rate > 0 and last > 0 and abs(math.log(rate / last)) >= math.log(RATE_FACTOR):
            marks.append((point.epoch, rate))
            last = rate
    return marks


class Curves(QWidget):
    """Two plots side by side: train solid, held-out dashed with dots."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._points: list[EpochEnded] = []
        self._turned_at = 0
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # numbers grow to the right
        self.loss = CurvePlot(
            self.tr("Loss"),
            theme,
            lambda p: p.train_loss,
            lambda p: p.held_out_loss,
            self.tr("held-out turns"),
        )
        self.accuracy = CurvePlot(
            self.tr("Accuracy"), theme, lambda p: p.train_accuracy, lambda p: p.held_out_accuracy
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_3)
        for plot in (self.loss, self.accuracy):
            row.addWidget(plot, 1)
        theme.changed.connect(self._redraw)
        self._redraw()

    def show_points(self, points: Sequence[EpochEnded], turned_at: int = 0) -> None:
        """Draw a run; `turned_at` is the epoch at which held-out loss turned, 0 if it has not."""
        if list(points) != self._points or turned_at != self._turned_at:
            self._points, self._turned_at = list(points), turned_at
            self._redraw()

    def _redraw(self) -> None:
        for plot in (self.loss, self.accuracy):
            plot.draw(self._points, self._turned_at)


class CurvePlot(QWidget):
    """One plot with its title; it draws everything anew, a few dozen points at a time."""

    def __init__(
        self,
        title: str,
        theme: Theme,
        train: Callable[[EpochEnded], float],
        held_out: Callable[[EpochEnded], float],
        turn_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._turn_name = turn_name
        self._theme, self._train, self._held_out = theme, train, held_out
        self._shown: tuple[Sequence[EpochEnded], int] = ((), 0)
        self._values: Any = np.empty(0)  # of both lines
        self._turn = "", False  # what is said where it turned, and whether left of it
        self.setAccessibleName(title)
        self._view: Any = pg.PlotWidget(self, background=None)
        self._item: Any = self._view.getPlotItem()
        self._item.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # or the axes change sides
        self._item.getViewBox().sigResized.connect(self._fit_width)
        self._view.setFrameShape(self._view.Shape.NoFrame)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._item.setMenuEnabled(False)
        self._item.setMouseEnabled(x=False, y=False)
        self._item.hideButtons()
        self._view.wheelEvent = lambda event: event.ignore()  # it scrolls the panel, not the plot
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(section(title))
        column.addWidget(self._view, 1)

    def _fit_width(self) -> None:
        """Everything anew takes too long for each step of a window that is made wider."""
        points, turned_at = self._shown
        span = self._span(len(points))
        self._fit_height()
        if self._turn_said(turned_at, span) == self._turn:
            self._item.setXRange(1, 1 + span, padding=0.02)
        else:
            self.draw(points, turned_at)

    def _span(self, n_epochs: int) -> float:
        """Epochs across: those there are, and room for the names at the right."""
        width_px = self._width_px()
        names_px = max(self._px_of(self.tr("train")), self._px_of(self.tr("held-out")))
        room = max(LABEL_ROOM, names_px / max(width_px - names_px, width_px / 4))
        return (max(n_epochs, 2) - 1) * (1 + room)

    def _turn_said(self, turned_at: int, span: float) -> tuple[str, bool]:
        """The name of the turn where there is room for it, and whether that is left of its line."""
        if not turned_at:
            return "", False
        before_px = (turned_at - 1) / span * self._width_px()
        after_px, name_px = self._width_px() - before_px, self._px_of(self._turn_name)
        name = self._turn_name if name_px < max(before_px, after_px) else ""
        return name, after_px < name_px

    def _width_px(self) -> float:
        return max(float(self._item.getViewBox().width()), 1.0)

    def draw(self, points: Sequence[EpochEnded], turned_at: int) -> None:
        self._shown = points, turned_at
        self._item.clear()
        self._dress_axes(len(points))
        epochs = np.array([point.epoch for point in points], float)
        train = np.array([self._train(point) for point in points])
        held_out = np.array([self._held_out(point) for point in points])
        last, span = max(len(points), 2), self._span(len(points))
        self._item.setXRange(1, 1 + span, padding=0.02)
        self._values = np.concatenate([train, held_out])
        self._fit_height()
        named_at = -math.inf
        for epoch, rate in rate_marks(points):
            roomy = named_at + LABEL_ROOM * last < epoch < last * (1 - LABEL_ROOM)
            self._mark(epoch, f"lr {rate:.1g}" if roomy else "", "text_muted", at_top=False)
            named_at = epoch if roomy else named_at
        self._turn = name, left = self._turn_said(turned_at, span)
        if turned_at:
            self._mark(turned_at, name, "curve_held_out", at_top=True, left=left)
        self._line(epochs, train, "curve_train", Qt.PenStyle.SolidLine)
        self._line(epochs, held_out, "curve_held_out", Qt.PenStyle.DashLine)
        self._name_ends(epochs, train, held_out)

    def _fit_height(self) -> None:
        """All of the lines, and room above and below them for the names at their ends."""
        known = self._values[np.isfinite(self._values)]
        if len(known):
            low, high = float(known.min()), float(known.max())
            span = high - low or 1.0
            name_px = QFontMetrics(small_font(self.font())).height() + 2 * look.space_1
            height_px = max(float(self._item.getViewBox().height()), 1.0)
            share = min(_BEYOND * name_px / height_px, _MOST_BEYOND)
            above = max(0.24, share / (1 - 2 * share))
            below = max(0.12, share * (1 + above) / (1 - share))
            self._item.setYRange(low - below * span, high + above * span, padding=0)

    def _dress_axes(self, n_epochs: int) -> None:
        self._view.setBackground(self._theme.color("panel"))
        muted = self._theme.color("text_muted")
        step = max(math.ceil(n_epochs / 6), 1)
        epochs = range(step, n_epochs + 1, step)
        self._item.getAxis("bottom").setTicks([[(epoch, str(epoch)) for epoch in epochs]])
        # Before the first epoch the numbers would be those of the run before.
        self._item.getAxis("left").setTicks(None if n_epochs else [[]])
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(self._theme.color("border"))
            axis.setTextPen(muted)
            axis.setStyle(tickFont=small_font(self.font()), tickLength=-4)

    def _line(self, xs: Any, ys: Any, token: str, style: Qt.PenStyle) -> None:
        known = np.isfinite(ys)
        if not known.any():
            return
        colour = self._theme.color(token)
        pen = QPen(colour, 2, style)
        pen.setCosmetic(True)
        dots = style != Qt.PenStyle.SolidLine or known.sum() == 1
        self._item.plot(
            xs[known],
            ys[known],
            pen=pen,
            antialias=True,
            symbol="o" if dots else None,
            symbolSize=5,
            symbolBrush=colour,
            symbolPen=None,
        )

    def _px_of(self, name: str) -> int:
        return QFontMetrics(small_font(self.font())).horizontalAdvance(name) + _NAME_GAP_PX

    def _mark(self, epoch: int, text: str, token: str, *, at_top: bool, left: bool = False) -> None:
        colour = self._theme.color(token)
        pen = QPen(colour, 1, Qt.PenStyle.DotLine)
        pen.setCosmetic(True)
        anchor = (int(left), 0 if at_top else 1)  # beside the line, and inside the plot
        where = {"position": 0.99 if at_top else 0.01, "anchors": [anchor, anchor]}
        line = pg.InfiniteLine(
            epoch, angle=90, pen=pen, label=text, labelOpts={"color": colour, **where}
        )
        line.label.setFont(small_font(self.font()))
        self._item.addItem(line)

    def _name_ends(self, xs: Any, train: Any, held_out: Any) -> None:
        """Name each line where it ends, so that no legend has to be looked up."""
        ends = [
            (self.tr("train"), train, "curve_train"),
            (self.tr("held-out"), held_out, "curve_held_out"),
        ]
        ends = [end for end in ends if np.isfinite(end[1]).any()]
        ends.sort(key=lambda end: float(end[1][np.isfinite(end[1])][-1]))
        for place, (name, ys, token) in enumerate(ends):
            known = np.flatnonzero(np.isfinite(ys))
            upper = place > 0
            anchor = (0, _BEYOND if upper else 1 - _BEYOND)  # apart, where the lines end together
            label = pg.TextItem(name, color=self._theme.color(token), anchor=anchor)
            label.setFont(small_font(self.font()))
            label.setPos(float(xs[known[-1]]), float(ys[known[-1]]))
            self._item.addItem(label)
