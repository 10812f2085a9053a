"""Small parts that several views are made of: headings, buttons with keys, painted key caps."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QFont,
    QFontMetrics,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QDoubleSpinBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QTableView,
    QWidget,
)

from qtapp.commands.registry import Registry
from qtapp.views import theme as look
from qtapp.views.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
WHOLE = Qt.TextFlag.TextDontClip  # in a line as high as the font says, "_" would be cut off
ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LATER_MS = 8
_LONG_WORD = re.compile(r"\S{25,}")
_PART = re.compile(r"[^-_/.:+]{1,24}[-_/.:+]?|[-_/.:+]")  # where a line may end after


def section(text: str, parent: QWidget | None = None) -> QLabel:
    """A small heading over one part of a panel."""
    label = QLabel(text.upper(), parent)
    label.setProperty("role", "section")
    return label


def set_role(label: QLabel, role: str) -> None:
    """Change what a label means ("muted", "danger", ...), and so how it looks."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def set_primary(button: QPushButton, is_primary: bool) -> None:
    """Mark a button as what a person would press next, or as one among others."""
    if bool(button.property("primary")) != is_primary:
        button.setProperty("primary", is_primary)
        button.style().unpolish(button)
        button.style().polish(button)


def icon_last(button: QAbstractButton) -> None:
    """Put the icon of a button after its text."""
    directions = Qt.LayoutDirection
    from_right = QGuiApplication.isRightToLeft()
    button.setLayoutDirection(directions.LeftToRight if from_right else directions.RightToLeft)


def indent(field: QSpinBox | QDoubleSpinBox) -> None:
    """Begin the text of a number field where that of others begins: Qt ignores its padding."""
    field.lineEdit().setTextMargins(5, 0, 5, 0)


def small_font(font: QFont) -> QFont:
    """The font of captions beside text in `font`."""
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * look.small)
    return smaller


def breakable(text: str) -> str:
    """The same with room for a line break inside of words that are longer than a line."""

    def parted(word: re.Match[str]) -> str:
        return "\u200b".join(_PART.findall(word.group()))

    return _LONG_WORD.sub(parted, text)


def say(label: QLabel, text: str) -> None:
    """Write words that widen no panel, however long the names in them; they are read out whole."""
    label.setText(breakable(text))
    label.setAccessibleName(text)


def plain_tip(text: str) -> str:
    """A tooltip that says just this: a class may be called "<b>", which Qt would take for bold."""
    if "<" not in text and "&" not in text:
        return text
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")


