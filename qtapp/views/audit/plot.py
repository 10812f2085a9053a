"""The small plot of a finding: bars of each series over the same labels."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from qtapp.state.audit_findings import FindingPlot
from qtapp.views.audit.wording import tr
from qtapp.views.parts import LEFT, plain_tip, small_font
from qtapp.views.theme import Theme

_BARS_PX, _LEAST_BAR_PX, _GAP_PX, _SWATCH_PX = 64, 3, 4, 9
_WIDEST_PX = 80  # room of one label
# Colour and pattern: no series is told by its colour alone.
_FACES = (
    ("class_1", Qt.BrushStyle.SolidPattern),
    ("class_2", Qt.BrushStyle.BDiagPattern),
    ("class_3", Qt.BrushStyle.Dense4Pattern),
    ("class_4", Qt.BrushStyle.CrossPattern),
    ("class_5", Qt.BrushStyle.FDiagPattern),
)


class FindingBars(QWidget):
    """Of more labels than there is room for, those on which the series differ most."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plot: FindingPlot | None = None
        self._values = np.empty((0, 0))  # (series, labels)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        theme.changed.connect(self.update)

    def show_plot(self, plot: FindingPlot | None) -> None:
        """Nothing is drawn, and the widget is out of sight, where there is no plot."""
        self._plot = plot
        self.setVisible(plot is not None)
        if plot is None:
            return
        values = np.array([list(series) for series in plot.series.values()], float)
        self._values = np.nan_to_num(values.reshape(len(plot.series), len(plot.labels)))
        self.setAccessibleName(plot.title)
        self.setAccessibleDescription("; ".join(map(self._said, range(len(plot.labels)))))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        line = QFontMetrics(small_font(self.font())).height()
        return QSize(180, _BARS_PX + 3 * line + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def shown(self) -> list[int]:
        """Positions of the labels that are drawn."""
        n_series, n_labels = self._values.shape
        if not n_series:
            return []
        room = max(1, self.width() // (n_series * _LEAST_BAR_PX + _GAP_PX))
        if n_labels <= room:
            return list(range(n_labels))
        spread = self._values.max(axis=0) - self._values.min(axis=0)
        spread = spread if n_series > 1 else self._values[0]
        return sorted(np.argsort(-spread, kind="stable")[:room].tolist())

    # -- drawing -----------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        plot = self._plot
        if plot is None:
            return
        painter = QPainter(self)
        painter.setFont(small_font(self.font()))
        metrics = painter.fontMetrics()
        line = metrics.height()
        said = tr("{title}, up to {value:,.3g}").format(
            title=plot.title, value=float(self._values.max(initial=0))
        )
        painter.setPen(self._theme.color("text_muted"))
        painter.drawText(QRect(0, 0, self.width(), line), LEFT, self._elided(metrics, said))
        bottom = line + 2 + _BARS_PX
        self._draw_bars(painter, QRectF(0, line + 2, self.width(), _BARS_PX))
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawLine(0, bottom, self.width(), bottom)
        self._draw_labels(painter, bottom + 2)
        self._draw_legend(painter, bottom + 2 + line)

    def _draw_bars(self, painter: QPainter, area: QRectF) -> None:
        low, high = min(float(self._values.min(initial=0)), 0.0), float(self._values.max(initial=0))
        span = (high - low) or 1.0
        for place, at in enumerate(self.shown()):
            slot = self._slot(place)
            width = (slot.width() - _GAP_PX) / len(self._values)
            for number, value in enumerate(self._values[:, at]):
                top = area.bottom() - (max(value, 0.0) - low) / span * area.height()
                foot = area.bottom() - (min(value, 0.0) - low) / span * area.height()
                bar = QRectF(slot.left() + number * width, top, max(width - 1, 1), foot - top)
                token, style = _FACES[number % len(_FACES)]
                colour = self._theme.color(token)
                painter.fillRect(bar, QBrush(colour, style))
                painter.setPen(QPen(colour, 1))
                if width > _LEAST_BAR_PX:
                    painter.drawRect(bar)

    def _draw_labels(self, painter: QPainter, top: int) -> None:
        """Under each bar where they fit, else of the first and the last."""
        assert self._plot is not None
        shown, metrics = self.shown(), painter.fontMetrics()
        names = [self._plot.labels[at] for at in shown]
        painter.setPen(self._theme.color("text_muted"))
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        every = math.ceil((widest + _GAP_PX) / max(self._slot(0).width(), 1)) if shown else 1
        for place in range(0, len(shown), max(every, 1)):
            slot = self._slot(place)
            room = self.width() - round(slot.left())
            text = metrics.elidedText(names[place], Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(round(slot.left()), top, room, metrics.height()), LEFT, text)

    def _draw_legend(self, painter: QPainter, top: int) -> None:
        assert self._plot is not None
        metrics, left = painter.fontMetrics(), 0
        for number, name in enumerate(self._plot.series):
            token, style = _FACES[number % len(_FACES)]
            swatch = QRect(left, top + (metrics.height() - _SWATCH_PX) // 2, _SWATCH_PX, _SWATCH_PX)
            painter.fillRect(swatch, QBrush(self._theme.color(token), style))
            painter.setPen(QPen(self._theme.color(token), 1))
            painter.drawRect(swatch)
            painter.setPen(self._theme.color("text"))
            room = max(self.width() - left - _SWATCH_PX - _GAP_PX, 0)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
            place = QRect(left + _SWATCH_PX + _GAP_PX, top, room, metrics.height())
            painter.drawText(place, LEFT, text)
            left = place.left() + metrics.horizontalAdvance(text) + 2 * _GAP_PX

    def _slot(self, place: int) -> QRectF:
        step = min(self.width() / max(len(self.shown()), 1), _WIDEST_PX)
        return QRectF(place * step, 0, step, self.height())

    def _elided(self, metrics: QFontMetrics, text: str) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())

    # -- pointing ----------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._explain(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _explain(self, at: QPoint, on_screen: QPoint) -> None:
        for place, label in enumerate(self.shown()):
            if self._slot(place).contains(at.toPointF()):
                QToolTip.showText(on_screen, plain_tip(self._said(label)), self)

    def _said(self, at: int) -> str:
        assert self._plot is not None
        values = (f"{name} {self._values[i, at]:,.3g}" for i, name in enumerate(self._plot.series))
        return tr("{label}: {values}").format(label=self._plot.labels[at], values=", ".join(values))
