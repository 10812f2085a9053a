"""While a key is held: the current image large, and its neighbours in the order beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from models.types import Pixels
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.labels import LabelState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.caption import Caption
from qtapp.views.image_view import ImageView
from qtapp.views.theme import Theme

_EACH_SIDE = 2
_MARGIN_SHARE = 0.17  # of the width, on each side, for the neighbours


class Peek(QWidget):
    """Lies over its parent while ViewState.peeking; keys go on to work under it."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._selection = session, labels, selection
        self._order, self._view, self._thumbnails, self._theme = order, view, thumbnails, theme
        self.setObjectName("peek")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.image = ImageView(theme, self)
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.caption = Caption(labels, scores, view, theme, self)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(look.space_2)
        self._column.addWidget(self.image, 1)
        self._column.addWidget(self.caption)
        self.hide()
        parent.installEventFilter(self)
        view.peeking_changed.connect(self._follow)
        selection.current_changed.connect(self._show_current)
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
        row = self._order.row_of(self._selection.current)
        if row == NOT_SHOWN:
            return
        for step in range(1, _EACH_SIDE + 1):
            for neighbour, on_left in ((row - step, True), (row + step, False)):
                if 0 <= neighbour < len(self._order.rows):
                    box = self._box(step, on_left)
                    self._paint_neighbour(painter, int(self._order.rows[neighbour]), box)

    def _box(self, step: int, on_left: bool) -> QRect:
        """The nearest neighbour is level with the middle, the next one below it."""
        side = round(self.width() * _MARGIN_SHARE) - 2 * look.space_4
        line = QFontMetrics(self.font()).height() + look.space_1
        x = look.space_4 if on_left else self.width() - look.space_4 - side
        y = self.height() // 2 - (side + line) - look.space_2
        return QRect(x, y + (step - 1) * (side + line + look.space_4), side, side)

    def _paint_neighbour(self, painter: QPainter, sample_id: int, box: QRect) -> None:
        image = self._thumbnails.image(sample_id)
        if isinstance(image, QImage):
            size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(box.topLeft(), size)
            target.moveCenter(box.center())
            shrinks = image.width() > target.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(target, image)
        else:
            painter.fillRect(box, self._theme.color("raised"))
        metrics = QFontMetrics(self.font())
        name = self._labels.class_name(int(self._labels.labels[sample_id]))
        cut = metrics.elidedText(name, Qt.TextElideMode.ElideRight, box.width())
        painter.setPen(self._theme.color("text_muted"))
        under = QRect(box.left(), box.bottom() + look.space_1, box.width(), metrics.height())
        painter.drawText(under, Qt.AlignmentFlag.AlignHCenter, cut)

    def _follow(self) -> None:
        peeking = self._view.peeking and self._order.row_of(self._selection.current) != NOT_SHOWN
        if peeking:
            self._cover()
            self.raise_()
        self.setVisible(peeking)
        self._show_current()

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def _show_current(self) -> None:
        if not self.isVisible() or self._order.row_of(self._selection.current) == NOT_SHOWN:
            return
        if self._thumbnails.full(self._selection.current) is None:
            self.image.show_image(None)
        self._thumbnails.want_full(self._selection.current)
        self._redraw()

    def _take(self, sample_id: int, pixels: Pixels | str) -> None:
        info = self._session.info
        if self.isVisible() and sample_id == self._selection.current and info is not None:
            self.image.show_image(pixels, info.value_range)

    def _redraw(self) -> None:
        if self.isVisible():
            self.caption.show_sample(self._selection.current)
            self.update()
