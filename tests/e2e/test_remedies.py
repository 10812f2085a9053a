"""Remedies that change the project: a new split, images undone, classes weighed, and back again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.data.audits import keep_audit
from models.data.project import Project
from models.opening import open_review, request_for
from models.remedies import settled
from models.review.decisions import Status
from models.review.remedies import Outcome
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.findings import message

N_TRAIN, N_TEST = 40, 20
UNDO = {"name": "undo_processing", "split": "test", "undo": {"name": "invert"}}


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
    review = open_review(request_for([tmp_path / "noise.npz"]))
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


def ready(qtbot: QtBot, app: Application) -> None:
    """The dock shows the audit that is kept, and nothing is checked any more."""
    state = app.space.audit_findings
    qtbot.waitUntil(lambda: state.report is not None and app.jobs.auditor.is_idle, timeout=90_000)


def choose_by_key(app: Application, row: int) -> None:
    listed = app.panels.audit.list
    listed.setFocus()
    while listed.currentIndex().row() != row:
        down = listed.currentIndex().row() < row
        QTest.keyClick(listed, Qt.Key.Key_Down if down else Qt.Key.Key_Up)


def test_a_new_split_is_previewed_made_checked_and_taken_back(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, project)
    press(app, "Shift+A")
    ready(qtbot, app)
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
    state = app.space.audit_findings
    qtbot.waitUntil(lambda: "order:train+test" in state.rechecks, timeout=90_000)
    # Not found again, but without a model the check of labels cannot look at everything.
    assert state.rechecks["order:train+test"].outcome is Outcome.UNKNOWN
    assert "cannot be told" in detail.came_of.text()
    assert detail.take_back.isVisible()
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        detail.take_back.click()
    assert not settled(Project(project, read_only=True)).divided
    ready(qtbot, app)
    assert detail.apply.isVisible()


def test_images_are_undone_and_shown_as_in_the_source_again(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, project)
    press(app, "Shift+A")
    ready(qtbot, app)
    choose_by_key(app, 1)
    detail, state = app.panels.audit.detail, app.space.audit_findings
    qtbot.waitUntil(lambda: len(detail.undoing.after.images or ()) == 6, timeout=30_000)
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        detail.apply.click()
    qtbot.waitUntil(lambda: "inverted:test" in state.rechecks, timeout=90_000)
    assert not detail.undoing.isVisible()
    assert state.chosen_id == "inverted:test"
    assert state.rechecks["inverted:test"].outcome is Outcome.UNKNOWN  # so few images of a class
    assert "cannot be told" in detail.came_of.text()
    assert settled(Project(project, read_only=True)).undone == {"test": [{"name": "invert"}]}
    with qtbot.waitSignal(app.desk.opened, timeout=60_000):
        detail.take_back.click()
    ready(qtbot, app)
    assert settled(Project(project, read_only=True)).undone == {}
    assert not state.rechecks


def test_what_was_remedied_is_shown_when_the_project_is_opened_again(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    first = start()
    open_and_wait(qtbot, first, project)
    press(first, "Shift+A")
    ready(qtbot, first)
    choose_by_key(first, 1)
    first.panels.audit.detail.apply.click()
    state = first.space.audit_findings
    qtbot.waitUntil(lambda: "inverted:test" in state.rechecks, timeout=90_000)
    said = first.panels.audit.detail.came_of.text()
    assert said.startswith("Applied")
    leave(qtbot, first)
    again = start()
    open_and_wait(qtbot, again, project)
    press(again, "Shift+A")
    ready(qtbot, again)
    choose_by_key(again, 1)
    assert again.space.audit_findings.rechecks.keys() == {"inverted:test"}
    assert again.panels.audit.detail.came_of.text() == said


def test_classes_are_weighed_from_the_next_training_on(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, project)
    press(app, "Shift+A")
    ready(qtbot, app)
    choose_by_key(app, 2)
    detail = app.panels.audit.detail
    with qtbot.waitSignal(app.space.remedying.settled_changed):
        detail.apply.click()
    assert settled(Project(project, read_only=True)).class_weights == "balanced"
    assert detail.train.isVisible()
    with qtbot.waitSignal(app.space.remedying.settled_changed):
        detail.take_back.click()
    assert settled(Project(project, read_only=True)).class_weights == "none"
    assert json.loads((project / "audit.json").read_text())["findings"]


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
    assert list(info.splits.values()) == [20, 20, 20]
