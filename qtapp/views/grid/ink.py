"""What tiles are painted with, made once and reused: cut texts, cards, badges, hatching."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QStaticText,
)

from models.review.decisions import Status
from qtapp.views import theme as look
from qtapp.views.theme import Theme

_MAX_TEXTS = 8192  # of a thousand classes and all figures; beyond, the cache starts again
_TINT = 0.28  # of the accent on a selected tile
_BADGES = {
    Status.KEPT: ("check", "kept"),
    Status.CHANGED: ("pencil", "corrected"),
    Status.EXCLUDED: ("ban", "excluded"),
    Status.SECOND_LOOK: ("clock", "second_look"),
}


class TextInk:
    """Texts in one font, cut to a width and laid out; painting one costs no layout."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self._texts: dict[tuple[str, int], QStaticText] = {}

    def text(self, text: str, width: int) -> QStaticText:
        """`text` cut in its middle to at most `width` pixels."""
        known = self._texts.get((text, width))
        if known is None:
            if len(self._texts) >= _MAX_TEXTS:
                self._texts.clear()
            cut = self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
            known = QStaticText(cut)
            known.setTextFormat(Qt.TextFormat.PlainText)  # a class may be called "<b>"
            known.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            known.prepare(font=self.font)
            self._texts[text, width] = known
        return known


class TileInk:
    """Pictures of one theme, one tile size and one pixel ratio."""

    def __init__(self, theme: Theme, size: tuple[int, int], thumb_px: int, ratio: float) -> None:
        self._theme, self._ratio = theme, ratio
        self._size, self._thumb_px = QSize(*size), thumb_px
        self.badge_px = 20 if thumb_px >= 64 else 12
        self._cards: dict[tuple[bool, bool, bool], QPixmap] = {}
        self._marks: dict[Status | str, QPixmap] = {}

    def card(self, *, hovered: bool, selected: bool, current: bool) -> QPixmap:
        """The ground of a tile, with its frame."""
        key = (hovered, selected, current)
        if key not in self._cards:
            self._cards[key] = self._drawn(
                self._size, lambda painter: self._draw_card(painter, *key)
            )
        return self._cards[key]

    def glyph(self, name: str, token: str, size_px: int) -> QPixmap:
        return self._theme.pixmap(name, token, size_px, self._ratio)

    def badge(self, status: Status) -> QPixmap:
        """The state of a sample as a round badge."""
        if status not in self._marks:
            self._marks[status] = self._round(*_BADGES[status])
        return self._marks[status]

    def tick(self) -> QPixmap:
        """The mark of a selected tile."""
        if "tick" not in self._marks:
            self._marks["tick"] = self._round("check", "accent", corner=3)
        return self._marks["tick"]

    def hatch(self) -> QPixmap:
        """Diagonal lines over an excluded image."""
        if "hatch" not in self._marks:
            side = QSize(self._thumb_px, self._thumb_px)
            self._marks["hatch"] = self._drawn(side, self._draw_hatch)
        return self._marks["hatch"]

    def _draw_card(self, painter: QPainter, hovered: bool, selected: bool, current: bool) -> None:
        theme = self._theme
        ground = theme.color("tile_current" if current else "tile_hover" if hovered else "tile")
        if selected:
            ground = _mixed(ground, theme.color("accent"), _TINT)
        frame = theme.color("accent") if current else theme.color("border")
        width = 2.0 if current else 1.0
        inset = width / 2
        painter.setPen(QPen(frame, width) if current or hovered else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        whole = QRectF(0, 0, self._size.width(), self._size.height())
        painter.drawRoundedRect(
            whole.adjusted(inset, inset, -inset, -inset), look.radius, look.radius
        )

    def _draw_hatch(self, painter: QPainter) -> None:
        side = self._thumb_px
        ground = self._theme.color("tile")
        ground.setAlphaF(0.55)
        painter.fillRect(0, 0, side, side, ground)
        lines = QPainterPath()
        for start in range(-side, side, 9):
            lines.moveTo(start, side)
            lines.lineTo(start + side, 0)
        painter.setPen(QPen(self._theme.color("pending"), 1.5))
        painter.drawPath(lines)

    def _round(self, glyph: str, token: str, corner: float | None = None) -> QPixmap:
        side = self.badge_px
        corner = side / 2 if corner is None else corner

        def draw(painter: QPainter) -> None:
            painter.setPen(QPen(self._theme.color("tile"), 1.5))
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(QRectF(0.75, 0.75, side - 1.5, side - 1.5), corner, corner)
            inner = round(side * 0.6)
            at = (side - inner) / 2
            painter.drawPixmap(
                QRectF(at, at, inner, inner).toRect(), self.glyph(glyph, "on_accent", inner)
            )

        return self._drawn(QSize(side, side), draw)

    def _drawn(self, size: QSize, draw: Callable[[QPainter], None]) -> QPixmap:
        pixmap = QPixmap(size * self._ratio)
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(painter)
        painter.end()
        return pixmap


def _mixed(ground: QColor, ink: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        ground.redF() * (1 - share) + ink.redF() * share,
        ground.greenF() * (1 - share) + ink.greenF() * share,
        ground.blueF() * (1 - share) + ink.blueF() * share,
    )
