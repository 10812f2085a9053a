"""The query line from the keyboard: ask, be corrected, save, leave, and find it again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.review.ordering import Filters
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 60


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty images with the scores of a run, every seventh of which says another class."""
    path = tmp_path / "clothes.npz"
    labels = np.arange(N) % 3
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["coat", "dress", "T-shirt/top"])[labels])
    review = open_here(request_for([path]))
    review.close()
    codes = np.array([1, 2, 0])[labels]  # classes in the order of their names
    best = np.where(np.arange(N) % 7 == 0, (codes + 1) % 3, codes)
    add_scores(review.project.path, best, 3, given=codes)
    return path


def type_in(qtbot: QtBot, application: Application, text: str) -> None:
    field = application.views.query_bar.field
    press(application, "Ctrl+F")
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, text)
    field.popup.hide()
    application.window.activateWindow()  # which a desktop does by itself when a list closes
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)


def test_a_query_is_typed_corrected_saved_and_there_again(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    space, bar = app.space, app.views.query_bar
    type_in(qtbot, app, "given == T-shirt/top and predicted != given")
    with qtbot.waitSignal(space.order.changed):
        press(app, "Return")
    wrong = [i for i in range(N) if i % 3 == 2 and i % 7 == 0]
    assert sorted(space.order.rows.tolist()) == wrong
    qtbot.waitUntil(lambda: bar.count.text() == f"{len(wrong)} found")
    type_in(qtbot, app, "given == T-shirt")
    press(app, "Return")
    assert bar.message.isVisible()
    assert sorted(space.order.rows.tolist()) == wrong
    press(app, "Esc")
    assert not bar.message.isVisible()
    assert QApplication.focusWidget() is app.views.grid
    press(app, "Q")  # keys decide again
    assert space.labels.n_reviewed == 1
    bar.menu.save.trigger()
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again, source)
    assert not again.views.query_bar.isVisible()
    (saved,) = again.space.queries.saved
    assert saved == 'given == "T-shirt/top" and predicted != given'
    again.views.query_bar.menu.chosen.emit(saved)
    qtbot.waitUntil(lambda: sorted(again.space.order.rows.tolist()) == wrong)


def test_the_paths_are_read_when_a_query_asks_for_them(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    assert app.space.paths.paths is None
    type_in(qtbot, app, 'path ~ "[1"')
    press(app, "Return")
    expected = [1, *range(10, 20)]
    qtbot.waitUntil(lambda: sorted(app.space.order.rows.tolist()) == expected)
    qtbot.waitUntil(lambda: app.jobs.paths.is_idle)


def test_the_rails_filters_become_a_query_of_the_same_images(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    order, as_query = app.space.order, app.registry.action("look.as_query")
    assert not as_query.isEnabled()
    ranges = {"suspicion": (0.0, 0.75)}
    with qtbot.waitSignal(order.changed):
        order.filter_by(Filters(classes=frozenset([0, 2]), ranges=ranges))
    rows = order.rows.tolist()
    with qtbot.waitSignal(order.changed):
        as_query.trigger()
    assert order.wanted.filters.classes == frozenset()
    assert app.views.query_bar.isVisible()
    assert order.rows.tolist() == rows
    assert not as_query.isEnabled()
