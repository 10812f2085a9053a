"""Keys that are no shortcuts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QStatusBar, QToolBar
from pytestqt.qtbot import QtBot

from qtapp.commands.digits import DIGITS
from qtapp.commands.holding import Holding
from qtapp.views.main_window import MENUS, MainWindow, Panels
from tests.helpers.screens import recording_registry

_SCAN_CODE_OF_3 = 12


@pytest.fixture
def window_and_ran(qtbot: QtBot, owner: QObject) -> tuple[MainWindow, list[str]]:
    in_menus = [command for menu in MENUS.values() for command in menu if command]
    commands = [*in_menus, "look.escape", *(f"digit.{digit}" for digit in DIGITS)]
    registry, ran = recording_registry(owner, commands)
    header = QToolBar()
    header.setObjectName("header")  # Qt saves layouts by it
    panels = Panels(header, QLabel(), QStackedWidget(), (), QStatusBar())
    window = MainWindow(registry, Holding(registry, owner), panels, {})
    qtbot.addWidget(window)
    return window, ran


def press(window: MainWindow, *, repeated: bool) -> None:
    """The key right of é on a French keyboard, as X11 tells of it."""
    event = QKeyEvent(
        *(QEvent.Type.KeyPress, Qt.Key.Key_QuoteDbl, Qt.KeyboardModifier.NoModifier),
        *(_SCAN_CODE_OF_3, 0, 0, '"', repeated),
    )
    QApplication.sendEvent(window, event)


def test_a_digit_of_a_french_keyboard_decides_once_however_long_it_is_held(
    window_and_ran: tuple[MainWindow, list[str]],
) -> None:
    window, ran = window_and_ran
    press(window, repeated=False)
    for _ in range(5):
        press(window, repeated=True)
    assert ran == ["digit.3"]


class DragOver(QDragEnterEvent):
    """A file comes over the window, dragged from a widget of ours or from elsewhere."""

    def __init__(self, dragged_from: QObject | None) -> None:
        self.data, self._from = QMimeData(), dragged_from
        self.data.setUrls([QUrl.fromLocalFile("/nowhere/cat.png")])
        super().__init__(
            *(QPoint(5, 5), Qt.DropAction.CopyAction, self.data, Qt.MouseButton.LeftButton),
            Qt.KeyboardModifier.NoModifier,
        )
        self.ignore()

    def source(self) -> QObject | None:
        return self._from


def test_a_tile_let_go_over_its_own_window_is_not_opened_in_place_of_the_dataset(
    window_and_ran: tuple[MainWindow, list[str]],
) -> None:
    window, _ = window_and_ran
    own, others = DragOver(window), DragOver(None)
    window.dragEnterEvent(own)
    window.dragEnterEvent(others)
    assert (own.isAccepted(), others.isAccepted()) == (False, True)
