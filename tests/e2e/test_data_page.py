"""The data page in the real window: a key opens it, Esc leaves it, nothing is decided there."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from qtapp.state.view import DATA, GRID
from tests.e2e.conftest import open_and_wait, press
from tests.helpers import sources


@pytest.fixture
def folder_of_insects(tmp_path):
    sources.folder(tmp_path / "insects", sizes=((8, 8), (9, 20)))
    (tmp_path / "insects" / "bee" / "001.png").write_bytes(b"nonsense")
    return tmp_path / "insects"


def test_from_the_grid_to_the_broken_images_and_back(
    qtbot: QtBot, start, folder_of_insects
) -> None:
    window = start()
    open_and_wait(qtbot, window, folder_of_insects)
    docks = [dock.isVisible() for dock in window.window._docks.values()]
    with qtbot.waitSignal(window.space.describing.ended, timeout=30_000):
        press(window, "I")
    assert window.views.data.isVisible()
    assert not any(dock.isVisible() for dock in window.window._docks.values())
    press(window, "Q", "E", "Right")
    assert window.space.labels.count(Status.PENDING) == 12
    (line,) = [line for line in window.views.data.trouble.lines if line.button is not None]
    assert line.button is not None
    line.button.click()
    qtbot.waitUntil(lambda: window.space.order.rows.tolist() == [5])
    assert window.space.view.mode == GRID
    assert [dock.isVisible() for dock in window.window._docks.values()] == docks
    press(window, "I")
    assert window.space.view.mode == DATA
    press(window, "Esc")
    assert window.space.view.mode == GRID
    assert window.space.selection.count == 1
