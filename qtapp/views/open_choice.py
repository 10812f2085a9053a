"""Asks how to read a source that can be read in several ways, and shows how it would look."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from models.errors import Undecided, in_words
from models.types import OpenRequest, Preview
from qtapp.jobs.previewing import Previewer
from qtapp.jobs.thumbnails import as_qimage
from qtapp.views import theme as look
from qtapp.views.parts import ElidedLabel, section, set_role, small_font
from qtapp.views.theme import Theme

_TILE_PX, _COLUMNS, _LINES = 80, 6, 2
_LAYOUTS = ("", "nhw", "nhwc", "nchw")


class OpenChoice(QWidget):
    """A page of the start page. What is chosen is remembered in the dataset's project."""

    chosen = Signal(object)  # OpenRequest
    left = Signal()

    def __init__(self, previewer: Previewer, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._previewer = previewer
        self._request = OpenRequest(())
        self._axes: dict[str, int] = {}  # how many each array has
        self.why, self.where = QLabel(), ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.images, self.labels, self.layout_box = QComboBox(), QComboBox(), QComboBox()
        self.shape = QLineEdit()
        self.preview, self.sentence = _Tiles(theme), QLabel()
        self.open_button, self.back = QPushButton(self.tr("Open")), QPushButton(self.tr("Back"))
        self._form = QFormLayout()
        self._lay_out()
        for box in (self.images, self.labels, self.layout_box):
            box.activated.connect(self._try)
        self.shape.editingFinished.connect(self._try)
        self.open_button.clicked.connect(lambda: self.chosen.emit(self._answered()))
        self.back.clicked.connect(self._leave)
        previewer.shown.connect(self._show_preview)
        previewer.failed.connect(self._show_failure)

    def _lay_out(self) -> None:
        self.why.setProperty("role", "title")
        self.where.setProperty("role", "muted")
        for label in (self.why, self.sentence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        names = {
            "": self.tr("guess"),
            "nhw": self.tr("images, rows, columns"),
            "nhwc": self.tr("images, rows, columns, channels"),
            "nchw": self.tr("images, channels, rows, columns"),
        }
        for layout in _LAYOUTS:
            self.layout_box.addItem(names[layout], layout)
        self.shape.setPlaceholderText(self.tr("for example 28x28 or 32x32x3"))
        self._form.setHorizontalSpacing(look.space_4)
        self._form.setVerticalSpacing(look.space_2)
        for title, field in (
            (self.tr("Images"), self.images),
            (self.tr("Labels"), self.labels),
            (self.tr("Order of axes"), self.layout_box),
            (self.tr("Image size"), self.shape),
        ):
            field.setAccessibleName(title)
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._form.addRow(title, field)
        self.open_button.setProperty("primary", True)
        self.open_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.space_2)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.back)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_3)
        column.addWidget(self.why)
        column.addWidget(self.where)
        column.addSpacing(look.space_1)
        column.addLayout(self._form)
        column.addSpacing(look.space_2)
        column.addWidget(section(self.tr("Preview")))
        column.addWidget(self.preview)
        column.addWidget(self.sentence)
        column.addSpacing(look.space_2)
        column.addLayout(buttons)

    def ask(self, error: Undecided, request: OpenRequest) -> None:
        """Offer the arrays of a source, and preview the likeliest choice."""
        self._request = request
        self.why.setText(self.tr("Which arrays are the images and the labels?"))
        self.where.set_whole(error.where)
        self.images.clear()
        self.labels.clear()
        self.labels.addItem(self.tr("guess"), "")
        self._axes = {array["name"]: len(array["shape"]) for array in error.arrays}
        for array in error.arrays:
            shape = " x ".join(f"{side:,}" for side in array["shape"])
            line = f"{array['name']}   {shape}   {array['dtype']}"
            if array["role"] != "labels" and len(array["shape"]) > 1:
                self.images.addItem(line, array["name"])
            if array["role"] != "images" and len(array["shape"]) <= 2:
                self.labels.addItem(line, array["name"])
        for box, answer in (
            (self.images, request.images),
            (self.labels, request.labels),
            (self.layout_box, request.layout),
        ):
            box.setCurrentIndex(max(0, box.findData(answer)))
        self.shape.setText("x".join(map(str, request.shape)))
        self._try()

    def _answered(self) -> OpenRequest:
        sides = [side for side in self.shape.text().lower().split("x") if side.strip().isdecimal()]
        n_axes = self._axes.get(self.images.currentData(), 0)
        return replace(
            self._request,
            images=self.images.currentData() or "",
            labels=self.labels.currentData() or "",
            layout=self.layout_box.currentData() if n_axes == 4 else "",
            shape=tuple(map(int, sides)) if n_axes == 2 and len(sides) in (2, 3) else (),
        )

    def _try(self) -> None:
        """Read the source as it is answered now; ask only what the chosen array leaves open."""
        n_axes = self._axes.get(self.images.currentData(), 0)
        self._form.setRowVisible(self.layout_box, n_axes == 4)
        self._form.setRowVisible(self.shape, n_axes == 2)
        self.open_button.setEnabled(False)
        self.preview.show_images([], [])
        self._say(self.tr("Reading…"), "muted")
        self._previewer.want(self._answered())

    def _show_preview(self, preview: Preview) -> None:
        self.preview.show_images(
            [one if isinstance(one, str) else as_qimage(one) for one in preview.images],
            preview.labels,
        )
        self._say(" ".join((preview.info.sentence, *preview.info.warnings)), "")
        self.open_button.setEnabled(True)
        if not self.shape.hasFocus():  # what is being typed there goes on
            self.open_button.setFocus()

    def _show_failure(self, error: BaseException) -> None:
        known = in_words(error)
        self._say(f"{known.what[:1].upper()}{known.what[1:]}. {known.remedy}", "danger")

    def _say(self, text: str, role: str) -> None:
        set_role(self.sentence, role)
        self.sentence.setText(text)

    def _leave(self) -> None:
        self._previewer.stop()
        self.left.emit()


