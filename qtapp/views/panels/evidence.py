"""Beside a decision, its evidence: the nearest images with the label, and with its rival."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from models.review.likeness import OF_EACH, Alike
from models.types import UNLABELLED
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.labels import LabelState
from qtapp.state.neighbours import NeighbourState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.parts import ElidedLabel, Later, plain_tip, section, small_font, takes_keys
from qtapp.views.theme import Theme

_LEAST_PX, _MOST_PX = 40, 84  # side of a tile
_GLYPH_PX = 10
_ASKER = "evidence"
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _size_px(widget: QWidget) -> int:
    """Side of the images that are asked for: that of the largest tile, so that none is blown up."""
    return math.ceil(_MOST_PX * widget.devicePixelRatioF())


class NeighbourTile(QWidget):
    """One image, its distance on it; the frame says for which side it speaks."""

    chosen = Signal(int)
    pointed = Signal(int)  # at its image, or at none (NOTHING)

    def __init__(self, thumbnails: Thumbnails, theme: Theme, token: str, line: Qt.PenStyle) -> None:
        super().__init__()
        self._thumbnails, self._theme, self._token, self._line = thumbnails, theme, token, line
        self.sample_id = NOTHING
        self.distance = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        rule = self.sizePolicy()
        rule.setRetainSizeWhenHidden(True)  # a short row keeps its height, and tiles their size
        rule.setHorizontalPolicy(rule.Policy.Ignored)
        self.setSizePolicy(rule)
        self.setMinimumSize(_LEAST_PX, _LEAST_PX)

    def show_neighbour(self, sample_id: int, distance: float, class_name: str) -> None:
        self.sample_id, self.distance = sample_id, distance
        self.setAccessibleName(
            self.tr("image {id}, {name}, distance {distance:.3f}").format(
                id=sample_id, name=class_name, distance=distance
            )
        )
        self.setToolTip(
            plain_tip(
                f"{class_name}\n"
                + self.tr("image {id:,} · distance {distance:.3f}").format(
                    id=sample_id, distance=distance
                )
            )
        )
        self.show()
        self.update()
        if self._is_near:  # the pointer rests where another image was
            self.pointed.emit(sample_id)

    @property
    def _is_near(self) -> bool:
        return self.underMouse() or self.hasFocus()

    def sizeHint(self) -> QSize:
        return QSize(_LEAST_PX, _LEAST_PX)

    # -- pointer and keys ----------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        return takes_keys(event, _CHOOSE) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.sample_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _CHOOSE:
            self.chosen.emit(self.sample_id)
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(self.sample_id)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(NOTHING)
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._is_near:
            self.pointed.emit(NOTHING)
        super().hideEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.pointed.emit(self.sample_id)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.pointed.emit(NOTHING)
        super().focusOutEvent(event)

    # -- painting ------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self.width(), self.height())
        whole = QRect(0, 0, side, side)
        inside = whole.adjusted(3, 3, -3, -3)
        painter.fillRect(inside, self._theme.color("image_backdrop"))
        image = self._thumbnails.image(self.sample_id, _size_px(self))
        if isinstance(image, QImage):
            size = image.size().scaled(inside.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(inside.topLeft(), size.expandedTo(QSize(1, 1)))
            target.moveCenter(inside.center())
            shrinks = image.width() > target.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(target, image)
        self._paint_distance(painter, inside)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.color("accent" if self._is_near else self._token)
        painter.setPen(QPen(colour, 2, self._line))
        painter.drawRoundedRect(QRectF(whole).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_distance(self, painter: QPainter, inside: QRect) -> None:
        font = small_font(self.font())
        metrics = QFontMetrics(font)
        text = f"{self.distance:.3f}"
        ground = QRect(0, 0, metrics.horizontalAdvance(text) + 4, metrics.height())
        ground.moveBottomRight(inside.bottomRight())
        badge = self._theme.color("badge")
        badge.setAlphaF(0.82)
        painter.fillRect(ground, badge)
        painter.setFont(font)
        painter.setPen(self._theme.color("badge_text"))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)


class EvidenceSide(QWidget):
    """A line that says which label, and the nearest images that carry it."""

    def __init__(
        self, thumbnails: Thumbnails, theme: Theme, token: str, glyph: str, line: Qt.PenStyle
    ) -> None:
        super().__init__()
        self._theme, self._token, self._glyph = theme, token, glyph
        self.title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.title.setProperty("role", "small")
        self._mark = QLabel()
        self.tiles = [NeighbourTile(thumbnails, theme, token, line) for _ in range(OF_EACH)]
        top = QHBoxLayout()
        top.setSpacing(look.space_1)
        top.addWidget(self._mark)
        top.addWidget(self.title, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.space_1)
        grid.setVerticalSpacing(2)
        grid.addLayout(top, 0, 0, 1, OF_EACH)
        for column, tile in enumerate(self.tiles):
            grid.addWidget(tile, 1, column)
            grid.setColumnStretch(column, 1)
        theme.changed.connect(self._recolour)
        self._recolour()

    def show_side(self, title: str, alike: Alike, class_names: Sequence[str]) -> None:
        """Show these images; `class_names` are what each of them carries."""
        self.title.set_whole(title)
        for at, tile in enumerate(self.tiles):
            if at < len(alike.sample_ids):
                tile.show_neighbour(
                    int(alike.sample_ids[at]), float(alike.distance[at]), class_names[at]
                )
            else:
                tile.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = (self.width() - (OF_EACH - 1) * look.space_1) // OF_EACH
        for tile in self.tiles:
            tile.setFixedHeight(min(max(side, _LEAST_PX), _MOST_PX))

    def _recolour(self) -> None:
        ratio = self.devicePixelRatioF()
        self._mark.setPixmap(self._theme.pixmap(self._glyph, self._token, _GLYPH_PX, ratio))
        self.update()


class EvidenceStrip(QWidget):
    """What looks like the current image. A click goes to an image, the peek key shows it."""

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        view: ViewState,
        neighbours: NeighbourState,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores, self._selection = labels, scores, selection
        self._view, self._neighbours, self._thumbnails = view, neighbours, thumbnails
        self.given = EvidenceSide(thumbnails, theme, "given", "square", Qt.PenStyle.SolidLine)
        self.rivals = EvidenceSide(thumbnails, theme, "suggested", "diamond", Qt.PenStyle.DashLine)
        self.nothing = QLabel(self.tr("No scores yet."))
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        self.heading = section(self.tr("Nearest by look"))
        for part in (self.heading, self.nothing, self.given, self.rivals):
            column.addWidget(part)
        for tile in (*self.given.tiles, *self.rivals.tiles):
            tile.chosen.connect(selection.set_current)
            tile.pointed.connect(view.point_at)
        later = Later(self._redraw, self)
        for changed in (
            *(neighbours.changed, scores.changed, selection.current_changed),
            *(labels.classes_changed, view.changed),
        ):
            changed.connect(later.ask)
        thumbnails.arrived.connect(self.update)
        self._redraw()

    def _redraw(self) -> None:
        current = self._selection.current
        found = self._neighbours.of(current) if current != NOTHING else None
        blind = found is None and self._scores.shown is not None
        self.setVisible(not blind)
        self.nothing.setVisible(found is None)
        self.given.setVisible(found is not None)
        rule = self.rivals.sizePolicy()
        rule.setRetainSizeWhenHidden(found is not None)  # hiding predictions moves nothing
        self.rivals.setSizePolicy(rule)
        self.rivals.setVisible(found is not None and not self._view.predictions_hidden)
        if found is None:
            return
        self._thumbnails.want_beside(found.sample_ids, _size_px(self), _ASKER)
        label = int(self._labels.labels[current])
        name = self._labels.class_name(label)
        if label == UNLABELLED:
            said = self.tr("this image has no label")
        elif len(found.same.sample_ids):
            said = name
        else:
            said = self.tr("no other image is labelled {}").format(name)
        self.given.show_side(said, found.same, self._names(found.same))
        carried = self._names(found.rivals)
        if found.rival != UNLABELLED and not carried:
            rival = self._labels.class_name(found.rival)
            said = self.tr("no other image is labelled {}").format(rival)
        elif not carried:
            said = self.tr("no image with another label")
        elif found.rival == UNLABELLED:  # the model agrees: what else it could be
            said = self.tr("other labels: {}").format(" · ".join(dict.fromkeys(carried)))
        else:
            said = carried[0]
        self.rivals.show_side(said, found.rivals, carried)

    def _names(self, alike: Alike) -> list[str]:
        labels = self._labels
        return [labels.class_name(int(labels.labels[i])) for i in alike.sample_ids]
