"""A person says why labels were wrong: with keys, through a kill, and to the session page."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.processes.folding import export
from models.review.causes import Remark, causes_of
from models.review.decisions import Action
from models.review.remarks import remarks_after
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.journals import Reviewer
from tests.helpers.local import open_here
from tests.helpers.projects import small_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path)


def saved(qtbot: QtBot, app: Application) -> None:
    qtbot.waitUntil(lambda: app.space.labels.n_pending == 0)


def name_cause(qtbot: QtBot, app: Application, *keys: str) -> None:
    """Z, and keys in the list of causes, until the window has the keyboard again."""
    press(app, "Z")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is app.dialogs.cause_picker.field)
    press(app, *keys)
    app.window.activateWindow()  # without a window manager nobody else does
    qtbot.waitUntil(lambda: QApplication.focusWidget() is app.views.grid)


def test_causes_and_a_note_come_back_after_a_restart_and_lie_in_corrected_h5(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, project)
    press(app, "Home")
    first = app.space.selection.current
    name_cause(qtbot, app, "1")
    assert app.space.causes.of(first) == ("blurred",)
    assert app.space.selection.current == first  # tagging decides nothing
    assert app.space.labels.n_reviewed == 0
    press(app, "Ctrl+A")
    name_cause(qtbot, app, *"GLARE", "Return")
    assert all("glare" in app.space.causes.of(i) for i in range(12))
    press(app, "Ctrl+Z")
    assert app.space.causes.of(first) == ("blurred",)
    app.space.selection.set_current(first)
    app.tagging.note("through a window")
    press(app, "E")
    saved(qtbot, app)
    leave(qtbot, app)

    with h5py.File(project / "corrected.h5") as file:
        rows = file["review/log"][:]
        notes = {int(seq): text.decode() for seq, text in file["review/notes"][:]}
    said = remarks_after(rows, notes, 12)
    assert causes_of(said.names, int(said.marks[first])) == ("blurred",)
    assert said.notes[first][-1] == "through a window"

    again = start()
    open_and_wait(qtbot, again, project)
    assert again.space.causes.of(first) == ("blurred",)
    assert again.space.causes.note(first) == "through a window"
    press(again, "Ctrl+Z", "Ctrl+Z")
    assert again.space.causes.note(first) == ""
    assert again.space.causes.of(first) == ("blurred",)


def test_the_session_page_counts_and_filters(qtbot: QtBot, start: Start, project: Path) -> None:
    app = start()
    open_and_wait(qtbot, app, project)
    app.registry.action("look.session").trigger()
    page, state = app.dialogs.session_page, app.space.review_session
    qtbot.waitUntil(lambda: state.session is not None)
    assert page.empty.isVisible()
    app.window.activateWindow()  # the page stays beside it
    qtbot.waitUntil(app.window.isActiveWindow)
    for sample_id, key in ((0, "2"), (3, "2"), (1, "Q")):
        app.space.selection.set_current(sample_id)
        app.views.grid.setFocus()
        press(app, key)
    app.space.selection.set_current(0)
    app.tagging.toggle("wrong class list")
    qtbot.waitUntil(lambda: state.causes is not None and bool(state.causes.of_each))
    assert state.session is not None
    assert (state.session.looked_at, state.session.errors) == (3, 2)
    assert page.changes.item(0, 2).text() == "2"
    with qtbot.waitSignal(app.space.order.changed):
        page.changes.chosen.emit(page.changes._queries[0])
    assert sorted(app.space.order.rows.tolist()) == [0, 3]


def test_an_export_without_the_excluded_opens_again_with_the_causes_of_the_others(
    tmp_path: Path, project: Path
) -> None:
    review = open_here(request_for([project]))
    person = Reviewer(review.labelling.given.copy())
    person.remark([4], Remark("blurred"))
    person.decide(Action.EXCLUDE, [4])
    person.remark([5], Remark("cropped"))
    with review.project.journal() as journal:
        for edit in person.steps:
            journal.append(edit)
    review.close()
    out = tmp_path / "out" / "clean.h5"
    out.parent.mkdir()
    list(export(project, out))
    table = out.with_name("clean.csv")
    list(export(project, table, "csv"))

    again = open_here(request_for([out]))
    again.close()
    found = again.labelling.remarks
    marks = [causes_of(found.names, int(mark)) for mark in found.marks]
    assert marks == [()] * 4 + [("cropped",)] + [()] * 6  # image 4 is left out
    lines = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {line["sample_id"]: line["causes"] for line in lines if line["causes"]} == {
        "5": "cropped"
    }
    assert [edit.remark for edit in again.labelling.edits] == [Remark("cropped")]
