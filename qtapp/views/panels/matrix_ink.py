"""How the matrix looks: where each cell lies, its colour, its figure, the names on both axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QLinearGradient, QPainter, QPen

from models.review.confusion import N_SHADES, Matrix
from qtapp.views import theme as look
from qtapp.views.panels.matrix_geometry import HEADER, Geometry
from qtapp.views.panels.matrix_text import figure_text, share_text, tr
from qtapp.views.parts import CENTRE, LEFT, RIGHT, WHOLE, small_font
from qtapp.views.theme import Theme

_READABLE = QSize(22, 14)  # smallest cells that are made by themselves
_WIDEST_FIGURE_PX = 44  # that makes cells wider than that
_WIDEST_CELL_PX, _TALLEST_CELL_PX = 72, 40
_NAMES_PX = (92, 168)  # least and most room for the names of rows
_NAMES_SHARE = 0.3  # of the width
_TURNED_PX = 76  # most room for names of columns that stand upright
_EVEN = 0.179  # luminance on which black and white can be read alike
_GAP_FROM_PX = 7  # smaller cells touch


class MatrixInk:
    """Paints one matrix; knows nothing of mouse and keyboard."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._matrix: Matrix | None = None
        self._names: Sequence[str] = ()  # by place
        self._font = QFont()
        self._widest_px = self._figure_px = 0
        self.redress()

    def show(self, matrix: Matrix, names: Sequence[str], font: QFont) -> None:
        self._matrix, self._names, self._font = matrix, names, small_font(font)
        metrics = QFontMetrics(self._font)
        longest = sorted(set(names), key=len)[-20:]
        self._widest_px = max(map(metrics.horizontalAdvance, longest), default=0) + 1  # rounded
        widest = "88.8" if matrix.asked.rates else f"{matrix.most:,}"
        self._figure_px = metrics.horizontalAdvance(widest) + 4

    def geometry(self, size: QSize, shift: QPoint, zoom: float) -> Geometry:
        """Cells that fill the room there is, or are scrolled where they would be unreadable."""
        k, line = len(self._names), QFontMetrics(self._font).height()
        least, most = _NAMES_PX
        names_px = min(
            self._widest_px + look.space_3, max(least, round(_NAMES_SHARE * size.width()))
        )
        left = max(min(max(names_px, least), most), self._axes_px())
        readable = max(_READABLE.width(), min(self._figure_px, _WIDEST_FIGURE_PX))
        wide = max(readable, min((size.width() - left) // max(k, 1), _WIDEST_CELL_PX))
        is_flat = zoom >= 1 and self._widest_px + look.space_1 <= wide * zoom
        top = line if is_flat else min(self._widest_px, _TURNED_PX)
        top = max(top + look.space_2, 3 * line + look.space_1)
        high = max(_READABLE.height(), min((size.height() - top) // max(k, 1), _TALLEST_CELL_PX))
        cell = QSize(max(2, round(wide * zoom)), max(2, round(high * zoom)))
        area = QRect(left, top, max(size.width() - left, 0), max(size.height() - top, 0))
        return Geometry(k, QSize(left, top), cell, area, shift, zoom)

    def _axes_px(self) -> int:
        """What the names of the axes need, in the corner between the names of classes."""
        metrics = QFontMetrics(self._font)
        widest = max(map(metrics.horizontalAdvance, self._axes()))
        return widest + 2 * look.space_2 + look.space_1

    @staticmethod
    def _axes() -> tuple[str, str]:
        """What lies across and what down."""
        return tr("predicted as →"), tr("labelled as ↓")

    # -- colours ---------------------------------------------------------------------------
    def redress(self) -> None:
        """Take the colours of the theme as it is now: of each shade, and of figures on it."""
        ground = self._theme.color("panel")
        shades = [
            _mixed(ground, self._theme.color(token), step / (N_SHADES - 1))
            for token in ("confused", "agreed")
            for step in range(N_SHADES)
        ]
        dark, light = self._theme.color("ink_dark"), self._theme.color("ink_light")
        self.inks = [dark if _luminance(shade) > _EVEN else light for shade in shades]
        self.colours = [shade.rgb() for shade in shades]

    # -- painting --------------------------------------------------------------------------
    def paint(
        self, painter: QPainter, at: Geometry, image: QImage, hovered: tuple[int, int]
    ) -> None:
        painter.setFont(self._font)
        self._paint_corner(painter, at)
        self._paint_names(painter, at, hovered)
        rows, columns = at.seen()
        painter.save()
        painter.setClipRect(at.area)
        first, n_rows, n_columns = at.rect(rows.start, columns.start), len(rows), len(columns)
        across, down = at.cell.width() * n_columns, at.cell.height() * n_rows
        part = QRect(columns.start, rows.start, n_columns, n_rows)
        painter.drawImage(QRect(first.topLeft(), QSize(across, down)), image, part)
        if min(at.cell.width(), at.cell.height()) >= _GAP_FROM_PX:
            self._paint_gaps(painter, at, QRect(first.topLeft(), QSize(across, down)))
        if at.cell.width() >= self._figure_px and at.cell.height() >= _line(painter):
            self._paint_figures(painter, at, rows, columns)
        if hovered[0] != HEADER and hovered[1] != HEADER:
            painter.setPen(QPen(self._theme.color("text"), 1))
            painter.drawRect(at.rect(*hovered).adjusted(0, 0, -1, -1))
        painter.restore()

    def _paint_gaps(self, painter: QPainter, at: Geometry, all_seen: QRect) -> None:
        painter.setPen(QPen(self._theme.color("panel"), 1))
        for x in range(all_seen.left(), all_seen.right() + 2, at.cell.width()):
            painter.drawLine(x - 1, all_seen.top(), x - 1, all_seen.bottom())
        for y in range(all_seen.top(), all_seen.bottom() + 2, at.cell.height()):
            painter.drawLine(all_seen.left(), y - 1, all_seen.right(), y - 1)

    def _paint_figures(self, painter: QPainter, at: Geometry, rows: range, columns: range) -> None:
        assert self._matrix is not None
        found, inks, metrics = self._matrix, self.inks, painter.fontMetrics()
        part = np.s_[rows.start : rows.stop, columns.start : columns.stop]
        for row, column in np.argwhere(found.counts[part]).tolist():
            place = rows.start + row, columns.start + column
            rate, n = float(found.rates[place]), int(found.counts[place])
            text = figure_text(rate) if found.asked.rates else f"{n:,}"
            if metrics.horizontalAdvance(text) < at.cell.width():
                painter.setPen(inks[found.shades[place]])
                painter.drawText(at.rect(*place).adjusted(0, 0, -1, -1), CENTRE, text)

    def _paint_names(self, painter: QPainter, at: Geometry, hovered: tuple[int, int]) -> None:
        rows, columns = at.seen()
        line, metrics = _line(painter), painter.fontMetrics()
        elide = Qt.TextElideMode.ElideMiddle
        painter.save()
        painter.setClipRect(QRect(0, at.area.top(), at.area.left(), at.area.height()))
        for row in rows[:: -(-(line - 2) // at.cell.height())]:
            room = at.rect(row, HEADER).adjusted(look.space_1, 0, -look.space_2, 0)
            self._set_pen(painter, is_hovered=row == hovered[0])
            room.setTop(room.center().y() - line // 2)
            room.setHeight(line)
            name = metrics.elidedText(self._names[row], elide, room.width())
            painter.drawText(room, RIGHT | WHOLE, name)
        painter.setClipRect(QRect(at.area.left(), 0, at.area.width(), at.area.top()))
        is_flat = self._widest_px + look.space_1 <= at.cell.width()
        for column in columns[:: -(-(line - 2) // at.cell.width())]:
            room = at.rect(HEADER, column)
            self._set_pen(painter, is_hovered=column == hovered[1])
            if is_flat:
                room.setTop(room.bottom() - line)
                painter.drawText(room, CENTRE | WHOLE, self._names[column])
                continue
            painter.save()
            painter.translate(room.center().x() + line / 2, room.bottom() - look.space_1)
            painter.rotate(-90)
            name = metrics.elidedText(self._names[column], elide, room.height() - look.space_2)
            painter.drawText(QRectF(0, -line, room.height(), line), LEFT | WHOLE, name)
            painter.restore()
        painter.restore()

    def _paint_corner(self, painter: QPainter, at: Geometry) -> None:
        """What the axes are, and what the colour means."""
        line = _line(painter)
        painter.setPen(self._theme.color("text_muted"))
        inside = QRect(QPoint(look.space_1, 0), at.corner).adjusted(0, 0, -look.space_2 - 4, -2)
        top = QRect(inside.left(), inside.top(), inside.width(), line)
        across, down = self._axes()
        painter.drawText(top, RIGHT, across)
        below = QRect(inside.left(), inside.bottom() - line, inside.width(), line)
        painter.drawText(below, RIGHT, down)
        middle = QRect(inside.left(), top.bottom(), inside.width(), below.top() - top.bottom())
        self._paint_legend(painter, middle)

    def _paint_legend(self, painter: QPainter, room: QRect) -> None:
        assert self._matrix is not None
        end = share_text(self._matrix.highest)
        end_px = painter.fontMetrics().horizontalAdvance(end)
        start_px = painter.fontMetrics().horizontalAdvance("0")
        painter.drawText(room, LEFT, "0")
        painter.drawText(room, RIGHT, end)
        bar = QRect(
            room.left() + start_px + look.space_1,
            room.center().y() - 3,
            room.width() - start_px - end_px - 2 * look.space_1,
            7,
        )
        ramp = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in np.linspace(0, 1, 9).tolist():  # as the shades: by the square root
            ramp.setColorAt(
                stop, _mixed(self._theme.color("panel"), self._theme.color("confused"), stop**0.5)
            )
        painter.fillRect(bar, ramp)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.drawRect(bar.adjusted(0, 0, -1, -1))

    def paint_chosen(self, painter: QPainter, at: Geometry, row: int, column: int) -> None:
        """Frame what is filtered by."""
        if (row, column) != (HEADER, HEADER):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.setClipRect(QRect(QPoint(0, 0), at.area.bottomRight()))
            painter.drawRect(self._line_of(at, row, column).adjusted(0, 0, -1, -1))

    def paint_cursor(self, painter: QPainter, at: Geometry, row: int, column: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.color("text"), 1, Qt.PenStyle.DotLine))
        painter.drawRect(self._line_of(at, row, column).adjusted(1, 1, -2, -2))

    def _line_of(self, at: Geometry, row: int, column: int) -> QRect:
        """A cell, or all of a row or a column with its name."""
        if row != HEADER and column != HEADER:
            return at.rect(row, column)
        end = at.rect(row if row != HEADER else at.k - 1, column if column != HEADER else at.k - 1)
        return at.rect(row, column).united(end)

    def _set_pen(self, painter: QPainter, *, is_hovered: bool) -> None:
        painter.setPen(self._theme.color("accent" if is_hovered else "text"))


def _line(painter: QPainter) -> int:
    return painter.fontMetrics().height()


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    parts = (
        (one.redF(), other.redF()),
        (one.greenF(), other.greenF()),
        (one.blueF(), other.blueF()),
    )
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in parts))


def _luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
