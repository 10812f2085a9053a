"""Side by side, similar images and the evidence, by keys in the whole window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.review.decisions import Status
from qtapp.app import Application
from qtapp.state.view import COMPARE, GRID
from tests.e2e.conftest import Start, hold, open_and_wait, press, release
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 40


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Images whose look turns slowly from the first to the last; every seventh is suspect."""
    path = tmp_path / "clothes.npz"
    labels = np.arange(N) % 2
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["coat", "dress"])[labels])
    review = open_here(request_for([path]))
    review.close()
    best = np.where(np.arange(N) % 7 == 0, 1 - labels, labels)
    angles = np.linspace(0, 1.5, N, dtype=np.float32)
    embedding = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    add_scores(review.project.path, best, 2, given=labels, embedding=embedding)
    return path


@pytest.fixture
def application(qtbot: QtBot, start: Start, source: Path) -> Application:
    application = start()
    open_and_wait(qtbot, application, source)
    return application


def settle(qtbot: QtBot, application: Application) -> None:
    jobs = application.jobs
    qtbot.waitUntil(lambda: jobs.arranger.is_idle and jobs.neighbours.is_idle)


def test_selected_images_are_judged_one_by_one_side_by_side(
    qtbot: QtBot, application: Application
) -> None:
    space = application.space
    press(application, "Shift+Right", "Shift+Right", "C")
    assert space.view.mode == COMPARE
    compared = space.view.compared
    assert len(compared) == 3
    space.selection.set_current(compared[0])
    press(application, "Q", "E", "A")
    assert space.labels.status[list(compared)].tolist() == [Status.KEPT, Status.EXCLUDED, 0]
    assert space.selection.current == compared[1]
    press(application, "Esc")
    assert space.view.mode == GRID
    assert sorted(space.selection.sample_ids.tolist()) == sorted(compared)


def test_similar_images_and_back_to_the_order_before(
    qtbot: QtBot, application: Application
) -> None:
    space = application.space
    before = space.order.rows.tolist()
    press(application, "D", "D")
    current = space.selection.current
    press(application, "S")
    settle(qtbot, application)
    likeness = np.abs(space.order.rows - current)
    assert likeness[0] == 0
    assert (np.diff(likeness) >= 0).all()
    assert application.views.order_bar.sort_button.text() == f"Sort: Like #{current}"
    press(application, "D", "S")
    settle(qtbot, application)
    assert space.order.wanted.similar_to != current
    press(application, "Esc")
    settle(qtbot, application)
    assert space.order.rows.tolist() == before


def test_the_evidence_is_looked_at_and_gone_to(qtbot: QtBot, application: Application) -> None:
    space, evidence = application.space, application.panels.evidence
    settle(qtbot, application)
    tile = evidence.rivals.tiles[0]
    assert tile.isVisible()
    assert space.labels.labels[tile.sample_id] != space.labels.labels[space.selection.current]
    tile.setFocus()
    hold(application, Qt.Key.Key_Space)
    assert application.views.peek.isVisible()
    assert application.views.peek._image_id() == tile.sample_id
    release(application, Qt.Key.Key_Space)
    assert not application.views.peek.isVisible()
    wanted = tile.sample_id
    QTest.keyClick(tile, Qt.Key.Key_Return)
    assert space.selection.current == wanted
    assert space.view.mode == GRID


def test_without_a_run_nothing_is_similar(
    qtbot: QtBot, start: Start, source: Path, tmp_path: Path
) -> None:
    other = tmp_path / "plain.npz"
    other.write_bytes(source.read_bytes())
    application = start()
    open_and_wait(qtbot, application, other)
    assert not application.registry.action("look.similar").isEnabled()
    assert application.panels.evidence.nothing.isVisible()
    press(application, "C")
    assert application.space.view.mode == GRID
