"""A few images side by side: what they say of themselves under each, one zoom for all."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from models.review.decisions import Status
from models.types import UNLABELLED, SampleIds
from qtapp.commands.registry import Registry
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import COMPARE, ViewState
from qtapp.views import theme as look
from qtapp.views.image_view import ImageView
from qtapp.views.parts import CommandButton, ElidedLabel
from qtapp.views.theme import Theme

_GLYPH_PX = 12
_INDENTED_PX = 128  # wide: a narrower one needs all its room for its figures
_CAPTION_PX = 86  # about what stands under an image
_STATES = {
    Status.KEPT: ("check", "kept"),
    Status.CHANGED: ("pencil", "corrected"),
    Status.EXCLUDED: ("ban", "excluded"),
    Status.SECOND_LOOK: ("clock", "second_look"),
    Status.PENDING: ("circle", "pending"),
}


class _Line(QWidget):
    """A glyph and a text that gives way; an empty one keeps its place."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__()
        self._glyph, self.text = QLabel(), ElidedLabel(mode=mode)
        self._glyph.setFixedWidth(_GLYPH_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_1)
        row.addWidget(self._glyph)
        row.addWidget(self.text, 1)

    def say(self, theme: Theme, glyph: str, token: str, text: str) -> None:
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(theme.pixmap(glyph, token, _GLYPH_PX, ratio))
        self.text.set_whole(text)

    def indent(self, indented: bool) -> None:
        """Whether a text without a glyph begins where the others do."""
        self._glyph.setVisible(indented)

    def say_nothing(self) -> None:
        self._glyph.clear()
        self.text.set_whole("")


