"""Parts the pages of a blind session share: a page that scrolls, cards, class buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from qtapp.views import theme as look
from qtapp.views.parts import (
    LEFT,
    cap_width,
    mirrored,
    paint_key_cap,
    plain_tip,
    section,
    small_font,
)
from qtapp.views.theme import Theme


class Page(QScrollArea):
    """A column of content in the middle, as high as it needs."""

    def __init__(self, widest_px: int) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bar", True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        content.setMaximumWidth(widest_px)
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_4)
        self.column.setSpacing(look.space_3)
        holder = QWidget()
        holder.setProperty("bar", True)
        centred = QHBoxLayout(holder)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addStretch()
        centred.addWidget(content, 1000)
        centred.addStretch()
        self.setWidget(holder)


class Card(QFrame):
    """A heading over what belongs together."""

    def __init__(self, title: str, widgets: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
        self.column.setSpacing(look.space_2)
        self.column.addWidget(section(title))
        for widget in widgets:
            self.column.addWidget(widget)


class Sentences(QWidget):
    """Whole sentences, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space_2)
        self.said: list[str] = []

    def say(self, sentences: Sequence[str]) -> None:
        if list(sentences) == self.said:
            return
        self.said = list(sentences)
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for sentence in self.said:
            self._column.addWidget(words(sentence))


class ClassButton(QPushButton):
    """A class to answer with: its name, cut where there is no room, and its key."""

    def __init__(self, name: str, key: str, theme: Theme) -> None:
        super().__init__()
        self._name, self._key, self._theme = name, key, theme
        self.setToolTip(plain_tip(name))
        self.setAccessibleName(f"{name}, {key}" if key else name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(96, QFontMetrics(self.font()).height() + 3 * look.space_1 + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        inside = self.rect().adjusted(look.space_2, 0, -look.space_2, 0)
        if self._key:
            painter.setFont(small_font(self.font()))
            metrics = painter.fontMetrics()
            height = metrics.height() + 2
            top = (self.height() - height) // 2
            cap = QRect(inside.left(), top, cap_width(self._key, metrics), height)
            paint_key_cap(painter, mirrored(painter, self.rect(), cap), self._key, self._theme)
            inside.setLeft(cap.right() + look.space_2)
        painter.setFont(self.font())
        painter.setPen(self._theme.color("text"))
        middle = Qt.TextElideMode.ElideMiddle
        elided = painter.fontMetrics().elidedText(self._name, middle, inside.width())
        painter.drawText(mirrored(painter, self.rect(), inside), LEFT, elided)


def words(text: str, role: str = "") -> QLabel:
    """Text that wraps, never taken for markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
