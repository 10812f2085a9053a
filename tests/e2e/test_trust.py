"""Trust in the whole window: the lock on the test split, answering first, the work list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.data.project import Project
from models.labelling import labelling
from models.opening import request_for
from models.review.decisions import Status
from models.types import UNLABELLED, Finished
from qtapp.app import Application
from qtapp.state.view import SINGLE
from qtapp.views.lock_bar import LockBar
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N_TRAIN, N_TEST = 24, 12


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Images of a train and a test split, and a run that would call each the next class."""
    rng, path = np.random.default_rng(0), tmp_path / "clothes.npz"
    pixels = rng.integers(0, 256, (N_TRAIN + N_TEST, 8, 8), dtype=np.uint8)
    labels = np.arange(N_TRAIN + N_TEST) % 3
    np.savez(
        path,
        x_train=pixels[:N_TRAIN],
        y_train=labels[:N_TRAIN],
        x_test=pixels[N_TRAIN:],
        y_test=labels[N_TRAIN:],
    )
    review = open_here(request_for([path]))
    review.close()
    add_scores(review.project.path, (labels + 1) % 3, 3, given=labels)
    return path


def lock_bar(app: Application) -> LockBar:
    found = app.window.findChild(LockBar)
    assert isinstance(found, LockBar)
    return found


def test_the_test_split_is_locked_until_it_is_unlocked_once(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    labels = app.space.labels
    bar, unlock = lock_bar(app), app.registry.action("decide.unlock_test")
    assert not bar.isVisible()
    assert unlock.isEnabled()
    press(app, "Ctrl+A")
    assert "12 of the 36 selected images are locked." in bar.text.text()
    press(app, "E")
    assert labels.n_decisions == 0
    bar.leave_out.click()
    assert app.space.selection.count == N_TRAIN
    press(app, "R")
    assert labels.count(Status.SECOND_LOOK) == N_TRAIN
    app.space.selection.set_current(N_TRAIN + 2)
    press(app, "Q")
    assert labels.n_decisions == 1
    bar.unlock.click()
    assert not bar.isVisible()
    assert not unlock.isEnabled()
    press(app, "Q")
    assert labels.status[N_TRAIN + 2] == Status.KEPT
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again, source)
    again.space.selection.set_current(N_TRAIN + 5)
    press(again, "E")
    assert again.space.labels.status[N_TRAIN + 5] == Status.EXCLUDED


def test_a_list_of_decisions_is_never_locked_out(source: Path, tmp_path: Path) -> None:
    decisions = tmp_path / "edits.csv"
    decisions.write_text(f"sample_id,action\n{N_TRAIN + 1},exclude\n")
    *_, done = labelling(source.with_suffix(".winnow"), decisions)
    assert isinstance(done, Finished)
    assert done.result == {"applied": 1, "skipped": []}


def test_answering_first_and_the_share_that_agrees(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    app.registry.action("look.answer_first").trigger()
    press(app, "Return")
    view, labels = app.space.view, app.space.labels
    assert view.mode == SINGLE
    first = app.space.selection.current
    assert view.predictions_hidden
    press(app, "W", "Q")
    assert labels.n_decisions == 0
    assert not view.predictions_hidden
    press(app, "Q")
    assert labels.status[first] == Status.KEPT
    assert app.space.selection.current != first
    assert view.predictions_hidden
    press(app, "Q", "W")
    assert labels.n_decisions == 2
    assert (app.space.agreeing.share.n, app.space.agreeing.share.of) == (1, 1)
    project = Path(app.space.session.project_path)
    leave(qtbot, app)
    with Project(project, read_only=True).journal() as journal:
        rows = journal.rows()
    assert rows["suggested"][0] == UNLABELLED
    assert rows["suggested"][1] != UNLABELLED

    again = start()
    open_and_wait(qtbot, again, source)
    assert again.registry.action("look.answer_first").isChecked()
    assert (again.space.agreeing.share.n, again.space.agreeing.share.of) == (1, 1)


def test_the_session_page_tells_what_is_missing_and_exports_the_work_list(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "Q")
    app.registry.action("look.session").trigger()
    page = app.dialogs.session_page
    qtbot.waitUntil(page.worth.isVisible)
    qtbot.waitUntil(lambda: "0 of 100" in page.worth.sentence.text())
    page.worth.export.click()
    assert app.dialogs.export.isVisible()
    assert app.dialogs.export.choices.format == "worklist"
    app.dialogs.export.reject()
    page.reject()
