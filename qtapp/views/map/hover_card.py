"""The image under the pointer: its thumbnail and what is known of it, beside the point."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.caption import Caption
from qtapp.views.theme import Theme

SIDE_PX = 96
_ASKER = "map"
_BESIDE_PX = 14


class HoverCard(QFrame):
    """Lies over its parent and lets the pointer through."""

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        view: ViewState,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.sample_id = NOTHING
        self.setProperty("card", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture, self.caption = QLabel(self), Caption(labels, scores, view, theme, self)
        self.picture.setFixedSize(SIDE_PX, SIDE_PX)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(*4 * (look.space_2,))
        column.setSpacing(look.space_1)
        column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.caption)
        thumbnails.arrived.connect(self._fill)
        self.hide()

    def show_sample(self, sample_id: int, at: QPoint) -> None:
        """Show an image beside a point of the parent; NOTHING hides the card."""
        if sample_id == NOTHING:
            self.sample_id = NOTHING
            self.hide()
            return
        if sample_id != self.sample_id:
            self.sample_id = sample_id
            self._thumbnails.want_beside(np.array([sample_id]), self._size_px(), _ASKER)
            self.caption.show_sample(sample_id)
            self._fill()
        self.adjustSize()
        self.move(self._beside(at))
        self.show()
        self.raise_()

    def _size_px(self) -> int:
        return math.ceil(SIDE_PX * self.devicePixelRatioF())

    def _fill(self) -> None:
        if self.sample_id == NOTHING:
            return
        image = self._thumbnails.image(self.sample_id, self._size_px())
        if isinstance(image, QImage):
            ratio = self.devicePixelRatioF()
            room = QSize(SIDE_PX, SIDE_PX) * ratio
            shrinks = max(image.width(), image.height()) > room.width()
            smooth = Qt.TransformationMode.SmoothTransformation
            plain = Qt.TransformationMode.FastTransformation
            pixmap = QPixmap.fromImage(image).scaled(
                room, Qt.AspectRatioMode.KeepAspectRatio, smooth if shrinks else plain
            )
            pixmap.setDevicePixelRatio(ratio)
            self.picture.setPixmap(pixmap)
        else:
            self.picture.setText(image or "…")

    def _beside(self, at: QPoint) -> QPoint:
        """Right of the point and below it, or where there is room."""
        parent = self.parentWidget()
        assert parent is not None
        x, y = at.x() + _BESIDE_PX, at.y() + _BESIDE_PX
        if x + self.width() > parent.width():
            x = at.x() - _BESIDE_PX - self.width()
        if y + self.height() > parent.height():
            y = at.y() - _BESIDE_PX - self.height()
        return QPoint(max(0, x), max(0, min(y, parent.height() - self.height())))
