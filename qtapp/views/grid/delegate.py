"""Paints tiles: the image, what it is sorted by, its state, and the caption under it."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QAbstractItemDelegate, QStyle, QStyleOptionViewItem

from models.review.decisions import Status
from models.types import UNLABELLED
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.views import theme as look
from qtapp.views.grid.ink import TextInk, TileInk
from qtapp.views.grid.item_model import AnyIndex, Tile, TileItemModel
from qtapp.views.grid.layout import GAP, TileLayout, tile_layout
from qtapp.views.parts import small_font
from qtapp.views.theme import Theme

_MARKER_GAP = look.space_1
_LEAST_STRUCK_PX = 16  # less of the name it had is not worth showing


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
        self.set_look(96, QFont(), 1.0)
        theme.changed.connect(self._renew_ink)

    def set_look(self, thumb_px: int, font: QFont, ratio: float) -> None:
        """Another tile size, font or screen."""
        if self._look == (thumb_px, font, ratio):
            return
        self._look = thumb_px, QFont(font), ratio
        small, struck = small_font(font), QFont(font)
        struck.setStrikeOut(True)
        self.layout: TileLayout = tile_layout(thumb_px, font, small)
        self._names, self._struck, self._figures = TextInk(font), TextInk(struck), TextInk(small)
        self._name_metrics, self._figure_metrics = QFontMetrics(font), QFontMetrics(small)
        self._ratio = ratio
        self._renew_ink()

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(*self.layout.cell)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        sample_id = self._model.sample_at(index)
        if sample_id == NOTHING:
            return
        cell: QRect = option.rect
        state: QStyle.StateFlag = option.state
        x = cell.x() + (cell.width() - self.layout.size[0]) // 2
        y = cell.y() + GAP // 2
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
            self._paint_classes(painter, tile, x, y)
            if self.layout.numbers is not None and not math.isnan(tile.loss):
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
            target = _fitted(tile.image, box)
            shrinks = tile.image.width() > target.width() * self._ratio
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

    def _paint_classes(self, painter: QPainter, tile: Tile, x: int, y: int) -> None:
        predicted, given = (line.translated(x, y) for line in self.layout.class_lines)
        if tile.predicted != UNLABELLED:
            self._paint_marker(painter, "diamond", "suggested", predicted)
            left = self._after_marker(predicted)
            self._paint_name(painter, self._names, tile.predicted, left)
        self._paint_marker(painter, "square", "given", given)
        left = self._after_marker(given)
        if tile.label == tile.given:
            self._paint_name(painter, self._names, tile.given, left)
        else:
            self._paint_correction(painter, tile, left)

    def _paint_correction(self, painter: QPainter, tile: Tile, line: QRect) -> None:
        """The name it had, struck through, as far as the new name leaves room for it."""
        name = self._model.class_name(tile.label)
        wanted = self._name_metrics.horizontalAdvance(name) + self.layout.marker_px + _MARKER_GAP
        struck_px = line.width() - wanted - look.space_1
        struck_px = max(struck_px, line.width() // 3)
        if tile.given != UNLABELLED and struck_px >= _LEAST_STRUCK_PX:
            had = self._struck.text(self._model.class_name(tile.given), struck_px)
            painter.setFont(self._struck.font)
            painter.setPen(self._muted)
            painter.drawStaticText(line.topLeft(), had)
            line.setLeft(line.x() + math.ceil(had.size().width()) + look.space_1)
        self._paint_marker(painter, "pencil", "corrected", line)
        painter.setPen(self._corrected)
        painter.setFont(self._names.font)
        after = self._after_marker(line)
        painter.drawStaticText(after.topLeft(), self._names.text(name, after.width()))

    def _paint_name(self, painter: QPainter, ink: TextInk, label: int, line: QRect) -> None:
        painter.setFont(ink.font)
        painter.setPen(self._text)
        text = ink.text(self._model.class_name(label), line.width())
        painter.drawStaticText(line.topLeft(), text)

    def _paint_marker(self, painter: QPainter, glyph: str, token: str, line: QRect) -> None:
        side = self.layout.marker_px
        y = line.y() + (line.height() - side + 1) // 2
        painter.drawPixmap(line.x(), y, self._ink.glyph(glyph, token, side))

    def _after_marker(self, line: QRect) -> QRect:
        return line.adjusted(self.layout.marker_px + _MARKER_GAP, 0, 0, 0)

    def _paint_numbers(self, painter: QPainter, tile: Tile, line: QRect) -> None:
        painter.setFont(self._figures.font)
        painter.setPen(self._muted)
        loss = self._figures.text(self.tr("loss {0:.2f}").format(tile.loss), line.width())
        painter.drawStaticText(line.topLeft(), loss)
        p = self._figures.text(self.tr("p {0:.2f}").format(tile.probability), line.width())
        painter.drawStaticText(line.right() + 1 - math.ceil(p.size().width()), line.y(), p)


def _fitted(image: QImage, box: QRect) -> QRect:
    """The largest rectangle of the image's shape in the middle of `box`."""
    size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
    size = size.expandedTo(QSize(1, 1))
    fitted = QRect(box.topLeft(), size)
    fitted.moveCenter(box.center())
    return fitted
