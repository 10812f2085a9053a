"""Whatever takes the keyboard says what it is: a screen reader reads names, not places."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QWidget,
)

from qtapp.views.image_view import ImageView
from tests.e2e.conftest import open_and_wait
from tests.helpers.walk import clothes, screens


def controls(window: QWidget) -> list[QWidget]:
    """What Tab reaches of a window, or of a part of it, and is in sight; in no certain order."""
    QApplication.processEvents()  # layouts follow their events
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.window() is window.window()
        and not widget.objectName().startswith("qt_")
        and widget.isVisible()
        and not widget.focusProxy()
        # Qt keeps the tabs of docks that are gone, out of sight
        and not (isinstance(widget, QTabBar) and not widget.count())
    ]


def by_tab(window: QWidget) -> list[QWidget]:
    """The same, as Tab goes through them."""
    known, found = set(controls(window)), list[QWidget]()
    if known:
        min(known, key=lambda widget: widget.mapTo(window.window(), QPoint()).toTuple()).setFocus()
    for _ in known:
        at = QApplication.focusWidget()
        if at is None or at in found:
            break
        found.append(at)
        QTest.keyClick(at, Qt.Key.Key_Tab)
    return found


def nameless(window: QWidget) -> set[str]:
    """Every control that has neither a name nor a text."""
    found = set()
    for widget in controls(window):
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or not interface.text(QAccessible.Text.Name).strip():
            over = widget.parentWidget()
            grand = over.parentWidget() if over else None
            found.add(" < ".join(type(at).__name__ for at in (widget, over, grand)))
    return found


@pytest.fixture
def app(qtbot, start, tmp_path: Path):
    app = start()
    open_and_wait(qtbot, app, clothes(tmp_path / "data"))
    return app


def test_every_control_has_a_name(qtbot, app):
    for name, screen in screens(qtbot, app):
        assert nameless(screen) == set(), name


# What these do is in their name, or in what they hold.
PLAIN = (
    *(QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QTabBar, QScrollArea),
    ImageView,
)


def test_every_control_that_is_not_plain_says_how_it_is_used(qtbot, app):
    silent = set()
    for name, screen in screens(qtbot, app):
        pages = app.views.review.findChild(QStackedWidget).children()
        for widget in controls(screen):
            interface = QAccessible.queryAccessibleInterface(widget)
            is_plain = isinstance(widget, PLAIN) or widget in pages
            if not is_plain and not interface.text(QAccessible.Text.Description).strip():
                silent.add(f"{name}: {type(widget).__name__}")
    assert silent == set()


def test_tab_goes_through_every_part_as_it_is_read(qtbot, app):
    """Along a line, and never back up."""
    for name, screen in screens(qtbot, app):
        for one, following in pairwise(by_tab(screen)):
            if one.parentWidget() is following.parentWidget():
                place, next_place = one.geometry(), following.geometry()
                goes_back = next_place.right() < place.left()
                goes_up = next_place.bottom() < place.top()
                is_on_line = next_place.top() <= place.bottom()
                assert not goes_up, (name, one, following)
                assert not (goes_back and is_on_line), (name, one, following)
