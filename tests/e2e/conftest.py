"""The whole application, in this process, on a home of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtapp.app import Application
from qtapp.settings import Settings, load_settings
from tests.helpers.screens import undress

Start = Callable[..., Application]


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Start]:
    """Start the application; whatever a test leaves open is closed properly at its end."""
    running: list[Application] = []
    settings_file = tmp_path / "settings.json"

    def make(*, train: bool = False) -> Application:
        kept = load_settings(settings_file)
        settings = kept if settings_file.exists() else Settings(train_on_opening=train)
        application = Application(qapp, settings, settings_file)
        application.window.show()
        running.append(application)
        return application

    yield make
    for application in running:
        leave(qtbot, application)
        application.window.deleteLater()  # a later test would style its widgets along with its own
        application.deleteLater()
    running.clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    undress(qapp)


def leave(qtbot: QtBot, application: Application) -> None:
    """Close the window as its button does, and wait until everything behind it has ended."""
    if application.window.isVisible():
        with qtbot.waitSignal(application.left, timeout=20_000):
            application.window.close()


def open_and_wait(qtbot: QtBot, application: Application, path: Path | None = None) -> None:
    """Open a dataset, or the demo, and wait until it is on the desk and in order."""
    with qtbot.waitSignal(application.desk.opened, timeout=30_000):
        if path is None:
            application.open_demo()
        else:
            application.open_paths([str(path)])
    qtbot.waitUntil(lambda: application.jobs.arranger.is_idle, timeout=10_000)


def press(application: Application, *keys: str) -> None:
    """Press keys in the window as a keyboard does: "Q", "Ctrl+A", "Shift+Right", "Return"."""
    from PySide6.QtGui import QKeySequence

    for key in keys:
        combination = QKeySequence(key)[0]
        target = QApplication.focusWidget() or application.window
        QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def hold(application: Application, key: Qt.Key) -> None:
    QTest.keyPress(QApplication.focusWidget() or application.window, key)


def release(application: Application, key: Qt.Key) -> None:
    QTest.keyRelease(QApplication.focusWidget() or application.window, key)
