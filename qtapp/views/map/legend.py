"""What the colours and shapes of the map mean."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from models.review.colouring import LEVELS, Colouring
from models.review.ordering import ASCENDING
from qtapp.views import theme as look
from qtapp.views.map.palette import group_colour, group_shape, paint_shape, scale_colours
from qtapp.views.panels.histogram import number_text
from qtapp.views.parts import LEFT, RIGHT, mirrored, plain_tip, small_font
from qtapp.views.theme import Theme

WIDTH_PX = 168
_GLYPH_PX = 16
_RADIUS = 4.2
_BAR_PX = 12
_IN_ORDER = 20  # groups; more are listed by their size


class Legend(QWidget):
    """A line for each group, or a band for a scale; what does not fit is counted."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._by, self._names = "", tuple[str, ...]()
        self._colouring: Colouring | None = None
        self._listed: list[int] = []
        self.setMinimumWidth(WIDTH_PX)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("What the colours of the map mean"))
        theme.changed.connect(self.update)

    def show_colouring(self, by: str, names: tuple[str, ...], colouring: Colouring | None) -> None:
        self._by, self._names, self._colouring = by, names, colouring
        self._listed = []
        if colouring is not None and not colouring.is_scale:
            order = np.arange(len(colouring.counts))
            if len(order) > _IN_ORDER:
                order = np.argsort(-colouring.counts, kind="stable")
            self._listed = [int(i) for i in order if i < len(names) and colouring.counts[i]]
        self.setAccessibleDescription("; ".join(self._line(i) for i in self._listed[:20]))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 8 * self._line_px())

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 3 * self._line_px())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            line = event.pos().y() // self._line_px()
            said = self._line(self._listed[line]) if 0 <= line < self._n_lines() else ""
            QToolTip.showText(event.globalPos(), plain_tip(said), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(small_font(self.font()))
        if self._colouring is None:
            return
        if self._colouring.is_scale:
            self._paint_scale(painter, self._colouring)
            return
        height = self._line_px()
        for line, group in enumerate(self._listed[: self._n_lines()]):
            box = QRect(0, line * height, self.width(), height)
            self._paint_group(painter, box, group, int(self._colouring.counts[group]))
        left_out = len(self._listed) - self._n_lines()
        if left_out > 0:
            painter.setPen(self._theme.color("text_muted"))
            below = QRect(0, self._n_lines() * height, self.width(), height)
            painter.drawText(
                below.adjusted(_GLYPH_PX, 0, -_GLYPH_PX, 0),
                LEFT,
                self.tr("and {n:,} more").format(n=left_out),
            )

    def _paint_group(self, painter: QPainter, box: QRect, group: int, count: int) -> None:
        metrics = painter.fontMetrics()
        shape = mirrored(painter, box, QRect(0, box.top(), _GLYPH_PX - 2, box.height()))
        middle = QPointF(shape.left() + shape.width() / 2, box.center().y() + 1)
        colour = group_colour(self._by, group, self._theme)
        paint_shape(painter, middle, _RADIUS, group_shape(self._by, group), colour)
        number = f"{count:,}"
        painter.setPen(self._theme.color("text_muted"))
        painter.drawText(box, RIGHT, number)
        room = box.adjusted(_GLYPH_PX, 0, -metrics.horizontalAdvance(number) - look.space_2, 0)
        painter.setPen(self._theme.color("text"))
        centre = Qt.TextElideMode.ElideMiddle
        elided = metrics.elidedText(self._names[group], centre, room.width())
        painter.drawText(mirrored(painter, box, room), LEFT, elided)

    def _paint_scale(self, painter: QPainter, colouring: Colouring) -> None:
        if math.isnan(colouring.low):
            painter.setPen(self._theme.color("text_muted"))
            painter.drawText(QRect(0, 0, self.width(), self._line_px()), LEFT, self.tr("no values"))
            return
        band = QRect(0, 2, self.width(), _BAR_PX)
        gradient = QLinearGradient(band.topLeft().toPointF(), band.topRight().toPointF())
        for step, colour in enumerate(scale_colours(self._theme, self._by)):
            gradient.setColorAt(step / (LEVELS - 1), colour)
        painter.fillRect(band, gradient)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as the band
        below = QRect(0, _BAR_PX + 4, self.width(), self._line_px())
        painter.setPen(self._theme.color("text_muted"))
        painter.drawText(below, LEFT, number_text(colouring.low))
        painter.drawText(below, RIGHT, number_text(colouring.high))
        low_is_suspect = self._by in ASCENDING
        said = self.tr("◂ more suspect") if low_is_suspect else self.tr("more suspect ▸")
        side = LEFT if low_is_suspect else RIGHT
        painter.drawText(below.translated(0, self._line_px()), side, said)

    def _line(self, group: int) -> str:
        assert self._colouring is not None
        return f"{self._names[group]}: {int(self._colouring.counts[group]):,}"

    def _line_px(self) -> int:
        return QFontMetrics(small_font(self.font())).height() + 3

    def _n_lines(self) -> int:
        fitting = max(self.height() // self._line_px(), 1)
        return len(self._listed) if len(self._listed) <= fitting else max(fitting - 1, 1)
