"""Random things that a person does in the window, as Qt hears of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from shiboken6 import isValid

from qtapp.app import Application

_SIZES_PX = ((320, 240), (2560, 1440))
_TEXTS = (
    'given == "cat" and loss > 2', "loss >", "suspicion > 0.5 or", "7", "ant", "größe", "", "((",
    "קטגוריה", "a" * 60, "train", "status == kept", "Export", "theme", "0.5", "note: 漢字", "-1",
)  # fmt: skip
_OTHER_KEYS = (
    "Tab", "Shift+Tab", "Return", "Space", "F1", "F3", "F10", "Menu", "Alt+F", "Alt+V", "Alt+R",
    "Delete", "Ins", "P", "J", "Y", ";", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+W", "Ctrl+Space",
    "Ctrl+Tab", "Ctrl+Home", "Ctrl+Shift+Left", "Alt+Left", "Meta+X", "Shift+F10", "CapsLock",
)  # fmt: skip
_WEIGHTS = {
    "press": 40, "other_key": 6, "write": 5, "hold": 2, "let_go": 3, "click": 16, "double_click": 2,
    "right_click": 2, "click_with": 2, "hover": 4, "wheel": 5, "drag": 5, "resize": 2,
    "move_dock": 4, "theme": 1, "escape": 5, "settle": 5, "open": 0.3, "leave": 0.1,
}  # fmt: skip
_NO_KEYS = Qt.KeyboardModifier.NoModifier
_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@dataclass(frozen=True)
class Event:
    """Something a person does; the numbers in [0, 1) choose among what there is to choose from."""

    kind: str
    numbers: tuple[float, ...]


def events(seed: int) -> Iterator[Event]:
    """What happens, without end: a shorter run of a seed is the beginning of a longer one."""
    chance = random.Random(seed)
    kinds, weights = tuple(_WEIGHTS), tuple(_WEIGHTS.values())
    while True:
        (kind,) = chance.choices(kinds, weights)
        yield Event(kind, tuple(chance.random() for _ in range(5)))


class Hands:
    """Do one event after the other; what each came to is in `said`."""

    def __init__(
        self, application: Application, next_source: Callable[[], str], settle: Callable[[], None]
    ) -> None:
        self._app, self._next_source, self._settle = application, next_source, settle
        self._touched: QWidget | None = None  # a QWindow's wrapper ends with that of its widget
        self.said = ""

    def do(self, event: Event) -> None:
        self.said = event.kind
        getattr(self, f"_{event.kind}_event")(*event.numbers)

    def _say(self, what: object) -> None:
        self.said += f" {what}"

    # -- keys ------------------------------------------------------------------------------
    def _press_event(self, at: float, *_: float) -> None:
        bound = [key for keys in self._app.registry.keys.values() for key in keys]
        self._key(_one(bound, at))

    def _other_key_event(self, at: float, *_: float) -> None:
        self._key(_one(_OTHER_KEYS, at))

    def _escape_event(self, *_: float) -> None:
        self._key("Esc")

    def _key(self, text: str) -> None:
        self._say(text)
        combination = QKeySequence(text)[0]
        QTest.keyClick(self._keyboard(), combination.key(), combination.keyboardModifiers())

    def _write_event(self, at: float, enter: float, *_: float) -> None:
        text = _one(_TEXTS, at)
        self._say(repr(text))
        for letter in text:
            if letter.isascii():
                QTest.keyClicks(self._keyboard(), letter)
            else:  # as an input method does
                typed = QInputMethodEvent()
                typed.setCommitString(letter)
                QApplication.sendEvent(self._keyboard(), typed)
        if enter < 0.5:
            self._key("Return")

    def _hold_event(self, at: float, *_: float) -> None:
        key = _one(list(self._app.registry.holds()), at)
        self._say(key)
        QTest.keyPress(self._keyboard(), QKeySequence(key)[0].key())

    def _let_go_event(self, at: float, *_: float) -> None:
        key = _one(list(self._app.registry.holds()), at)
        self._say(key)
        QTest.keyRelease(self._keyboard(), QKeySequence(key)[0].key())

    # -- the mouse -------------------------------------------------------------------------
    def _click_event(self, *at: float) -> None:
        window, place = self._somewhere(*at[:4])
        QTest.mouseClick(window, _LEFT, _NO_KEYS, place)

    def _double_click_event(self, *at: float) -> None:
        window, place = self._somewhere(*at[:4])
        QTest.mouseDClick(window, _LEFT, _NO_KEYS, place)

    def _right_click_event(self, *at: float) -> None:
        window, place = self._somewhere(*at[:4])
        QTest.mouseClick(window, _RIGHT, _NO_KEYS, place)

    def _click_with_event(self, *at: float) -> None:
        window, place = self._somewhere(*at[:4])
        modifiers = Qt.KeyboardModifier
        held = _one(
            (
                modifiers.ShiftModifier,
                modifiers.ControlModifier,
                modifiers.AltModifier,
                modifiers.ShiftModifier | modifiers.ControlModifier,
            ),
            at[4],
        )
        QTest.mouseClick(window, _LEFT, held, place)

    def _hover_event(self, *at: float) -> None:
        window, place = self._somewhere(*at[:4])
        QTest.mouseMove(window, place)

    def _wheel_event(self, *at: float) -> None:
        window, place = self._somewhere(*at[:4])
        turns = _one((120, -120, 480, -480, 15), at[4])
        held = Qt.KeyboardModifier.ControlModifier if at[3] < 0.3 else _NO_KEYS
        QTest.wheelEvent(window, QPointF(place), QPoint(0, turns), QPoint(), held)

    def _drag_event(self, *at: float) -> None:
        window, start = self._somewhere(*at[:4])
        over = QPoint(int((at[4] - 0.5) * 500), int((at[3] - 0.5) * 500))
        QTest.mousePress(window, _LEFT, _NO_KEYS, start)
        for step in (0.1, 0.5, 1.0):
            end = _within(window, start + over * step)
            QTest.mouseMove(window, end)
            QApplication.processEvents()
        QTest.mouseRelease(window, _LEFT, _NO_KEYS, end)

    # -- the window ------------------------------------------------------------------------
    def _resize_event(self, wide: float, high: float, *_: float) -> None:
        (low_x, low_y), (most_x, most_y) = _SIZES_PX
        size = int(low_x + wide * (most_x - low_x)), int(low_y + high * (most_y - low_y))
        self._say(size)
        self._app.window.resize(*size)

    def _move_dock_event(self, which: float, how: float, where: float, x: float, y: float) -> None:
        window = self._app.window
        docks = window.findChildren(QDockWidget)
        dock = _one(docks, which)
        areas = Qt.DockWidgetArea
        area = _one(
            (areas.LeftDockWidgetArea, areas.RightDockWidgetArea, areas.TopDockWidgetArea,
             areas.BottomDockWidgetArea), where,
        )  # fmt: skip
        what = _one(("float", "dock", "tabs", "show", "hide", "size", "reset"), how)
        self._say(f"{dock.objectName()} {what}")
        if what == "float":
            dock.setFloating(not dock.isFloating())
            dock.move(int(x * 800), int(y * 600))
        elif what == "dock":
            window.addDockWidget(area, dock)
        elif what == "tabs":
            other = _one([other for other in docks if other is not dock], where)
            window.tabifyDockWidget(other, dock)
        elif what in ("show", "hide"):
            dock.setVisible(what == "show")
        elif what == "size":
            dock.resize(int(80 + x * 900), int(60 + y * 700))
        elif self._app.space.session.is_open:
            window.reset_layout()

    def _theme_event(self, which: float, how_large: float, about: float, *_: float) -> None:
        if about < 0.7:
            theme = _one(("light", "dark", "contrast", "system"), which)
            self._say(theme)
            self._app.preferences.prefer("theme", theme)
        else:
            percent = _one((100, 125, 150), how_large)
            self._say(percent)
            self._app.preferences.prefer("font_percent", percent)

    def _settle_event(self, *_: float) -> None:
        self._settle()

    def _open_event(self, *_: float) -> None:
        source = self._next_source()
        self._say(Path(source).name)
        self._app.window.dropped.emit([source])

    def _leave_event(self, *_: float) -> None:
        self._app.window.close()

    # -- where ---------------------------------------------------------------------------
    def _keyboard(self) -> QWidget:
        """Whatever keys go to now."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return popup.focusWidget() or popup
        return QApplication.focusWidget() or self._app.window

    def _somewhere(
        self, window_at: float, widget_at: float, x: float, y: float
    ) -> tuple[QWindow, QPoint]:
        """A place in a window that is in front: half of the time on a widget of its own choice."""
        top = self._touched = self._top(window_at)
        window = top.windowHandle()
        place = QPoint(int(x * window.width()), int(y * window.height()))
        on = [widget for widget in top.findChildren(QWidget) if _is_in_sight(widget, top)]
        if widget_at < 0.6 and on:
            widget = _one(on, widget_at / 0.6)
            inside = QPoint(int(x * widget.width()), int(y * widget.height()))
            place = _within(window, widget.mapTo(top, inside))
        self._say(_name_of(top, place))
        return window, place

    def _top(self, at: float) -> QWidget:
        in_front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if in_front is not None and _can_be_used(in_front):
            return in_front
        shown = [top for top in QApplication.topLevelWidgets() if _can_be_used(top)]
        others = [top for top in shown if top is not self._app.window]
        return self._app.window if at < 0.7 or not others else _one(others, (at - 0.7) / 0.3)


def _one(among: Sequence[Any], at: float) -> Any:
    return among[int(at * len(among))]


def _can_be_used(top: QWidget) -> bool:
    window = top.windowHandle()
    return top.isVisible() and window is not None and isValid(window)


def _is_in_sight(widget: QWidget, top: QWidget) -> bool:
    return widget.isVisible() and widget.window() is top and widget.width() > 0 < widget.height()


def _within(window: QWindow, place: QPoint) -> QPoint:
    x, y = min(place.x(), window.width() - 1), min(place.y(), window.height() - 1)
    return QPoint(max(x, 0), max(y, 0))


def _name_of(top: QWidget, place: QPoint) -> str:
    widget = top.childAt(place) or top
    name = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {name!r} ({place.x()}, {place.y()})"
