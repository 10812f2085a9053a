"""The images at one end of a property, the outermost first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from models.review.bias import Ends
from models.types import UNLABELLED, SampleIds, Scores
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.labels import LabelState
from qtapp.views import theme as look
from qtapp.views.bias.wording import group_name, tr, value_text, words
from qtapp.views.parts import plain_tip, small_font, takes_keys
from qtapp.views.theme import Theme

TILE_PX, _GAP_PX = 56, 3
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def size_on_screen(widget: QWidget) -> int:
    """Side of the images that are asked for, in device pixels."""
    return math.ceil(TILE_PX * widget.devicePixelRatioF())


class EndTiles(QWidget):
    """As many tiles as there is room for, the value on each. A click or Enter goes to an image."""

    chosen = Signal(int)

    def __init__(self, thumbnails: Thumbnails, theme: Theme) -> None:
        super().__init__()
        self._thumbnails, self._theme = thumbnails, theme
        self.sample_ids: SampleIds = np.empty(0, np.int64)
        self._values: Scores = np.empty(0, np.float32)
        self._class_names: Sequence[str] = ()
        self._cursor = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        thumbnails.arrived.connect(self.update)
        theme.changed.connect(self.update)

    def show_end(self, sample_ids: SampleIds, values: Scores, class_names: Sequence[str]) -> None:
        """`class_names` of each image; a value that is not a number is not drawn."""
        if not np.array_equal(sample_ids, self.sample_ids):
            self._cursor = 0
        self.sample_ids, self._values, self._class_names = sample_ids, values, class_names
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(4 * TILE_PX, TILE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(TILE_PX, TILE_PX)

    @property
    def columns(self) -> int:
        """How many tiles lie side by side."""
        return max(1, (self.width() + _GAP_PX) // (TILE_PX + _GAP_PX))

    def _tile(self, place: int) -> QRect:
        step = TILE_PX + _GAP_PX
        row, column = divmod(place, self.columns)
        return QRect(column * step, row * step, TILE_PX, TILE_PX)

    def _place_at(self, at: QPoint) -> int | None:
        shown = (place for place in range(self.n_shown) if self._tile(place).contains(at))
        return next(shown, None)

    @property
    def n_shown(self) -> int:
        """How many tiles there is room for."""
        rows = max(1, (self.height() + _GAP_PX) // (TILE_PX + _GAP_PX))
        return min(len(self.sample_ids), rows * self.columns)

    # -- drawing -----------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(small_font(self.font()))
        for place in range(self.n_shown):
            self._draw(painter, place)

    def _draw(self, painter: QPainter, place: int) -> None:
        tile = self._tile(place)
        painter.fillRect(tile, self._theme.color("image_backdrop"))
        image = self._thumbnails.image(int(self.sample_ids[place]), size_on_screen(self))
        if isinstance(image, QImage):
            size = image.size().scaled(tile.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(tile.topLeft(), size.expandedTo(QSize(1, 1)))
            target.moveCenter(tile.center())
            shrinks = image.width() > target.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(target, image)
        if math.isfinite(self._values[place]):
            self._draw_value(painter, tile, float(self._values[place]))
        if self.hasFocus() and place == self._cursor:
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawRect(QRectF(tile).adjusted(1, 1, -1, -1))

    def _draw_value(self, painter: QPainter, tile: QRect, value: float) -> None:
        text = f"{value:,.3g}".replace("-", "−")
        metrics = painter.fontMetrics()
        ground = QRect(0, 0, metrics.horizontalAdvance(text) + 4, metrics.height())
        ground.moveBottomRight(tile.bottomRight())
        badge = self._theme.color("badge")
        badge.setAlphaF(0.82)
        painter.fillRect(ground, badge)
        painter.setPen(self._theme.color("badge_text"))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)

    # -- pointer and keys ----------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._cursor = place
            self.chosen.emit(int(self.sample_ids[place]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place_at(event.pos())
            if place is not None:
                QToolTip.showText(event.globalPos(), plain_tip(self._said(place)), self)
            return True
        return takes_keys(event, _KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _KEYS or not self.n_shown:
            super().keyPressEvent(event)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(int(self.sample_ids[self._cursor]))
        else:
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._cursor = min(max(self._cursor + step, 0), self.n_shown - 1)
            self._describe()
            self.update()

    def _said(self, place: int) -> str:
        name, sample_id = self._class_names[place], int(self.sample_ids[place])
        value = float(self._values[place])
        if not math.isfinite(value):
            return tr("{name}, image {id:,}").format(name=name, id=sample_id)
        return tr("{name}, image {id:,}: {value}").format(
            name=name, id=sample_id, value=value_text(value)
        )

    def _describe(self) -> None:
        here = self._cursor < len(self.sample_ids)
        self.setAccessibleDescription(self._said(self._cursor) if here else "")


class LinesOfTiles(EndTiles):
    """As high as its tiles need, up to so many lines."""

    def __init__(self, thumbnails: Thumbnails, theme: Theme) -> None:
        super().__init__(thumbnails, theme)
        self._most_lines = 2

    def limit(self, lines: int) -> None:
        self._most_lines = lines
        self._fit()

    def show_end(self, sample_ids: SampleIds, values: Scores, class_names: Sequence[str]) -> None:
        super().show_end(sample_ids, values, class_names)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = min(max(-(-len(self.sample_ids) // self.columns), 1), self._most_lines)
        self.setFixedHeight(lines * (TILE_PX + _GAP_PX) - _GAP_PX)


class End(QWidget):
    """A title that shows all of them in the grid, over the tiles."""

    wanted = Signal()  # all of them

    def __init__(self, thumbnails: Thumbnails, theme: Theme) -> None:
        super().__init__()
        self.title = QPushButton()
        self.title.setProperty("link", True)
        self.title.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.title.setToolTip(tr("Show these images in the grid"))
        self.title.clicked.connect(self.wanted)
        self.tiles = EndTiles(thumbnails, theme)
        self._whole = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.tiles, 1)

    def show_end(
        self, title: str, sample_ids: SampleIds, values: Scores, class_names: Sequence[str]
    ) -> None:
        self._whole = title
        self._elide()
        self.title.setAccessibleName(title)
        self.title.setEnabled(bool(len(sample_ids)))
        self.tiles.setAccessibleName(title)
        self.tiles.show_end(sample_ids, values, class_names)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - 2 * look.space_2, 0)
        metrics = QFontMetrics(self.title.font())
        self.title.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))


class BothEnds(QWidget):
    """The images with the least of a property over those with the most of it."""

    chosen = Signal(int)  # an image
    wanted = Signal(bool)  # all of an end: of the highest, or of the lowest

    def __init__(self, thumbnails: Thumbnails, theme: Theme) -> None:
        super().__init__()
        self.lowest, self.highest = End(thumbnails, theme), End(thumbnails, theme)
        self.lowest.wanted.connect(lambda: self.wanted.emit(False))
        self.highest.wanted.connect(lambda: self.wanted.emit(True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        for end in (self.lowest, self.highest):
            end.tiles.chosen.connect(self.chosen)
            column.addWidget(end, 1)

    def show_ends(self, ends: Ends, labels: LabelState) -> None:
        """Show the images and the class that each carries now."""
        said, group = words(ends.name), group_name(ends.group, labels.class_names)
        for end, what, ids, values in (
            (self.lowest, said.least, ends.lowest, ends.low_values),
            (self.highest, said.most, ends.highest, ends.high_values),
        ):
            codes = labels.labels[ids].tolist()
            carried = [labels.class_name(code) if code != UNLABELLED else "–" for code in codes]
            end.show_end(tr("{what}: {group}").format(what=what, group=group), ids, values, carried)
