"""docs/guide.md says what the program does: its keys are bound, and its steps can be taken."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.review.decisions import Status
from qtapp.app import Application
from qtapp.state.blind import ASKING, OFFER
from qtapp.state.view import BLIND, COMPARE, DATA, GRID, SINGLE
from tests.e2e.conftest import Start, hold, open_and_wait, press, release
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"
NO_COMMANDS = {"Shift", "photos.winnow", 'given == "cat" and loss > 2'}
MEANT = {
    "?": "help.keys", "Ctrl+,": "help.preferences",
    "Ctrl+O": "file.open", "Ctrl+E": "file.export", "Ctrl+Q": "file.quit",
    "Q": "decide.keep", "W": "decide.accept", "E": "decide.exclude", "R": "decide.second_look",
    "F2": "decide.pick_class", "Z": "decide.tag", "Ctrl+Z": "decide.undo",
    "Ctrl+A": "move.select_all", "Ctrl+Shift+A": "move.select_group",
    "Return": "look.single", "G": "look.grid", "V": "look.montage", "Shift+V": "look.sheet",
    "C": "look.compare", "S": "look.similar", "Space": "look.peek", "H": "look.hide_predictions",
    "Ctrl+=": "look.larger", "Ctrl+-": "look.smaller", "I": "look.data", "Ctrl+F": "look.query",
    "B": "look.blind", "T": "look.training", "X": "look.matrix", "M": "look.map",
    "Esc": "look.escape", "N": "look.new_order", "Shift+B": "look.bias", "J": "look.values",
    "Shift+A": "look.audit",
}  # fmt: skip
N = 42


@pytest.fixture
def application(qtbot: QtBot, start: Start, tmp_path: Path) -> Application:
    """A dataset of one's own, with a run that doubts every seventh label."""
    path = tmp_path / "photos.npz"
    given = np.arange(N) % 3
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["ant", "bee", "cat"])[given])
    review = open_here(request_for([path]))
    review.close()
    best = np.where(np.arange(N) % 7 == 0, (given + 1) % 3, given)
    embedding = np.random.default_rng(1).normal(size=(N, 4)).astype(np.float32)
    add_scores(review.project.path, best, 3, given=given, embedding=embedding)
    application = start()
    open_and_wait(qtbot, application, path)
    return application


def settle(qtbot: QtBot, application: Application) -> None:
    jobs = application.jobs
    qtbot.waitUntil(lambda: jobs.arranger.is_idle and jobs.neighbours.is_idle, timeout=10_000)


def query(qtbot: QtBot, application: Application, text: str) -> None:
    field = application.views.query_bar.field
    press(application, "Ctrl+F")
    field.clear()
    QTest.keyClicks(field, text)
    field.popup.hide()
    application.window.activateWindow()  # which a desktop does by itself when a list closes
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    press(application, "Return")
    settle(qtbot, application)


def test_the_keys_of_the_guide_do_what_it_says(application: Application) -> None:
    named = set(re.findall(r"`([^`\n]+)`", GUIDE.read_text(encoding="utf-8")))
    assert named == MEANT.keys() | NO_COMMANDS
    bound = application.registry.keys
    assert {key: command for key, command in MEANT.items() if key not in bound[command]} == {}


def test_the_menus_of_the_guide_are_there(application: Application) -> None:
    text = " ".join(GUIDE.read_text(encoding="utf-8").split())
    entries = {
        f"{plain(menu.text())} > {plain(action.text())}"
        for menu in application.window.menuBar().actions()
        for action in menu.menu().actions()
    }
    named = re.findall(r"\*(\w+ > [^*]+)\*", text)
    assert named
    assert set(named) <= entries


def plain(text: str) -> str:
    return text.replace("&", "").removesuffix("…")


def test_a_first_look_by_the_keys_of_the_guide(qtbot: QtBot, application: Application) -> None:
    view, order = application.space.view, application.space.order
    press(application, "I")
    assert view.mode == DATA
    press(application, "I")
    assert view.mode == GRID
    press(application, "V")
    settle(qtbot, application)
    first = order.rows.tolist()
    press(application, "V")
    settle(qtbot, application)
    assert order.rows.tolist() != first
    press(application, "Shift+V")
    settle(qtbot, application)
    assert len(order.rows) == 30
    press(application, "G")
    settle(qtbot, application)
    assert len(order.rows) == N


def test_decisions_by_the_keys_of_the_guide(qtbot: QtBot, application: Application) -> None:
    space = application.space
    press(application, "Return")
    assert space.view.mode == SINGLE
    for key, status in (
        ("W", Status.CHANGED),
        ("Q", Status.KEPT),
        ("E", Status.EXCLUDED),
        ("R", Status.SECOND_LOOK),
    ):
        current = space.selection.current
        press(application, key)
        assert space.labels.status[current] == status
        assert space.selection.current != current
    press(application, "Ctrl+Z")
    assert space.labels.n_reviewed == 3
    hold(application, Qt.Key.Key_H)
    assert space.view.predictions_hidden
    release(application, Qt.Key.Key_H)
    press(application, "S")
    settle(qtbot, application)
    assert space.order.wanted.similar_to == space.selection.current
    press(application, "Esc")
    settle(qtbot, application)
    assert space.order.wanted.sort_by == "suspicion"
    press(application, "C")
    assert space.view.mode == COMPARE
    press(application, "Esc")
    assert space.view.mode == GRID


def test_many_at_once_by_the_keys_of_the_guide(qtbot: QtBot, application: Application) -> None:
    space = application.space
    query(qtbot, application, 'given == "cat"')
    assert (space.labels.given[space.order.rows] == 2).all()
    query(qtbot, application, "")
    assert len(space.order.rows) == N
    press(application, "Esc")
    assert QApplication.focusWidget() is application.views.grid
    press(application, "Ctrl+A", "E")
    assert space.labels.n_reviewed == N
    press(application, "Ctrl+Z")
    assert space.labels.n_reviewed == 0
    space.order.group_by("class")
    settle(qtbot, application)
    press(application, "Ctrl+Shift+A")
    assert space.selection.count == N // 3
    press(application, "Z")
    qtbot.waitUntil(application.dialogs.cause_picker.isVisible)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)


def test_a_blind_session_by_the_keys_of_the_guide(qtbot: QtBot, application: Application) -> None:
    blind, view = application.space.blind, application.space.view
    press(application, "B")
    assert view.mode == BLIND
    assert blind.page == OFFER
    press(application, "Return")
    assert blind.page == ASKING
    qtbot.waitUntil(lambda: application.blinding.is_seen)
    press(application, "E")
    assert blind.current is not None
    assert blind.current.place == 1
    press(application, "Esc")
    assert blind.page != ASKING