class ComparedImage(QWidget):
    """One of the images, framed if it is the current one."""

    chosen = Signal(int)

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        view: ViewState,
        image_look: ImageLook,
        registry: Registry,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._labels, self._scores, self._selection = labels, scores, selection
        self._view, self._theme = view, theme
        self.sample_id = NOTHING
        self.has_image = False
        self.image = ImageView(image_look, theme)
        self.image.addActions(registry.section("image"))
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # moving on changes the current one
        self.image.installEventFilter(self)
        self._label, self._prediction = _Line(), _Line()
        self._figures, self._state = (_Line(Qt.TextElideMode.ElideRight) for _ in range(2))
        for line in (self._figures, self._state):
            line.text.setProperty("role", "small")
        column = self._column = QVBoxLayout(self)
        column.setSpacing(2)
        column.addWidget(self.image, 1)
        column.addSpacing(2)
        for line in (self._label, self._prediction, self._figures, self._state):
            column.addWidget(line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _INDENTED_PX
        self._figures.indent(is_wide)
        margin = look.space_2 if is_wide else look.space_1
        self._column.setContentsMargins(margin, margin, margin, margin)

    def show_sample(self, sample_id: int) -> None:
        """Show an image; its pixels come later."""
        if sample_id != self.sample_id:
            self.sample_id, self.has_image = sample_id, False
            self.image.show_image(None)
        self.redraw()

    def show_picture(self, picture: Picture | str, value_range: tuple[float, float]) -> None:
        self.has_image = True
        self.image.show_image(picture, value_range)

    def forget(self) -> None:
        """Nobody looks any more."""
        self.sample_id, self.has_image = NOTHING, False
        self.image.show_image(None)

    def redraw(self) -> None:
        """Say what is known of it now."""
        labels, sample_id = self._labels, self.sample_id
        given, label = int(labels.given[sample_id]), int(labels.labels[sample_id])
        name = labels.class_name(label) if label != UNLABELLED else self.tr("no label")
        if label == given:
            self._label.say(self._theme, "square", "given", name)
        else:
            was = labels.class_name(given) if given != UNLABELLED else self.tr("no label")
            said = self.tr("{label} · was {was}").format(label=name, was=was)
            self._label.say(self._theme, "pencil", "corrected", said)
        figures = " · ".join(self._redraw_prediction())
        self._figures.text.set_whole(figures)
        status = Status(labels.status[sample_id])
        state = f"{self._state_in_words(status)} · #{sample_id}"
        self._state.say(self._theme, *_STATES[status], state)
        self.setAccessibleName(", ".join(filter(None, (name, state, figures))))
        self.update()

    def _redraw_prediction(self) -> list[str]:
        """The suggestion, and in words what else the model says of it."""
        hidden = self._view.predictions_hidden
        shown = None if hidden else self._scores.shown_of(self.sample_id)
        suggested = UNLABELLED if shown is None else self._scores.suggested(self.sample_id)
        if shown is None or suggested == UNLABELLED:
            self._prediction.say_nothing()
        else:
            name = self._labels.class_name(suggested)
            self._prediction.say(self._theme, "diamond", "suggested", name)
        figures = []
        if shown is not None:
            for text, score in (
                (self.tr("loss {0:.2f}"), "loss"),
                (self.tr("p {0:.2f}"), "confidence"),
            ):
                value = float(shown.values[score][self.sample_id])
                figures += [] if math.isnan(value) else [text.format(value)]
        return figures

    def _state_in_words(self, status: Status) -> str:
        return {
            Status.PENDING: self.tr("undecided"),
            Status.KEPT: self.tr("kept"),
            Status.CHANGED: self.tr("changed"),
            Status.EXCLUDED: self.tr("excluded"),
            Status.SECOND_LOOK: self.tr("second look"),
        }[status]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the image chooses it, and the image may be dragged all the same."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self.chosen.emit(self.sample_id)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self.sample_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.sample_id == self._selection.current
        selected = self._selection.contains(self.sample_id)
        frame = self._theme.color("accent" if current or selected else "border")
        painter.setPen(QPen(frame, 3 if current else 1))
        painter.setBrush(self._theme.color("tile_current" if current or selected else "tile"))
        inset = 1.5
        whole = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(whole, look.radius, look.radius)


class CompareView(QWidget):
    """Shows ViewState.compared. A click makes an image the current one."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        view: ViewState,
        image_look: ImageLook,
        thumbnails: Thumbnails,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("compare")
        self.setAccessibleName(self.tr("Images side by side"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._session, self._selection, self._view = session, selection, view
        self._labels, self._thumbnails = labels, thumbnails
        self._make_image: Callable[[], ComparedImage] = lambda: ComparedImage(
            labels, scores, selection, view, image_look, registry, theme
        )
        self.images: list[ComparedImage] = []
        self._lay_out(registry, theme)
        view.changed.connect(self._follow)
        for said in (
            *(labels.classes_changed, scores.changed, theme.changed),
            *(selection.changed, selection.current_changed),
        ):
            said.connect(self._redraw)
        labels.changed.connect(self._redraw_some)
        scores.updated.connect(self._redraw_some)
        thumbnails.full_arrived.connect(self._take)

    @property
    def shown(self) -> list[ComparedImage]:
        """The images in use, in the order they are seen."""
        return self.images[: len(self._view.compared)] if self._is_on() else []

    def _lay_out(self, registry: Registry, theme: Theme) -> None:
        self.hint = ElidedLabel()  # what a key decides about
        self.hint.setProperty("role", "muted")
        top = QHBoxLayout()
        top.setSpacing(look.space_2)
        top.addWidget(CommandButton(registry, "look.grid", theme))
        top.addWidget(self.hint, 1)
        for command, text in (
            ("move.previous", self.tr("Previous")),
            ("move.next", self.tr("Next")),
        ):
            top.addWidget(CommandButton(registry, command, theme, text=text))
        self._grid = QGridLayout()
        self._grid.setSpacing(look.space_2)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(look.space_3, look.space_2, look.space_3, look.space_3)
        column.setSpacing(look.space_2)
        column.addLayout(top)
        column.addLayout(self._grid, 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for image in self.images:
            image.forget()
            image.hide()  # or the window would have to be as high for them as before
        self._grid.invalidate()
        self._column.invalidate()  # Qt does neither for what is not in sight

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _is_on(self) -> bool:
        return self._view.mode == COMPARE and self._session.is_open

    def _follow(self) -> None:
        """Other images, or other things to be seen of them."""
        if not self._is_on() or not self.isVisible():
            return
        compared = self._view.compared
        while len(self.images) < len(compared):
            self._add_image()
        self._arrange()
        self._redraw_hint()
        for image, sample_id in zip(self.images, compared, strict=False):
            image.show_sample(sample_id)
            if not image.has_image:
                self._thumbnails.want_full(sample_id)

    def _add_image(self) -> None:
        image = self._make_image()
        image.chosen.connect(self._selection.set_current)
        self.images.append(image)

    def _arrange(self) -> None:
        """Lines and columns that leave the images as much room as there is."""
        n = len(self._view.compared)
        if not n or len(self.images) < n or not self.isVisible():
            return
        columns = columns_for(n, self.width(), self.height())
        self._view.compared_columns = columns
        for at, image in enumerate(self.images):
            self._grid.removeWidget(image)
            if at < n:
                self._grid.addWidget(image, *divmod(at, columns))
            image.setVisible(at < n)
        for at in range(len(self.images)):
            self._grid.setColumnStretch(at, int(at < columns))
            self._grid.setRowStretch(at, int(at < -(-n // columns)))

    def _take(self, sample_id: int, picture: Picture | str) -> None:
        info = self._session.info
        for image in self.shown:
            if image.sample_id == sample_id and info is not None:
                image.show_picture(picture, info.value_range)

    def _redraw(self, _changed: object = None) -> None:
        if self.isVisible():
            self._redraw_hint()
            for image in self.shown:
                image.redraw()
                if image.sample_id == self._selection.current:
                    self.setAccessibleDescription(image.accessibleName())

    def _redraw_hint(self) -> None:
        n = self._selection.count
        selected = self.tr(
            "A key decides about the {n} selected images; Esc: the framed one alone."
        )
        alone = self.tr("A key decides about the framed image alone; Ctrl+A: about all.")
        self.hint.set_whole(selected.format(n=n) if n else alone)

    def _redraw_some(self, sample_ids: SampleIds) -> None:
        if self.isVisible() and np.isin(np.array(self._view.compared), sample_ids).any():
            self._redraw()


def columns_for(n: int, width: int, height: int) -> int:
    """The number of columns in which n square images become largest."""

    def side(columns: int) -> float:
        return min(width / columns, height / -(-n // columns) - _CAPTION_PX)

    return max(range(1, n + 1), key=side)
