"""How the loss of one image went over the epochs, small."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from models.types import LabelVector, Scores
from qtapp.views.parts import LEFT, RIGHT, small_font
from qtapp.views.theme import Theme

PLOT_PX = 46
SMALLEST = 1e-6  # a probability of zero would be a loss without end


class LossTrace(QWidget):
    """A line of losses; full dots where the net agreed with the label, hollow where not."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._losses = np.empty(0)
        self._agreed = np.empty(0, bool)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Loss over epochs"))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # numbers grow to the right
        self.setToolTip(
            self.tr("Loss of the label in each epoch; full dots: the net agreed with the label.")
        )
        theme.changed.connect(self.update)

    @property
    def n_epochs(self) -> int:
        return len(self._losses)

    def show_trace(self, probabilities: Scores, predictions: LabelVector, label: int) -> None:
        """Draw (epochs,) probabilities of the label trained on, beside what was predicted."""
        known = np.isfinite(probabilities)
        self._losses = -np.log(np.clip(probabilities[known], SMALLEST, 1.0))
        self._agreed = predictions[known] == label
        self.setAccessibleDescription(
            self.tr("from {:.2f} to {:.2f}").format(self._losses[0], self._losses[-1])
            if len(self._losses)
            else ""
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, PLOT_PX + QFontMetrics(small_font(self.font())).height() + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        metrics = painter.fontMetrics()
        top = max(float(self._losses.max(initial=0.0)), 0.5)
        gutter = metrics.horizontalAdvance(f"{top:.1f}") + 6
        plot = QRectF(gutter, 4, self.width() - gutter - 4, PLOT_PX - 8)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(self._theme.color("text_muted"))
        line = metrics.height()
        painter.drawText(QRect(0, 0, gutter - 6, line), RIGHT, f"{top:.1f}")
        painter.drawText(QRect(0, round(plot.bottom()) - line // 2, gutter - 6, line), RIGHT, "0")
        below = QRect(gutter, PLOT_PX + 1, self.width() - gutter - 4, line)
        if not len(self._losses):
            painter.drawText(below, LEFT, self.tr("no epoch yet"))
            return
        painter.drawText(below, LEFT, self.tr("epoch 1"))
        if len(self._losses) > 1:
            painter.drawText(below, RIGHT, str(len(self._losses)))
        xs = np.linspace(plot.left() + 2, plot.right() - 2, max(len(self._losses), 2))
        ys = plot.bottom() - self._losses / top * plot.height()
        self._draw(painter, [QPointF(x, y) for x, y in zip(xs, ys, strict=False)])

    def _draw(self, painter: QPainter, points: list[QPointF]) -> None:
        agreed, doubted = self._theme.color("given"), self._theme.color("suggested")
        painter.setPen(QPen(self._theme.color("bar"), 1.2))
        painter.drawPolyline(QPolygonF(points))
        size = 2.6 if len(points) <= 40 else 1.6
        for point, with_label in zip(points, self._agreed, strict=True):
            painter.setPen(QPen(agreed if with_label else doubted, 1.2))
            painter.setBrush(agreed if with_label else self._theme.color("panel"))
            painter.drawEllipse(point, size, size)
