"""Somebody else's project is merged in the window, and what both decided otherwise is settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.review.decisions import Action, Status
from models.review.ordering import Filters
from models.review.queues import Queue
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.journals import Reviewer
from tests.helpers.local import open_here
from tests.helpers.projects import small_npz

DISAGREEING = Queue.DISAGREEING_REVIEWERS


def others_project(source: Path, path: Path) -> Path:
    """Ben excludes the first image, sets the second and keeps the third."""
    review = open_here(request_for([source]), path)
    with review.project.journal() as journal:
        ben = Reviewer(review.labelling.given.copy())
        ben.who = journal.reviewer_id("Ben")
        for action, sample in ((Action.EXCLUDE, 0), (Action.SET, 1), (Action.KEEP, 2)):
            edit = ben.decide(action, [sample], label=2)
            journal.append(replace(edit, time_ns=edit.time_ns + 1))
    review.close()
    return path


def merge(qtbot: QtBot, app: Application, other: Path) -> None:
    """By the command of the File menu, choosing a folder."""
    app.registry.action("file.merge").trigger()
    dialog = app.window.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(app.desk.opened, timeout=30_000):
        dialog.filesSelected.emit([str(other)])
        dialog.close()
    app.window.activateWindow()  # without a window manager nobody else does
    qtbot.waitUntil(app.window.isActiveWindow)
    app.jobs.agreeing._soon.setInterval(0)
    qtbot.waitUntil(lambda: app.jobs.agreeing.is_idle and app.jobs.arranger.is_idle)


def counted(app: Application) -> tuple[int, int]:
    assert app.space.order.facets is not None
    found = app.space.order.facets.queues.get(DISAGREEING)
    return (found.every, found.decided) if found else (0, 0)


def told(app: Application) -> list[str]:
    return [notice.sentence for notice in app.notices.notices()]


def test_conflicts_become_a_queue_that_is_worked_off(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    source = small_npz(tmp_path)
    other = others_project(source, tmp_path / "ben.winnow")
    app = start()
    assert not app.registry.action("file.merge").isEnabled()
    open_and_wait(qtbot, app, source)
    for sample, key in ((0, "Q"), (1, "1")):
        app.space.selection.set_current(sample)
        press(app, key)
    qtbot.waitUntil(lambda: app.space.labels.n_pending == 0)
    merge(qtbot, app, other)
    status = app.space.labels.status
    assert status[:4].tolist() == [Status.KEPT, Status.CHANGED, Status.KEPT, Status.PENDING]
    assert any("ben.winnow" in text for text in told(app))
    assert counted(app) == (2, 0)
    app.space.order.filter_by(Filters(queues=frozenset({DISAGREEING})))
    qtbot.waitUntil(lambda: sorted(app.space.order.rows.tolist()) == [0, 1])
    app.space.selection.set_current(0)
    app.views.grid.setFocus()
    press(app, "E")
    qtbot.waitUntil(lambda: counted(app) == (2, 1))
    press(app, "N")
    qtbot.waitUntil(lambda: app.space.order.rows.tolist() == [1])
    leave(qtbot, app)
    with h5py.File(tmp_path / "insects.winnow" / "corrected.h5") as file:
        expected = [Status.EXCLUDED, Status.CHANGED, Status.KEPT]
        assert file["labels/status"][:3].tolist() == expected
        assert b"Ben" in file["review/reviewers"][:]


def test_a_merge_is_undone_like_any_step(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    source = small_npz(tmp_path)
    other = others_project(source, tmp_path / "ben.winnow")
    app = start()
    open_and_wait(qtbot, app, source)
    merge(qtbot, app, other)
    labels = app.space.labels
    assert labels.n_reviewed == 3
    app.views.grid.setFocus()
    press(app, "Ctrl+Z")
    assert labels.n_reviewed == 0
    assert labels.labels.tolist() == labels.given.tolist()
    press(app, "Ctrl+Shift+Z")
    assert labels.n_reviewed == 3


def test_a_project_about_other_images_is_refused_and_ours_is_back(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    np.savez(away / "b.npz", images=np.zeros((4, 8, 8), np.uint8), labels=[0, 1, 0, 1])
    review = open_here(request_for([away / "b.npz"]))
    review.close()
    app = start()
    open_and_wait(qtbot, app, small_npz(tmp_path))
    merge(qtbot, app, review.project.path)
    assert app.space.session.is_open
    assert any("another dataset" in text for text in told(app))
