"""A project that was divided anew, in the window: filter and lock follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from models.splitting import SplitWish, splitting
from models.types import OpenRequest
from tests.e2e.conftest import Start, open_and_wait, press
from tests.helpers.projects import N_SAMPLES, small_project


def test_the_window_follows_a_new_split(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    project = small_project(tmp_path)
    list(splitting(project, SplitWish({"train": 0.5, "test": 0.5})))
    app = start()
    open_and_wait(qtbot, app, project)
    space = app.space
    info = space.session.info
    assert info is not None
    of_test = np.flatnonzero(info.split_codes() == 1)
    assert len(of_test) == N_SAMPLES / 2
    with qtbot.waitSignal(space.order.changed):
        space.order.filter_by(replace(space.order.wanted.filters, query='split == "test"'))
    assert sorted(space.order.rows.tolist()) == of_test.tolist()
    space.selection.set_current(int(of_test[0]))
    press(app, "Q")
    assert space.labels.n_decisions == 0
    assert space.labels.lock.names == ("test",)
    request = OpenRequest.from_message(info.request)
    assert request.assignment == info.assignment  # with which the children open it