class ElidedLabel(QLabel):
    """One line of text that gives way: cut in the middle or at the end, whole in its tooltip."""

    def __init__(
        self,
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._mode, self._whole = mode, ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_whole(self, text: str) -> None:
        self._whole = text
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        # Of some sizes of DejaVu Sans, in a line as high as the font says, "_" is cut off.
        return QSize(0, QFontMetrics(self.font()).height() + 2)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())  # a fraction of a pixel too little, and it is cut
        width = math.ceil(metrics.horizontalAdvance(self._whole))
        return QSize(width, self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        self.setText(QFontMetrics(self.font()).elidedText(self._whole, self._mode, self.width()))


class FittedRows(QObject):
    """Keeps the rows of a table so much higher than its font, whichever font it gets."""

    def __init__(self, table: QTableView, spare_px: int) -> None:
        super().__init__(table)
        self._table, self._spare_px = table, spare_px
        table.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        return False

    def _fit(self) -> None:
        height = QFontMetrics(self._table.font()).height() + self._spare_px
        self._table.verticalHeader().setDefaultSectionSize(height)


class Column(QWidget):
    """As wide as it should be, and wider where its words need it."""

    def __init__(self, width_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width_px = width_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(self._width_px, 0))


class UpAndDown(QScrollArea):
    """A panel that scrolls up and down alone, hence is never narrower than what it holds."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = content
        self._is_settling = False
        self.setWidget(content)
        content.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        width = self._content.minimumSizeHint().width()
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(width + bar, super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.LayoutRequest:
            return super().eventFilter(watched, event)
        self.updateGeometry()  # other words, another font
        if self._is_settling:
            # Where a bar makes words wrap, and without it they need none, Qt would show and hide it
            # without end, one call within the other.
            return False
        self._is_settling = True
        handled = super().eventFilter(watched, event)
        self._is_settling = False
        return handled


class Later(QObject):
    """Does some work once, half a frame later, however often it is asked for meanwhile.

    A key that decides changes a label, its scores and the current image: what shows all three is
    drawn once, and after the tile that the person looks at.
    """

    def __init__(self, work: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._timer.timeout.connect(work)

    def ask(self) -> None:
        if not self._timer.isActive():
            self._timer.start()


def mirrored(painter: QPainter, within: QRect, part: QRect) -> QRect:
    """Where a part that was laid out from the left belongs for people who read from the right."""
    return QStyle.visualRect(painter.layoutDirection(), within, part)


def cap_width(key: str, metrics: QFontMetrics) -> int:
    """How wide paint_key_cap draws a key."""
    return max(metrics.height(), metrics.horizontalAdvance(key) + 2 * look.space_1)


def paint_key_cap(painter: QPainter, rect: QRect, key: str, theme: Theme) -> None:
    """Draw a key as it looks on a keyboard."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("border"), 1))
    painter.setBrush(theme.color("panel"))
    painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setPen(theme.color("text_muted"))
    painter.drawText(rect, CENTRE, key)
    painter.restore()


def paint_bar(painter: QPainter, rect: QRect, share: float, theme: Theme, token: str) -> None:
    """Draw a share of 1 as a thin rounded bar on its track."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bar_muted"))
    half = rect.height() / 2
    painter.drawRoundedRect(rect, half, half)
    if share > 0:
        painter.setBrush(theme.color(token))
        filled = rect.toRectF()
        filled.setWidth(max(filled.width() * min(share, 1.0), 2.0))
        painter.drawRoundedRect(filled, min(half, filled.width() / 2), half)
    painter.restore()


class CommandButton(QPushButton):
    """A button for one command: its text, whether it can be used now, and its key."""

    def __init__(
        self,
        registry: Registry,
        command_id: str,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        text: str = "",
        glyph: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme, self._glyph, self._own_text = theme, glyph, text
        self._action: QAction = registry.action(command_id)
        self._registry, self._key = registry, ""
        self.setObjectName(command_id)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the grid
        self.setCheckable(self._action.isCheckable())
        self.clicked.connect(self._trigger)
        self._action.changed.connect(self._follow)
        theme.changed.connect(self.update)
        self._follow()

    def set_face(self, text: str, glyph: str) -> None:
        """Say something else than the command's text: what a click would do now."""
        self._own_text, self._glyph = text, glyph
        self._follow()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self.text()) + 2 * look.space_2
        if self._glyph:
            width += 16 + look.space_1
        if self._key:
            width += cap_width(self._key, self._cap_metrics()) + look.space_2
        return QSize(width, metrics.height() + 2 * look.space_1 + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        inside = self.rect().adjusted(look.space_2, 0, -look.space_2, 0)
        primary = self.property("primary") and self.isEnabled()
        token = "on_accent" if primary else "text" if self.isEnabled() else "text_muted"
        if self._glyph:
            pixmap = self._theme.pixmap(self._glyph, token, 16, self.devicePixelRatioF())
            place = QRect(inside.left() - 2, (self.height() - 16) // 2, 16, 16)
            painter.drawPixmap(mirrored(painter, self.rect(), place).topLeft(), pixmap)
            inside.setLeft(inside.left() + 16 + look.space_1 - 2)
        if self._key:
            painter.setFont(small_font(self.font()))
            metrics = self._cap_metrics()
            width = cap_width(self._key, metrics)
            height = metrics.height() + 2
            cap = QRect(inside.right() - width + 1, (self.height() - height) // 2, width, height)
            paint_key_cap(painter, mirrored(painter, self.rect(), cap), self._key, self._theme)
            inside.setRight(cap.left() - look.space_1)
        painter.setFont(self.font())
        painter.setPen(self._theme.color(token))
        painter.drawText(mirrored(painter, self.rect(), inside), LEFT, self.text())

    def _cap_metrics(self) -> QFontMetrics:
        return QFontMetrics(small_font(self.font()))

    def _trigger(self) -> None:
        if self._action.isCheckable():
            self.setChecked(self._action.isChecked())  # the command decides, not the click
        self._action.trigger()

    def _follow(self) -> None:
        plain = self._action.text().replace("&", "").removesuffix("…")
        self._key = self._registry.key_text(self._action.objectName())
        self.setText(self._own_text or plain)
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(f"{self.text()}, {self._key}" if self._key else self.text())
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())
        self.updateGeometry()
        self.update()


class EnterPresses(QObject):
    """Filters the events of buttons: Enter presses one that has the keys, as Space does.

    In a window Qt leaves Enter to the shortcuts, where it is a command about images.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() in ENTER_KEYS:
            if event.type() == QEvent.Type.KeyPress and isinstance(watched, QAbstractButton):
                watched.click()
            event.accept()
            return event.type() != QEvent.Type.KeyRelease
        return False


def takes_keys(event: QEvent, keys: tuple[Qt.Key, ...]) -> bool:
    """Claim keys that are a command's elsewhere; call it from `event` of a focused widget."""
    if event.type() == QEvent.Type.ShortcutOverride and event.key() in keys:  # type: ignore[attr-defined]
        event.accept()
        return True
    return False
