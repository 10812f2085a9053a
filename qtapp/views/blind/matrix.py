"""The person's own confusions: labels down, answers across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from models.types import LabelVector
from qtapp.views import theme as look
from qtapp.views.blind.wording import confusions_text, tr
from qtapp.views.parts import CENTRE, RIGHT, plain_tip, small_font
from qtapp.views.theme import Theme

MOST = 12  # classes that are shown
_CELL_PX = 30  # at least
_NAME_PX, _NAME_ACROSS_PX = 150, 104  # at most; longer names are cut
_PALEST = 0.22


def most_confused(labels: LabelVector, answers: LabelVector) -> list[int]:
    """The classes to show: all that occur if they fit, else the pairs most often confused."""
    codes = np.unique(np.concatenate([labels, answers]))
    if len(codes) <= MOST:
        return [int(code) for code in codes]
    wrong = labels != answers
    pairs, times = np.unique(np.stack([labels[wrong], answers[wrong]]), axis=1, return_counts=True)
    shown: set[int] = set()
    for place in np.argsort(-times, kind="stable"):
        with_pair = shown | {int(code) for code in pairs[:, place]}
        shown = with_pair if len(with_pair) <= MOST else shown
    return sorted(shown)


class ConfusionMatrix(QWidget):
    """A cell says how often; hover to read both names whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: list[str] = []
        self.counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self.setAccessibleName(tr("Your confusion matrix"))
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # of axes
        theme.changed.connect(self.update)

    def show_answers(self, labels: LabelVector, answers: LabelVector, names: Sequence[str]) -> None:
        """Count answers by label, both int32 (m,) codes into `names`."""
        codes = most_confused(labels, answers)
        places = np.full(len(names), -1)
        places[codes] = np.arange(len(codes))
        rows, columns = places[labels], places[answers]
        inside = (rows >= 0) & (columns >= 0)
        self.counts = np.zeros((len(codes), len(codes)), np.int64)
        np.add.at(self.counts, (rows[inside], columns[inside]), 1)
        self._names = [names[code] for code in codes]
        wrong = self.counts * ~np.eye(len(codes), dtype=bool)
        worst = np.argsort(-wrong, axis=None, kind="stable")[:MOST]
        pairs = [(*divmod(int(cell), len(codes)), int(wrong.flat[cell])) for cell in worst]
        said = confusions_text(self._names, [pair for pair in pairs if pair[2]])
        self.setAccessibleDescription(said or tr("no confusions"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = len(self._names) * self._cell_px
        return QSize(self._names_px() + side + 1, self._across_px() + side + 1)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())  # a painter takes the application's
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in range(len(self._names)):
            self._paint_names(painter, row)
            for column in range(len(self._names)):
                self._paint_cell(painter, row, column)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tip(self.text_at(event.pos())), self)
            return True
        return super().event(event)

    def text_at(self, point: QPoint) -> str:
        """What the cell under a point counts; empty outside the cells."""
        row = (point.y() - self._across_px()) // self._cell_px
        column = (point.x() - self._names_px()) // self._cell_px
        if not (0 <= row < len(self._names) and 0 <= column < len(self._names)):
            return ""
        return tr("label {label}, your answer {answer}: {n}").format(
            label=self._names[row], answer=self._names[column], n=self.counts[row, column]
        )

    def _paint_cell(self, painter: QPainter, row: int, column: int) -> None:
        n = int(self.counts[row, column])
        x, y = self._names_px() + column * self._cell_px, self._across_px() + row * self._cell_px
        cell = QRect(x, y, self._cell_px, self._cell_px).adjusted(1, 1, -1, -1)
        colour = self._theme.color("raised")
        if n:
            colour = self._theme.color("success" if row == column else "suggested")
            off = self.counts[~np.eye(len(self.counts), dtype=bool)]
            most = self.counts.diagonal().max() if row == column else off.max()
            colour.setAlphaF(_PALEST + (1 - _PALEST) * 0.3 * n / max(1, int(most)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(cell, 3, 3)
        if n:
            painter.setPen(self._theme.color("text"))
            painter.drawText(cell, CENTRE, str(n))

    def _paint_names(self, painter: QPainter, place: int) -> None:
        painter.save()
        painter.setFont(small_font(self.font()))
        painter.setPen(self._theme.color("text_muted"))
        metrics, middle = painter.fontMetrics(), Qt.TextElideMode.ElideMiddle
        down, across, side = self._names_px(), self._across_px(), self._cell_px
        gap = look.space_2
        text = metrics.elidedText(self._names[place], middle, down - gap)
        painter.drawText(QRect(0, across + place * side, down - gap, side), RIGHT, text)
        painter.translate(down + place * side, across - gap)
        painter.rotate(-90)
        text = metrics.elidedText(self._names[place], middle, across - gap)
        painter.drawText(QRect(0, 0, across - gap, side), Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    @property
    def _cell_px(self) -> int:
        """The side of a cell, for the largest number to be read in letters of any size."""
        widest = QFontMetrics(self.font()).horizontalAdvance(str(self.counts.max(initial=0)))
        return max(_CELL_PX, widest + 2 * look.space_1)

    def _names_px(self) -> int:
        return min(self._widest(), _NAME_PX) + look.space_2

    def _across_px(self) -> int:
        return min(self._widest(), _NAME_ACROSS_PX) + look.space_2

    def _widest(self) -> int:
        metrics = QFontMetrics(small_font(self.font()))
        widths = (metrics.horizontalAdvance(name) for name in self._names)
        return max(widths, default=0) + look.space_1
