"""Zoom, levels and channels by keys in the whole window, the same wherever an image is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qtapp.app import Application
from qtapp.state.image_look import Base
from tests.e2e.conftest import Start, hold, open_and_wait, press, release

N = 12


@pytest.fixture
def application(qtbot: QtBot, start: Start, tmp_path: Path) -> Application:
    path = tmp_path / "scans.npz"
    pixels = np.random.default_rng(0).integers(1000, 3000, (N, 40, 40, 3)).astype(np.uint16)
    np.savez(path, images=pixels, labels=np.arange(N) % 2)
    application = start()
    open_and_wait(qtbot, application, path)
    return application


def test_keys_look_closer_brighter_and_at_one_channel(
    qtbot: QtBot, application: Application
) -> None:
    looks, single = application.space.image_look, application.views.single
    press(application, "Return")
    qtbot.waitUntil(lambda: single.image._picture is not None)
    fitted = single.image.scale
    press(application, "+", "+")
    assert single.image.scale == pytest.approx(fitted * 1.25**2)
    press(application, "Ctrl+1")
    assert single.image.scale == 1
    press(application, "Ctrl+0")
    assert single.image.scale == fitted
    press(application, "Ctrl+Up", "Ctrl+Right")
    assert (looks.levels.level, looks.levels.window) == (0.4375, 0.9375)
    press(application, "L", "Shift+C")
    assert looks.levels.base is Base.WHOLE
    assert single.image.accessibleDescription().endswith("red")
    inside = application.panels.inspector.image
    assert inside.values == single.image.values
    hold(application, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: application.views.peek.image._picture is not None)
    assert application.views.peek.image.values == single.image.values
    release(application, Qt.Key.Key_Space)
    press(application, "Right")
    assert application.space.selection.current != 0  # arrows still move
    assert looks.levels.base is Base.WHOLE


def test_sixteen_bits_reach_the_window(qtbot: QtBot, application: Application) -> None:
    picture = application.panels.inspector.image
    qtbot.waitUntil(lambda: picture._picture is not None)
    assert picture._picture is not None
    assert picture._picture.pixels.dtype == np.uint16
    press(application, "L")
    assert picture.values == picture._picture.whole
    press(application, "Shift+L")
    assert picture.values[0] <= 1000 < 2900 < picture.values[1]


def test_on_the_data_page_there_is_no_image_to_look_at(application: Application) -> None:
    press(application, "I", "+")
    assert application.space.image_look.pose is None
    press(application, "I", "+")
    assert application.space.image_look.pose is not None


def test_in_a_blind_session_an_image_can_be_looked_at_closely(
    qtbot: QtBot, application: Application
) -> None:
    looks = application.space.image_look
    press(application, "B")
    application.blinding.start(5)
    asking = application.views.blind.asking
    qtbot.waitUntil(lambda: asking.image._picture is not None)
    press(application, "+", "L")
    assert looks.pose is not None
    assert looks.levels.base is Base.WHOLE
    press(application, "1")
    assert looks.pose is None
