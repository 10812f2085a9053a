"""Clusters, value plots and class balance in the whole window, by their keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from models.opening import request_for
from qtapp.app import Application
from qtapp.views.data.balance import BalancePanel
from qtapp.views.values.panel import ValuesPanel
from tests.e2e.conftest import Start, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 60


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty images of three looks; every seventh is labelled as another one."""
    path = tmp_path / "clothes.npz"
    looks = np.arange(N) % 3
    labels = np.where(np.arange(N) % 7 == 0, (looks + 1) % 3, looks)
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["coat", "dress", "shirt"])[labels])
    review = open_here(request_for([path]))
    review.close()
    embedding = np.random.default_rng(1).normal(size=(N, 6)).astype(np.float32)
    embedding[np.arange(N), looks] += 20
    add_scores(review.project.path, looks, 3, given=labels, embedding=embedding)
    return path


@pytest.fixture
def app(qtbot: QtBot, start: Start, source: Path) -> Application:
    app = start()
    open_and_wait(qtbot, app, source)
    return app


def arranged(qtbot: QtBot, app: Application) -> None:
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle, timeout=10_000)


def test_images_that_look_alike_stand_together_and_are_decided_together(
    qtbot: QtBot, app: Application
) -> None:
    space = app.space
    with qtbot.waitSignal(space.clusters.ended, timeout=30_000) as ended:
        press(app, "Shift+G")
    assert ended.args == [None]
    arranged(qtbot, app)
    groups = space.order.groups
    assert groups is not None
    assert groups.sizes.tolist() == [20, 20, 20]
    words = app.views.grid._headers.words(0)
    assert "% of 20 images, cluster " in words
    press(app, "Home", "Ctrl+Shift+A")
    looks = space.selection.sample_ids % 3
    assert len(set(looks.tolist())) == 1
    press(app, "Shift+G")
    arranged(qtbot, app)
    assert space.order.groups is None


def test_from_a_bar_of_the_suspicion_to_its_images(qtbot: QtBot, app: Application) -> None:
    press(app, "J")
    panel = app.window.findChild(ValuesPanel)
    qtbot.waitUntil(lambda: app.space.values.answer is not None)
    panel.rows.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(app.space.order.changed):
        press(app, "End", "Return")
    assert len(app.space.order.rows) == len(range(0, N, 7))
    app.views.grid.setFocus()
    press(app, "J")
    assert not panel.isVisible()


def test_from_the_balance_of_given_labels_to_their_images(qtbot: QtBot, app: Application) -> None:
    press(app, "Shift+J")
    panels = app.window.findChildren(BalancePanel)
    (panel,) = [panel for panel in panels if panel.isVisible()]
    qtbot.waitUntil(lambda: app.space.balance.counts is not None)
    table = panel.table
    table.setFocus()
    table.setCurrentIndex(table.item_model.index(0, 1))
    with qtbot.waitSignal(app.space.order.changed):
        press(app, "Return")
    assert len(app.space.order.rows) == table.item_model.count(0, 0)


def test_a_montage_comes_back_after_similar_images(qtbot: QtBot, app: Application) -> None:
    order = app.space.order
    press(app, "V")
    arranged(qtbot, app)
    montage = order.rows.tolist()
    press(app, "Right", "S")
    arranged(qtbot, app)
    assert order.wanted.sample is None
    press(app, "Esc")
    arranged(qtbot, app)
    assert order.rows.tolist() == montage
    press(app, "Esc")
    arranged(qtbot, app)
    assert len(order.rows) == N
