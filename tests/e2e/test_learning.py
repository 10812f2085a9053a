"""Winnow learns from a person's verdicts: the notice, the order, and after a restart."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from models.review.decisions import Action
from models.review.learning import MIN_VERDICTS
from qtapp.app import Application
from qtapp.views.panels.status import StatusBar
from tests.e2e.conftest import Start, leave, open_and_wait
from tests.helpers.verdicts import Judgeable, judgeable, judgeable_project


def judge(application: Application, data: Judgeable, n: int) -> None:
    right = data.corrected()
    for sample_id in data.order[:n].tolist():
        application.space.selection.set_current(sample_id)
        if data.wrong[sample_id]:
            application.edits.set_class(int(right[sample_id]))
        else:
            application.edits.decide(Action.KEEP)


def offered(application: Application) -> QPushButton:
    (notice,) = application.notices.notices()
    assert notice.sentence.startswith("Your decisions taught an order")
    button = notice.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    return button


def test_verdicts_teach_an_order_that_is_there_again_after_a_restart(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    data = judgeable()
    project = judgeable_project(tmp_path, data)
    app = start()
    open_and_wait(qtbot, app, project)
    assert not app.registry.action("look.learned").isEnabled()
    judge(app, data, MIN_VERDICTS)
    qtbot.waitUntil(lambda: app.space.learning.has_order)
    with qtbot.waitSignal(app.space.order.changed):
        offered(app).click()
    pending = app.space.order.rows[app.space.labels.status[app.space.order.rows] == 0]
    assert data.wrong[pending[:100]].mean() > 0.8
    status = app.window.findChild(StatusBar)
    qtbot.waitUntil(lambda: "of the next 100 about" in status.counts.toolTip())
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again, project)
    qtbot.waitUntil(lambda: again.space.learning.has_order)
    assert offered(again).text() == "Sort by what was learned"