class _Tiles(QWidget):
    """A few images with their labels, in two lines."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._images: list[QImage | str] = []
        self._labels: list[str] = []
        self.setAccessibleName(self.tr("Preview of some images"))
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width = _COLUMNS * (_TILE_PX + look.space_2) - look.space_2
        return QSize(width, _LINES * self._line_px())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def show_images(self, images: list[QImage | str], labels: list[str]) -> None:
        self._images, self._labels = images, labels
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(small_font(self.font()))
        metrics = QFontMetrics(painter.font())
        for place in range(_COLUMNS * _LINES):
            left = place % _COLUMNS * (_TILE_PX + look.space_2)
            box = QRect(left, place // _COLUMNS * self._line_px(), _TILE_PX, _TILE_PX)
            painter.fillRect(box, self._theme.color("tile"))
            if place >= len(self._images):
                continue
            image, below = self._images[place], box.translated(0, _TILE_PX)
            below.setHeight(metrics.height() + 2)  # or an underscore is cut off
            painter.setPen(self._theme.color("text"))
            if isinstance(image, str):
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.tr("unreadable"))
            else:
                painter.drawImage(_fitted(image.size(), box), image)
            label = self._labels[place] or self.tr("no label")
            shown = metrics.elidedText(label, Qt.TextElideMode.ElideRight, _TILE_PX)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, shown)

    def _line_px(self) -> int:
        return _TILE_PX + QFontMetrics(self.font()).height() + look.space_2


def _fitted(size: QSize, box: QRect) -> QRect:
    """Where an image of this size lies in the middle of a box."""
    fitted = size.scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRect(0, 0, fitted.width(), fitted.height())
    rect.moveCenter(box.center())
    return rect
