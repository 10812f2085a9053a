"""Some images of a split as they are, over the same ones with something undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from qtapp.jobs.undoing_pictures import UndoingPictures
from qtapp.views import theme as look
from qtapp.views.audit.wording import tr
from qtapp.views.parts import ElidedLabel
from qtapp.views.theme import Theme

TILE_PX, _LEAST_PX, _GAP_PX = 64, 28, 3
_N_EXPECTED = 6  # places that are kept for images on their way


class UndoingStrip(QWidget):
    """Asks for its images while it is looked at."""

    def __init__(self, pictures: UndoingPictures, theme: Theme) -> None:
        super().__init__()
        self._pictures = pictures
        self._undoing: tuple[str, Mapping[str, Any]] | None = None
        self.now, self.then = ElidedLabel(), ElidedLabel()
        self.before, self.after = ImageRow(theme), ImageRow(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, look.space_1)
        column.setSpacing(2)
        for label, row in ((self.now, self.before), (self.then, self.after)):
            label.setProperty("role", "small")
            column.addWidget(label)
            column.addWidget(row)
        pictures.arrived.connect(self._redraw)

    def show_undoing(self, undoing: tuple[str, Mapping[str, Any]] | None) -> None:
        """What is to be undone, in which split; out of sight where there is nothing."""
        self._undoing = undoing
        self.setVisible(undoing is not None)
        self._want()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pictures.want_nothing()

    def _want(self) -> None:
        if self._undoing is not None and self.isVisible():
            size_px = round(TILE_PX * self.devicePixelRatioF())
            self._pictures.want(*self._undoing, size_px)
            self._redraw()

    def _redraw(self) -> None:
        if self._undoing is None:
            return
        split, pairs = self._undoing[0], self._pictures.pairs
        is_shown = pairs is None or bool(pairs)
        now = tr("Some images of {split} as they are").format(split=split)
        self.now.set_whole(now if is_shown else tr("No image could be shown with it undone."))
        self.then.set_whole(tr("The same with it undone"))
        for shown in (self.before, self.then, self.after):
            shown.setVisible(is_shown)
        named = ", ".join(f"{pair.sample_id:,}" for pair in pairs or ())
        described = tr("Images {ids}").format(ids=named) if named else tr("Being made…")
        for row, label in ((self.before, self.now), (self.after, self.then)):
            row.setAccessibleName(label.toolTip())
            row.setAccessibleDescription(described)
        self.before.show_images(None if pairs is None else [pair.before for pair in pairs])
        self.after.show_images(None if pairs is None else [pair.after for pair in pairs])


class ImageRow(QWidget):
    """All images in one line, hence smaller where there is little room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.images: Sequence[QImage] | None = None
        self.tile_px = TILE_PX
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_images(self, images: Sequence[QImage] | None) -> None:
        """None: they are on their way."""
        self.images = images
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_N_EXPECTED * (TILE_PX + _GAP_PX), self.tile_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(TILE_PX, self.tile_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give each the same share of the width; the row is as high as they are."""
        n = _N_EXPECTED if self.images is None else max(len(self.images), 1)
        share = (self.width() + _GAP_PX) // n - _GAP_PX
        tile_px = min(max(share, _LEAST_PX), TILE_PX)
        if tile_px != self.tile_px:
            self.tile_px = tile_px
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        step = self.tile_px + _GAP_PX
        room = max(1, (self.width() + _GAP_PX) // step)
        n = _N_EXPECTED if self.images is None else len(self.images)
        for place in range(min(n, room)):
            tile = QRectF(place * step, 0, self.tile_px, self.tile_px)
            painter.fillRect(tile, self._theme.color("image_backdrop"))
            if self.images is not None:
                self._draw(painter, tile, self.images[place])

    def _draw(self, painter: QPainter, tile: QRectF, image: QImage) -> None:
        ratio = self.devicePixelRatioF()
        times = int(self.tile_px * ratio) // max(image.width(), image.height())
        if times:
            size = QSizeF(image.size()) * (times / ratio)
        else:
            size = QSizeF(image.size()).scaled(tile.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(tile.topLeft(), size)
        target.moveCenter(tile.center())
        # From a whole pixel of the screen on, or an enlarged one would not be sharp.
        target.moveTo(round(target.x() * ratio) / ratio, round(target.y() * ratio) / ratio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not times)
        painter.drawImage(target, image)
