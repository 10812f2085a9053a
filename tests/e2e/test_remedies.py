"""Remedies that change the project: a new split, images undone, classes weighed, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.data.audits import keep_audit
from models.data.project import Project
from models.opening import request_for
from models.remedies import settled
from models.review.decisions import Status
from models.review.remedies import Outcome
from models.undoing import keep_undoing
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.findings import message
from tests.helpers.local import open_here

Look = Callable[[int], Application]

N_TRAIN, N_TEST = 60, 45
SPLIT, UNDOING, WEIGHTS = range(3)  # rows of the findings
UNDO: dict[str, Any] = {"name": "undo_processing", "split": "test", "undo": {"name": "invert"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two splits that hold copies of each other, and an audit that proposes three remedies."""
    pixels = np.random.default_rng(0).integers(0, 256, (N_TRAIN + N_TEST, 8, 8), dtype=np.uint8)
    pixels[N_TRAIN] = pixels[0]
    labels = np.arange(N_TRAIN + N_TEST) % 2
    np.savez(
        tmp_path / "noise.npz",
        x_train=pixels[:N_TRAIN],
        y_train=labels[:N_TRAIN],
        x_test=pixels[N_TRAIN:],
        y_test=labels[N_TRAIN:],
    )
    review = open_here(request_for([tmp_path / "noise.npz"]))
    review.close()
    known = review.labelling
    findings = [
        message("order:train+test", "error", check="labels", action={"name": "split"}),
        message("inverted:test", check="distribution", action=UNDO),
        message("imbalance:train", "note", check="balance", action={"name": "class_weights"}),
    ]
    result: dict[str, Any] = {"schema": 1, "findings": findings, "not_checked": [], "run": None}
    included = known.status != Status.EXCLUDED
    keep_audit(review.project.path, review.info, result, known.labels, included, quick=True)
    return review.project.path


@pytest.fixture
def look(qtbot: QtBot, start: Start, project: Path) -> Look:
    """Starts the application and goes by keys to one of the findings of the kept audit."""

    def look(row: int) -> Application:
        app = start()
        open_and_wait(qtbot, app, project)
        press(app, "Shift+A")
        wait_for_audit(qtbot, app)
        listed = app.panels.audit.list
        listed.setFocus()
        for _ in range(row):
            QTest.keyClick(listed, Qt.Key.Key_Down)
        assert listed.currentIndex().row() == row
        return app

    return look


def wait_for_audit(qtbot: QtBot, app: Application) -> None:
    """The audit that is kept is shown, and nothing is checked any more."""
    state = app.space.audit_findings
    qtbot.waitUntil(lambda: state.report is not None and app.jobs.auditor.is_idle, timeout=90_000)


def came_of(qtbot: QtBot, app: Application) -> Outcome:
    """What became of the finding that is looked at, once its check was run again."""
    state = app.space.audit_findings
    qtbot.waitUntil(lambda: state.chosen_id in state.rechecks, timeout=90_000)
    return state.rechecks[state.chosen_id].outcome


def take_back(qtbot: QtBot, app: Application) -> None:
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        app.panels.audit.detail.take_back.click()
    wait_for_audit(qtbot, app)
    assert not app.space.audit_findings.rechecks


def test_a_new_split_is_previewed_made_checked_and_taken_back(
    qtbot: QtBot, look: Look, project: Path
) -> None:
    app = look(SPLIT)
    detail, dialog = app.panels.audit.detail, app.dialogs.split
    assert detail.apply.text() == "Split anew…"
    detail.apply.setFocus()
    QTest.keyClick(detail.apply, Qt.Key.Key_Space)
    qtbot.waitUntil(dialog.make_button.isEnabled, timeout=30_000)
    assert "2 images before, 0 then" in dialog.outcome.text()
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert settled(Project(project, read_only=True)).divided
    info = app.space.session.info
    assert info is not None
    assert info.assignment is not None
    # Without a model single labels cannot be judged; that makes no difference to the splits.
    assert came_of(qtbot, app) is Outcome.GONE
    assert "it is gone" in detail.came_of.text()
    assert detail.take_back.isVisible()
    take_back(qtbot, app)
    assert not settled(Project(project, read_only=True)).divided
    assert detail.apply.isVisible()


def test_images_are_undone_and_shown_as_in_the_source_again(
    qtbot: QtBot, look: Look, project: Path
) -> None:
    app = look(UNDOING)
    detail = app.panels.audit.detail
    qtbot.waitUntil(lambda: len(detail.undoing.after.images or ()) == 6, timeout=30_000)
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        detail.apply.click()
    assert came_of(qtbot, app) is Outcome.GONE  # whether noise is mirrored cannot be told
    assert not detail.undoing.isVisible()
    assert app.space.audit_findings.chosen_id == "inverted:test"
    assert settled(Project(project, read_only=True)).undone == {"test": [UNDO["undo"]]}
    take_back(qtbot, app)
    assert settled(Project(project, read_only=True)).undone == {}


def test_what_was_remedied_is_shown_when_the_project_is_opened_again(
    qtbot: QtBot, look: Look
) -> None:
    first = look(UNDOING)
    first.panels.audit.detail.apply.click()
    came_of(qtbot, first)
    said = first.panels.audit.detail.came_of.text()
    assert said.startswith("Applied")
    leave(qtbot, first)
    again = look(UNDOING)
    assert again.space.audit_findings.rechecks.keys() == {"inverted:test"}
    assert again.panels.audit.detail.came_of.text() == said


def test_classes_are_weighed_from_the_next_training_on(
    qtbot: QtBot, look: Look, project: Path
) -> None:
    app = look(WEIGHTS)
    detail = app.panels.audit.detail
    with qtbot.waitSignal(app.space.remedying.settled_changed):
        detail.apply.click()
    assert settled(Project(project, read_only=True)).class_weights == "balanced"
    assert detail.train.isVisible()
    with qtbot.waitSignal(app.space.remedying.settled_changed):
        detail.take_back.click()
    assert settled(Project(project, read_only=True)).class_weights == "none"
    assert json.loads((project / "audit.json").read_text())["findings"]


def test_two_settings_taken_back_one_after_the_other_are_both_taken_back(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    with Project(project) as known:
        keep_undoing(known, "test", {"name": "invert"})
        keep_undoing(known, "train", {"name": "flip"})
    app = start()
    open_and_wait(qtbot, app, project)
    press(app, "Shift+A")
    wait_for_audit(qtbot, app)
    press(app, "Esc", "Q")  # what has to be written first takes a moment
    qtbot.waitUntil(lambda: not app.space.labels.n_pending)
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        for setting in (*app.remedies.in_force, *app.remedies.in_force):  # and once more
            app.remedies.end(setting)
        assert app.space.session.is_open
    assert settled(Project(project, read_only=True)).undone == {}
    assert not app.notices.notices()


def test_a_new_split_needs_no_audit(qtbot: QtBot, start: Start, project: Path) -> None:
    (project / "audit.json").unlink()
    app = start()
    open_and_wait(qtbot, app, project)
    app.registry.action("file.split").trigger()
    dialog = app.dialogs.split
    dialog.by_folds.setChecked(True)
    dialog.folds.setValue(3)
    qtbot.waitUntil(dialog.make_button.isEnabled, timeout=30_000)
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        dialog.make_button.click()
    info = app.space.session.info
    assert info is not None
    assert list(info.splits.values()) == [35, 35, 35]
