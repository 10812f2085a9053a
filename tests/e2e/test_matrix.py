"""The confusion matrix in the real window: a key opens it, a cell shows just its images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from models.opening import request_for
from qtapp.app import Application
from qtapp.views.panels.matrix import MatrixPanel
from tests.e2e.conftest import Start, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 60


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty images; of every class some look like the next one to the model."""
    path = tmp_path / "clothes.npz"
    labels = np.arange(N) % 3
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["coat", "dress", "shirt"])[labels])
    review = open_here(request_for([path]))
    review.close()
    best = np.where(np.arange(N) % 7 == 0, (labels + 1) % 3, labels)
    add_scores(review.project.path, best, 3, given=labels)
    return path


def panel_of(qtbot: QtBot, app: Application) -> MatrixPanel:
    press(app, "X")
    panel = app.window.findChild(MatrixPanel)
    assert panel.isVisible()
    qtbot.waitUntil(lambda: app.space.confusion.matrix is not None)
    return panel


def test_from_a_cell_to_its_images_and_back(qtbot: QtBot, start: Start, source: Path) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    panel, order = panel_of(qtbot, app), app.space.order
    panel.grid.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(order.changed):
        press(app, "Right", "Return")
    wanted = [i for i in range(0, N, 7) if i % 3 == 0]
    assert sorted(order.rows.tolist()) == wanted
    assert panel.said.text() == f"{len(wanted)} images labelled coat look like dress, 15% of coat."
    with qtbot.waitSignal(order.changed):
        panel.clear.click()
    assert len(order.rows) == N
    app.views.grid.setFocus()
    press(app, "X")
    assert not panel.isVisible()


def test_behind_another_tab_it_is_not_counted_until_it_is_raised(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    panel_of(qtbot, app)
    state, shown = app.space.confusion, app.space.scores.shown
    assert shown is not None
    press(app, "T")
    with qtbot.waitSignal(state.changed):
        app.space.scores.show(shown)  # counted once more, and then it is noticed
    assert not state.in_sight
    app.space.scores.show(None)
    assert state.matrix is not None
    press(app, "X")
    qtbot.waitUntil(lambda: state.matrix is None)


def test_a_correction_moves_an_image_to_another_cell(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    panel, state = panel_of(qtbot, app), app.space.confusion
    panel.controls.of_labels.setCurrentIndex(1)
    with qtbot.waitSignal(state.changed):
        panel.controls.of_labels.activated.emit(1)
    before = state.matrix.counts.copy()
    app.views.grid.setFocus()
    app.space.selection.set_current(0)
    with qtbot.waitSignal(state.changed):
        press(app, "2")
    moved = state.matrix.counts - before
    assert moved.tolist() == [[0, -1, 0], [0, 1, 0], [0, 0, 0]]
