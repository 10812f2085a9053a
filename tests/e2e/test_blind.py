"""A blind session in the real window: keys answer, nothing is decided, and a restart goes on."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.data.journal import BLIND, Journal, copy_journal
from models.data.project import Project
from models.opening import request_for
from models.review.decisions import Status
from qtapp.app import Application
from qtapp.state.blind import ASKING, OFFER, RESULT
from qtapp.state.view import BLIND as BLIND_MODE
from qtapp.state.view import GRID
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 40


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Forty images with the scores of a run: sessions of twenty are offered."""
    path = tmp_path / "clothes.npz"
    labels = np.arange(N) % 3
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["coat", "dress", "shirt"])[labels])
    review = open_here(request_for([path]))
    review.close()
    add_scores(review.project.path, labels, 3, given=labels)
    return path


def answer(qtbot: QtBot, app: Application, *keys: str) -> None:
    """Press a key on each image once it is seen."""
    for key in keys:
        blind = app.space.blind
        qtbot.waitUntil(lambda: app.blinding.is_seen)
        before = blind.current
        assert before is not None
        place = before.place
        press(app, key)
        assert before.place == place + 1


def right(app: Application) -> str:
    """The key of the given class of the image that is asked about."""
    return "123"[int(app.space.labels.given[app.space.blind.sample_id])]


def stored(project: Path, folder: Path) -> list[dict[str, object]]:
    """The sessions in a copy of the journal, as a kill would leave it now."""
    copy = copy_journal(project / "journal.db", folder / "copy.db")
    with Journal(copy) as journal:
        return list(journal.meta(BLIND) or ())


def test_keys_answer_and_a_session_goes_on_where_it_was_left(
    qtbot: QtBot, start: Start, source: Path, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    docks = [dock.isVisible() for dock in app.window._docks.values()]
    press(app, "B")
    assert app.space.view.mode == BLIND_MODE
    assert not any(dock.isVisible() for dock in app.window._docks.values())
    press(app, "Return")
    blind = app.space.blind
    assert blind.page == ASKING
    qtbot.waitUntil(lambda: app.blinding.is_seen)
    press(app, "Q", "W", "H", "R", "U", "Space", "Right", "Ctrl+A")
    assert blind.current is not None
    assert blind.current.place == 0
    answer(qtbot, app, "1", "E", "2")
    press(app, "Backspace")
    answer(qtbot, app, "3")
    project = Path(app.space.session.project_path)
    qtbot.waitUntil(lambda: [kept["answers"] for kept in stored(project, tmp_path)] == [[0, -2, 2]])
    image = blind.sample_id
    press(app, "Esc")
    assert (app.space.view.mode, blind.page) == (BLIND_MODE, OFFER)
    press(app, "Esc")
    assert app.space.view.mode == GRID
    assert [dock.isVisible() for dock in app.window._docks.values()] == docks
    leave(qtbot, app)

    with Project(project, read_only=True).journal() as journal:
        assert len(journal.rows()) == 0
    again = start()
    open_and_wait(qtbot, again, source)
    press(again, "B")
    assert again.space.blind.sample_id == image
    assert again.space.labels.count(Status.PENDING) == N


def test_the_result_its_files_and_the_images_to_look_at_again(
    qtbot: QtBot, start: Start, source: Path, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "B", "Return")
    blind, wrong = app.space.blind, 2
    while blind.page == ASKING:
        current = blind.current
        assert current is not None
        qtbot.waitUntil(lambda: app.blinding.is_seen)
        key = right(app)
        answer(qtbot, app, "312"[int(key) - 1] if current.place < wrong else key)
    assert blind.page == RESULT
    result = app.views.blind.result
    assert result.result is not None
    assert result.result.accuracy_given.n == 20
    assert result.result.paired is not None
    assert result.result.paired.model_only == wrong

    app.blinding.export_wanted.disconnect()
    out = tmp_path / "out.json"
    app.blinding.export_wanted.connect(lambda *what: app.jobs.blind_exporter.export(out, *what))
    with qtbot.waitSignal(app.jobs.blind_exporter.written):
        result.save.click()
    assert json.loads(out.read_text())["paired"]["model_only"] == wrong
    with open(tmp_path / "out.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 21

    result.show_differ.click()
    qtbot.waitUntil(lambda: len(app.space.order.rows) == wrong)
    assert app.space.view.mode == GRID
    assert set(app.space.order.rows.tolist()) == set(blind.sessions[0].shown[:wrong])
    press(app, "Home", "Return", "Q")  # the image on the screen, not all that are selected
    press(app, "Esc")
    assert app.space.view.mode == GRID
    assert app.space.selection.count == wrong
    press(app, "B")
    assert blind.page == RESULT
    assert result.result.settled == (0, 1, 0)
    project = app.space.session.project_path
    leave(qtbot, app)
    review = open_here(request_for([project]))
    review.close()
    assert review.labelling.trusted.tolist() == sorted(set(blind.sessions[0].shown))
