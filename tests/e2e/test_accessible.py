"""Whatever takes the keyboard says what it is: a screen reader reads names, not places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QDockWidget, QTabBar, QWidget

from qtapp.state.view import BLIND, COMPARE, DATA, GRID, SINGLE
from tests.e2e.conftest import open_and_wait
from tests.helpers.sources import images, labels


def nameless(window: QWidget) -> set[str]:
    """Every control in sight that Tab reaches and that has neither a name nor a text."""
    QApplication.processEvents()  # layouts follow their events
    found = set()
    for widget in window.findChildren(QWidget):
        by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        is_ours = widget.window() is window and not widget.objectName().startswith("qt_")
        if isinstance(widget, QTabBar) and not widget.count():
            continue  # Qt keeps the tabs of docks that are gone, out of sight
        if not by_tab or not is_ours or not widget.isVisible() or widget.focusProxy():
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or not interface.text(QAccessible.Text.Name).strip():
            over = widget.parentWidget()
            grand = over.parentWidget() if over else None
            found.add(" < ".join(type(at).__name__ for at in (widget, over, grand)))
    return found


@pytest.fixture
def app(qtbot, start, tmp_path: Path):
    source = tmp_path / "data" / "tiny.npz"
    source.parent.mkdir()
    np.savez(source, images=images(24), labels=labels(24))
    app = start()
    open_and_wait(qtbot, app, source)
    return app


def test_every_control_of_the_window_has_a_name(app):
    view = app.space.view
    for mode in (GRID, SINGLE, DATA, BLIND, COMPARE):
        if mode == COMPARE:
            view.compare((0, 1))
        else:
            view.set_mode(mode)
        assert nameless(app.window) == set(), mode
    view.set_mode(GRID)
    for dock in app.window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        assert nameless(app.window) == set(), dock.objectName()


def test_every_control_of_the_dialogs_has_a_name(app):
    dialogs = app.dialogs
    for dialog in (
        dialogs.picker, dialogs.export, dialogs.runs, dialogs.palette, dialogs.cheat_sheet,
    ):  # fmt: skip
        dialog.ask()
        assert nameless(dialog) == set(), type(dialog).__name__
        dialog.reject()
    preferences = dialogs.preferences
    preferences.ask("")
    for page in range(preferences.pages.count()):
        preferences.pages.setCurrentIndex(page)
        assert nameless(preferences) == set()
    preferences.reject()
