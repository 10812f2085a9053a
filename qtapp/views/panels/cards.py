"""The inspector's painted parts: label cards, and the model's top classes as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from qtapp.views import theme as look
from qtapp.views.parts import (
    LEFT,
    RIGHT,
    WHOLE,
    mirrored,
    paint_bar,
    paint_key_cap,
    plain_tip,
    small_font,
)
from qtapp.views.theme import Theme

GLYPH_PX = 12
NAME_SHARE = 0.46  # of the width, for the names beside the bars


class LabelCard(QWidget):
    """A class name in a frame: its colour, its line and its glyph say what the name is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._caption = self._name = ""
        self._token, self._glyph, self._line = "given", "square", Qt.PenStyle.SolidLine
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_label(
        self, caption: str, name: str, token: str, glyph: str, *, dashed: bool = False
    ) -> None:
        """Show a class name and, above it, what it is."""
        self._caption, self._name, self._token, self._glyph = caption, name, token, glyph
        self._line = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        self.setAccessibleName(f"{caption}: {name}")
        self.setToolTip(plain_tip(f"{caption}: {name}"))
        self.update()

    def sizeHint(self) -> QSize:
        small = QFontMetrics(small_font(self.font())).height()
        return QSize(100, small + QFontMetrics(self.font()).height() + 2 * look.space_1 + 5)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.color(self._token)
        painter.setPen(QPen(colour, 2, self._line))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        inside = self.rect().adjusted(look.space_2, look.space_1, -look.space_2, -look.space_1)
        normal, small = self.font(), small_font(self.font())
        metrics = QFontMetrics(small)
        caption = QRect(inside.left(), inside.top(), inside.width(), metrics.height())
        painter.setFont(small)
        painter.setPen(self._theme.color("text_muted"))
        end, centre = Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle
        painter.drawText(caption, LEFT, metrics.elidedText(self._caption, end, caption.width()))
        metrics = QFontMetrics(normal)
        top = inside.bottom() - metrics.height()
        pixmap = self._theme.pixmap(self._glyph, self._token, GLYPH_PX, self.devicePixelRatioF())
        middle = top + (metrics.height() - GLYPH_PX) // 2 + 1
        glyph = QRect(inside.left() - 1, middle, GLYPH_PX, GLYPH_PX)
        painter.drawPixmap(mirrored(painter, inside, glyph).topLeft(), pixmap)
        left = inside.left() + GLYPH_PX + look.space_1
        name = QRect(left, top, inside.right() - left, metrics.height())
        painter.setFont(normal)
        painter.setPen(self._theme.color("text"))
        elided = metrics.elidedText(self._name, centre, name.width())
        painter.drawText(mirrored(painter, inside, name), LEFT | WHOLE, elided)


@dataclass(frozen=True)
class ClassBar:
    """One of the model's top classes."""

    name: str
    probability: float
    key: str  # digit that sets it, or empty
    token: str = "bar"  # noqa: S105 - a colour's name: "suggested", "given" or neither
    glyph: str = ""


class ClassBars(QWidget):
    """Key, name, bar and probability of a handful of classes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.bars: list[ClassBar] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_bars(self, bars: Sequence[ClassBar]) -> None:
        same_height = len(bars) == len(self.bars)
        self.bars = list(bars)
        self.setAccessibleDescription(", ".join(f"{b.name} {b.probability:.3f}" for b in bars))
        if not same_height:
            self.updateGeometry()
        self.update()

    @property
    def _line_px(self) -> int:
        return QFontMetrics(self.font()).height() + 5

    def sizeHint(self) -> QSize:
        return QSize(160, self._line_px * len(self.bars))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            line = event.pos().y() // self._line_px
            if 0 <= line < len(self.bars):
                bar = self.bars[line]
                said = plain_tip(f"{bar.name}: {bar.probability:.4f}")
                QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for line, bar in enumerate(self.bars):
            self._draw(painter, bar, QRect(0, line * self._line_px, self.width(), self._line_px))

    def _draw(self, painter: QPainter, bar: ClassBar, rect: QRect) -> None:
        normal, small = self.font(), small_font(self.font())
        middle = rect.center().y()
        if bar.key:
            painter.setFont(small)
            cap = mirrored(painter, rect, QRect(0, middle - 8, 16, 17))
            paint_key_cap(painter, cap, bar.key, self._theme)
        left = 16 + look.space_2
        metrics = QFontMetrics(normal)
        number_px = metrics.horizontalAdvance("0.000")
        end = round(rect.width() * NAME_SHARE)
        if bar.glyph:
            ratio = self.devicePixelRatioF()
            pixmap = self._theme.pixmap(bar.glyph, bar.token, GLYPH_PX, ratio)
            glyph = QRect(left - 1, middle - GLYPH_PX // 2, GLYPH_PX, GLYPH_PX)
            painter.drawPixmap(mirrored(painter, rect, glyph).topLeft(), pixmap)
            left += GLYPH_PX + 3
        name = QRect(left, rect.top(), end - left, rect.height())
        painter.setFont(normal)
        painter.setPen(self._theme.color("text"))
        elided = metrics.elidedText(bar.name, Qt.TextElideMode.ElideMiddle, name.width())
        painter.drawText(mirrored(painter, rect, name), LEFT | WHOLE, elided)
        painter.setPen(self._theme.color("text_muted"))
        painter.drawText(rect, RIGHT, f"{bar.probability:.3f}")
        width = rect.width() - end - number_px - 2 * look.space_2
        track = mirrored(painter, rect, QRect(end + look.space_2, middle - 2, width, 5))
        paint_bar(painter, track, bar.probability, self._theme, bar.token)
