"""Paints tiles: the image, what it is sorted by, its state, and the caption under it."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QAbstractItemDelegate, QStyle, QStyleOptionViewItem

from models.review.decisions import Status
from models.types import UNLABELLED
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.views import theme as look
from qtapp.views.grid.ink import TextInk, TileInk
from qtapp.views.grid.item_model import AnyIndex, Tile, TileItemModel
from qtapp.views.grid.layout import TileLayout, tile_layout
from qtapp.views.parts import small_font
from qtapp.views.theme import Theme

_MARKER_GAP = look.space_1
_LEAST_STRUCK = "M…M"  # less of the name it had is a line through nothing


class TileDelegate(QAbstractItemDelegate):
    """Nothing is laid out or allocated twice: see ink."""

    def __init__(
        self,
        model: TileItemModel,
        selection: SelectionState,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._selection, self._theme = model, selection, theme
        self._look: tuple[int, QFont, float] | None = None
        self._from_right = False
        self.set_look(96, QFont(), 1.0)
        theme.changed.connect(self._renew_ink)

    def set_look(self, thumb_px: int, font: QFont, ratio: float) -> None:
        """Another tile size, font or screen."""
        if self._look == (thumb_px, font, ratio):
            return
        self._look = thumb_px, QFont(font), ratio
        small = small_font(font)
        widest = f"{self._loss_text(10)}  {self._chance_text(0)}"
        self.layout: TileLayout = tile_layout(thumb_px, font, small, widest)
        self._names, self._figures = TextInk(font), TextInk(small)
        self._name_metrics = QFontMetrics(font)
        self._ratio = ratio
        self._renew_ink()

    def set_direction(self, direction: Qt.LayoutDirection) -> None:
        """Captions begin at the right where people read from there."""
        self._from_right = direction == Qt.LayoutDirection.RightToLeft

    def card_in(self, cell: QRect) -> QRect:
        """Where the tile lies in its cell."""
        width, height = self.layout.size
        left = cell.x() + (cell.width() - width) // 2
        return QRect(left, cell.y() + self.layout.gap // 2, width, height)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(*self.layout.cell)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        sample_id = self._model.sample_at(index)
        if sample_id == NOTHING:
            return
        state: QStyle.StateFlag = option.state
        place = self.card_in(option.rect)
        x, y = place.x(), place.y()
        tile = self._model.tile(sample_id)
        selected = self._selection.contains(sample_id)
        card = self._ink.card(
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            selected=selected,
            current=sample_id == self._selection.current,
        )
        painter.drawPixmap(x, y, card)
        self._paint_image(painter, tile, self.layout.image.translated(x, y))
        if selected:
            corner = x + self.layout.size[0] - self._ink.badge_px
            painter.drawPixmap(corner, y, self._ink.tick())
        if self.layout.has_caption:
            self._paint_classes(painter, tile, x, y, selected)
            if self.layout.numbers is not None and not math.isnan(tile.loss):
                painter.setPen(self._text if selected else self._muted)
                self._paint_numbers(painter, tile, self.layout.numbers.translated(x, y))

    def _renew_ink(self) -> None:
        layout = self.layout
        self._ink = TileInk(self._theme, layout.size, layout.thumb_px, self._ratio)
        self._text, self._muted = self._theme.color("text"), self._theme.color("text_muted")
        self._corrected = self._theme.color("corrected")
        self._empty = self._theme.color("raised")
        self._badge, self._badge_text = self._theme.color("badge"), self._theme.color("badge_text")
        self._badge.setAlphaF(0.82)

    def _paint_image(self, painter: QPainter, tile: Tile, box: QRect) -> None:
        if isinstance(tile.image, QImage):
            target = _fitted(tile.image, box, self._ratio)
            shrinks = tile.image.width() > math.ceil(target.width() * self._ratio)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(target, tile.image)
        else:
            painter.fillRect(box, self._empty)
            if tile.image is not None:
                side = min(32, box.width() // 2)
                broken = self._ink.glyph("broken_image", "text_muted", side)
                painter.drawPixmap(
                    box.x() + (box.width() - side) // 2,
                    box.y() + (box.height() - side) // 2,
                    broken,
                )
        if tile.status is Status.EXCLUDED:
            painter.drawPixmap(box.topLeft(), self._ink.hatch())
        if tile.status is not Status.PENDING:
            inset = 3 if self.layout.has_caption else 0
            painter.drawPixmap(box.x() + inset, box.y() + inset, self._ink.badge(tile.status))
        if tile.value and self.layout.has_caption:
            self._paint_value(painter, tile.value, box)

    def _paint_value(self, painter: QPainter, value: str, box: QRect) -> None:
        text = self._figures.text(value, box.width())
        size = text.size().toSize()
        ground = QRect(0, 0, size.width() + 2 * look.space_1, size.height())
        ground.moveBottomRight(box.bottomRight())
        painter.fillRect(ground, self._badge)
        painter.setFont(self._figures.font)
        painter.setPen(self._badge_text)
        painter.drawStaticText(ground.x() + look.space_1, ground.y(), text)

    def _paint_classes(self, painter: QPainter, tile: Tile, x: int, y: int, selected: bool) -> None:
        predicted, given = (line.translated(x, y) for line in self.layout.class_lines)
        painter.setFont(self._names.font)
        painter.setPen(self._text)
        if tile.predicted != UNLABELLED:
            self._paint_name(painter, "diamond", "suggested", tile.predicted, predicted)
        if tile.label == tile.given:
            self._paint_name(painter, "square", "given", tile.given, given)
            return
        if tile.given != UNLABELLED:
            given = self._paint_struck(painter, tile, given, selected)
        painter.setPen(self._text if selected else self._corrected)
        self._paint_name(painter, "pencil", "corrected", tile.label, given)

    def _paint_struck(self, painter: QPainter, tile: Tile, line: QRect, selected: bool) -> QRect:
        """The name it had, as far as the new name leaves room for it; the rest of the line."""
        name = self._model.class_name(tile.label)
        marker = self.layout.marker_px + _MARKER_GAP
        room = line.width() - 2 * marker - self._name_metrics.horizontalAdvance(name)
        room -= 2 * look.space_1
        had = self._model.class_name(tile.given)
        least = min(map(self._name_metrics.horizontalAdvance, (had, _LEAST_STRUCK)))
        if room < least:
            return line
        painter.setPen(self._text if selected else self._muted)
        self._paint_marker(painter, "square", "given", line)
        text = self._names.text(had, room)
        width = math.ceil(text.size().width())
        left = self._start(line, marker, width)
        painter.drawStaticText(left, line.y(), text)
        # Drawn by hand: a QStaticText that is struck out leaves its line where it was first
        # painted, on another tile (seen with Qt 6.11.3).
        middle = line.y() + self._name_metrics.ascent() - self._name_metrics.strikeOutPos()
        painter.drawLine(left, middle, left + width, middle)
        taken = marker + width + 2 * look.space_1
        return line.adjusted(*((0, 0, -taken, 0) if self._from_right else (taken, 0, 0, 0)))

    def _paint_name(
        self, painter: QPainter, glyph: str, token: str, label: int, line: QRect
    ) -> None:
        self._paint_marker(painter, glyph, token, line)
        marker = self.layout.marker_px + _MARKER_GAP
        text = self._names.text(self._model.class_name(label), line.width() - marker)
        left = self._start(line, marker, math.ceil(text.size().width()))
        painter.drawStaticText(left, line.y(), text)

    def _paint_marker(self, painter: QPainter, glyph: str, token: str, line: QRect) -> None:
        side = self.layout.marker_px
        y = line.y() + (line.height() - side + 1) // 2
        left = self._start(line, 0, side)
        painter.drawPixmap(left, y, self._ink.glyph(glyph, token, side))

    def _paint_numbers(self, painter: QPainter, tile: Tile, line: QRect) -> None:
        painter.setFont(self._figures.font)
        loss = self._figures.text(self._loss_text(tile.loss), line.width())
        width = math.ceil(loss.size().width())
        painter.drawStaticText(self._start(line, 0, width), line.y(), loss)
        p = self._figures.text(self._chance_text(tile.probability), line.width())
        width = math.ceil(p.size().width())
        painter.drawStaticText(self._start(line, line.width() - width, width), line.y(), p)

    def _loss_text(self, loss: float) -> str:
        return self.tr("loss {0:.2f}").format(loss)

    def _chance_text(self, probability: float) -> str:
        return self.tr("p {0:.2f}").format(probability)

    def _start(self, line: QRect, after: int, width: int) -> int:
        """The left edge of a part so wide that stands so far from where a line begins."""
        return line.right() + 1 - after - width if self._from_right else line.x() + after


def _fitted(image: QImage, box: QRect, ratio: float) -> QRectF:
    """The largest rectangle of the image's shape in the middle of `box`, beginning with a pixel
    of the screen: a thumbnail of that size is copied as it is."""
    size = image.size().toSizeF().scaled(box.size().toSizeF(), Qt.AspectRatioMode.KeepAspectRatio)
    size = size.expandedTo(QSizeF(1, 1))
    left = box.x() + (box.width() - size.width()) / 2
    top = box.y() + (box.height() - size.height()) / 2
    return QRectF(
        round(left * ratio) / ratio, round(top * ratio) / ratio, size.width(), size.height()
    )
