"""From a key to the dark ones: the bias view in the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from models.opening import request_for
from qtapp.app import Application
from tests.e2e.conftest import Start, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 180


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Ants are darker than bees and cats; the darkest of each are mislabelled, says the model."""
    path = tmp_path / "insects.npz"
    labels = np.arange(N) % 3
    rng = np.random.default_rng(0)
    level = rng.integers(40, 120, N) + 80 * (labels > 0)
    pixels = np.clip(level[:, None, None] + rng.integers(-20, 20, (N, 8, 8)), 0, 255)
    names = np.array(["ant", "bee", "cat"])
    np.savez(path, images=pixels.astype(np.uint8), labels=names[labels])
    review = open_here(request_for([path]))
    review.close()
    dark = level - 80 * (labels > 0) < 52
    add_scores(review.project.path, np.where(dark, (labels + 1) % 3, labels), 3, given=labels)
    return path


def look(qtbot: QtBot, app: Application) -> None:
    press(app, "Shift+B")
    assert app.panels.bias.isVisible()
    qtbot.waitUntil(lambda: app.space.properties.is_complete and app.space.bias.ends is not None)
    qtbot.waitUntil(lambda: app.jobs.bias.is_idle)


def test_the_dark_ones_are_found_shown_and_kept(qtbot: QtBot, start: Start, source: Path) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    look(qtbot, app)
    panel, order = app.panels.bias, app.space.order
    told = [panel.table.item_model.index(row, 0).data() for row in range(2)]
    assert told[0] in ("Suspects: darker", "Suspects: darker border")
    panel.plots.cells.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(order.changed):
        press(app, "Return")
    assert 0 < len(order.rows) < N
    suspicion = app.space.scores.values["suspicion"]
    assert (suspicion[order.rows] > 0.5).all()
    assert app.views.query_bar.isVisible()
    with qtbot.waitSignal(order.changed):
        panel.clear.click()
    assert len(order.rows) == N
    with qtbot.waitSignal(app.space.bias.changed):
        app.views.grid.setFocus()
        app.space.selection.set_current(int(np.argmax(suspicion)))
        press(app, "Q")  # kept: suspected no more
        qtbot.waitUntil(lambda: app.jobs.bias.is_idle)
    app.views.grid.setFocus()
    press(app, "Shift+B")
    assert not panel.isVisible()


def test_a_typed_query_measures_and_a_restart_remembers(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    app.views.query_bar.use("brightness < 0.3")
    qtbot.waitUntil(lambda: app.space.properties.is_complete)
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle)
    dark = app.space.order.rows
    assert 0 < len(dark) < N
    assert (app.space.properties.columns["brightness"][dark] < 0.3).all()
    qtbot.waitUntil(lambda: not app.space.properties.is_running)
    open_and_wait(qtbot, app, source)
    assert app.space.properties.properties is None
    look(qtbot, app)
    assert app.space.properties.progress is None  # nothing was measured again
