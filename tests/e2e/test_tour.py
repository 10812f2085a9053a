"""The guided first run on the demo, by the keys it asks for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.demo import demo_request, demo_truth
from qtapp.app import Application
from qtapp.settings import load_settings
from qtapp.state.tour import Step
from tests.e2e.conftest import Start, hold, leave, open_and_wait, press, release
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores


@pytest.fixture
def scored_demo(own_home: Path) -> None:
    """The demo as it is after its first training."""
    review = open_here(demo_request())
    given = review.labelling.given.astype(np.int64)
    review.close()
    add_scores(review.project.path, demo_truth().astype(np.int64), 10, given=given)


def settle(qtbot: QtBot, app: Application) -> None:
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle, timeout=10_000)


def test_the_tour_is_gone_through_by_keys_and_does_not_come_again(
    qtbot: QtBot, start: Start, scored_demo: None, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app)
    tour, card = app.space.tour, app.tour_card
    assert card.isVisible()
    press(app, "Return")
    assert tour.step is Step.DECIDE
    press(app, "W")
    assert tour.step is Step.UNDO
    press(app, "Ctrl+Z")
    assert tour.step is Step.GRID
    press(app, "G")
    hold(app, Qt.Key.Key_Space)
    release(app, Qt.Key.Key_Space)
    assert tour.step is Step.QUERY
    press(app, "Ctrl+F")
    QTest.keyClicks(QApplication.focusWidget(), 'given == "0"')
    press(app, "Return")
    settle(qtbot, app)
    assert tour.step is Step.EXPORT
    card.next_button.click()
    assert not card.isVisible()
    assert load_settings(tmp_path / "settings.json").toured
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again)
    assert not again.tour_card.isVisible()
    again.registry.action("help.tour").trigger()
    assert again.tour_card.isVisible()


def test_without_a_dataset_the_tour_opens_the_demo(
    qtbot: QtBot, start: Start, scored_demo: None
) -> None:
    app = start()
    with qtbot.waitSignal(app.desk.opened, timeout=30_000):
        app.registry.action("help.tour").trigger()
    settle(qtbot, app)
    assert app.tour_card.isVisible()
