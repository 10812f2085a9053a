"""The map in the real window: a key opens it, a child makes it, a lasso leads to the grid."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers import sources


@pytest.fixture
def insects(tmp_path: Path) -> Path:
    sources.folder(tmp_path / "insects", sizes=((8, 8), (9, 20)))
    return tmp_path / "insects"


def test_from_the_map_to_the_selected_images(qtbot: QtBot, start: Start, insects: Path) -> None:
    app = start()
    open_and_wait(qtbot, app, insects)
    canvas, state = app.panels.map.canvas, app.space.mapping
    assert not state.is_running
    with qtbot.waitSignal(state.ended, timeout=30_000) as ended:
        press(app, "M")
    assert ended.args == [None]
    assert canvas.isVisible()
    qtbot.waitUntil(lambda: canvas.picture is not None and app.jobs.map_pictures.is_idle)
    whole = canvas.camera.extent(canvas.width(), canvas.height())
    assert whole[0] < state.shown.positions.extent[0]
    far = QPoint(canvas.width() - 1, canvas.height() - 1)
    shift, left = Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.LeftButton
    with qtbot.waitSignal(app.space.selection.changed):
        QTest.mousePress(canvas, left, shift, QPoint(1, 1))
        QTest.mouseMove(canvas, far)
        QTest.mouseRelease(canvas, left, shift, far)
    assert app.space.selection.count == 12
    canvas.setFocus()
    with qtbot.waitSignal(app.space.order.changed):
        press(app, "Return")
    assert app.space.order.wanted.tab == "selected"
    assert "openTSNE" not in sys.modules
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again, insects)
    if not again.panels.map.isVisible():
        press(again, "M")
    qtbot.waitUntil(lambda: again.space.mapping.shown is not None, timeout=2_000)
