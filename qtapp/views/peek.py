"""While a key is held: an image large, and beside it those that look most like it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from models.types import SampleIds
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.neighbours import NeighbourState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.caption import Caption
from qtapp.views.image_view import ImageView
from qtapp.views.parts import LEFT, RIGHT, WHOLE
from qtapp.views.theme import Theme

_ASKER = "peek"
_EACH_SIDE = 3
_MARGIN_SHARE = 0.17  # of the width, on each side, for the neighbours
_LEAST_NAME = "MM…MM"  # of a class; its distance goes before less of it is seen


class Peek(QWidget):
    """Lies over its parent while ViewState.peeking; keys go on to work under it.

    It shows the current image, or the neighbour of it that is pointed at. As long as there are no
    scores, the images before and after it in the order stand in for its neighbours.
    """

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        neighbours: NeighbourState,
        image_look: ImageLook,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._selection, self._neighbours = selection, neighbours
        self._order, self._view, self._thumbnails, self._theme = order, view, thumbnails, theme
        self.setObjectName("peek")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.image = ImageView(image_look, theme, self)
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.caption = Caption(labels, scores, view, theme, self)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(look.space_2)
        self._column.addWidget(self.image, 1)
        self._column.addWidget(self.caption)
        self.hide()
        parent.installEventFilter(self)
        view.peeking_changed.connect(self._follow)
        view.pointed_changed.connect(self._show_image)
        selection.current_changed.connect(self._show_image)
        neighbours.changed.connect(self._redraw)
        labels.changed.connect(self._redraw)
        scores.changed.connect(self._redraw)
        view.changed.connect(self._redraw)
        thumbnails.full_arrived.connect(self._take)
        thumbnails.arrived.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the parent."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._cover()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side, edge = round(self.width() * _MARGIN_SHARE), look.space_4
        self._column.setContentsMargins(side, edge, side, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("window"))
        title, beside = self._beside()
        if len(beside):
            painter.setPen(self._theme.color("text_muted"))
            width = round(self.width() * _MARGIN_SHARE) - look.space_4
            line = QRect(look.space_4, look.space_4, width, QFontMetrics(self.font()).height())
            title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, width)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, title)
        for place, (sample_id, said) in enumerate(beside):
            if sample_id != NOTHING:
                self._paint_neighbour(painter, sample_id, said, self._box(place))

    def _beside(self) -> tuple[str, list[tuple[int, str]]]:
        """What lies beside the image, and in words what that is: ids, and a line of each."""
        current = self._selection.current
        found = self._neighbours.of(current)
        if self._scores.shown is None:
            return self.tr("in the order"), [(i, "") for i in self._in_order(current)]
        alone = self._image_id() != current or self._view.predictions_hidden
        if found is None or alone:  # to be judged blind, or a neighbour is looked at itself
            return "", []
        nearest = found.nearest
        shown = nearest.sample_ids[: 2 * _EACH_SIDE].tolist()
        distances = [f"{distance:.3f}" for distance in nearest.distance]
        return self.tr("nearest by look"), list(zip(shown, distances, strict=False))

    def _in_order(self, current: int) -> list[int]:
        row = self._order.row_of(current)
        if row == NOT_SHOWN:
            return []
        before: SampleIds = self._order.rows[max(0, row - _EACH_SIDE) : row]
        after: SampleIds = self._order.rows[row + 1 : row + 1 + _EACH_SIDE]
        return [*[NOTHING] * (_EACH_SIDE - len(before)), *before.tolist(), *after.tolist()]

    def _box(self, place: int) -> QRect:
        """Down the left side, then down the right; the middle ones level with the image's."""
        line = QFontMetrics(self.font()).height() + look.space_1
        above_and_below = 2 * (look.space_4 + line)  # the title's line twice, as they are centred
        room = (self.height() - above_and_below) // _EACH_SIDE - line - look.space_2
        side = min(round(self.width() * _MARGIN_SHARE) - 2 * look.space_4, room)
        column, step = divmod(place, _EACH_SIDE)
        x = self.width() - look.space_4 - side if column else look.space_4
        pitch = side + line + look.space_2
        top = (self.height() - _EACH_SIDE * pitch + look.space_2) // 2
        return QRect(x, top + step * pitch, side, side)

    def _size_px(self) -> int:
        """Of a neighbour, in pixels of the screen."""
        return max(1, math.ceil(self._box(0).width() * self.devicePixelRatioF()))

    def _paint_neighbour(self, painter: QPainter, sample_id: int, said: str, box: QRect) -> None:
        image = self._thumbnails.image(sample_id, self._size_px())
        if isinstance(image, QImage):
            size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(box.topLeft(), size)
            target.moveCenter(box.center())
            shrinks = image.width() > target.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(target, image)
        else:
            painter.fillRect(box, self._theme.color("raised"))
        metrics = QFontMetrics(self.font())
        name = self._labels.class_name(int(self._labels.labels[sample_id]))
        under = QRect(box.left(), box.bottom() + 2, box.width(), metrics.height())
        room = box.width() - metrics.horizontalAdvance(said + " " if said else "")
        if room < min(map(metrics.horizontalAdvance, (name, _LEAST_NAME))):
            room, said = box.width(), ""
        painter.setPen(self._theme.color("text"))
        painter.drawText(
            under, LEFT | WHOLE, metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        )
        painter.setPen(self._theme.color("text_muted"))
        painter.drawText(under, RIGHT, said)

    def _image_id(self) -> int:
        """What is looked at; NOTHING if there is nothing to look at. An image that the order
        leaves out is looked at like any other: keys act on it."""
        pointed = self._view.pointed
        return self._selection.current if pointed == NOTHING else pointed

    def _follow(self) -> None:
        peeking = self._view.peeking and self._image_id() != NOTHING
        if peeking:
            self._cover()
            self.raise_()
        self.setVisible(peeking)
        if peeking:
            self._show_image()
        else:
            self._thumbnails.want_beside(np.empty(0, np.int64), 0, _ASKER)

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def _show_image(self) -> None:
        sample_id = self._image_id()
        if not self.isVisible() or sample_id == NOTHING:
            return
        if self._thumbnails.full(sample_id) is None:
            self.image.show_image(None)
        self._thumbnails.want_full(sample_id)
        self._redraw()

    def _take(self, sample_id: int, picture: Picture | str) -> None:
        info = self._session.info
        if self.isVisible() and sample_id == self._image_id() and info is not None:
            self.image.show_image(picture, info.value_range)

    def _redraw(self) -> None:
        if not self.isVisible() or self._image_id() == NOTHING:
            return
        self.caption.show_sample(self._image_id())
        beside = [sample_id for sample_id, _ in self._beside()[1] if sample_id != NOTHING]
        self._thumbnails.want_beside(np.array(beside, np.int64), self._size_px(), _ASKER)
        self.update()
