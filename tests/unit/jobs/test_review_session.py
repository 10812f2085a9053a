"""The journal is read while somebody looks, and only its new rows when it was read before."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.opening import request_for
from models.review.causes import Remark
from models.review.decisions import Action
from qtapp.jobs.review_session import SessionReader
from tests.helpers.journals import Reviewer
from tests.helpers.local import open_here
from tests.helpers.projects import small_npz
from tests.helpers.spaces import workspace


class Desk(QObject):
    """A project of twelve images, decided on by hand into its journal."""

    def __init__(self, folder) -> None:
        super().__init__()
        self.review = open_here(request_for([small_npz(folder)]))
        known = self.review.labelling
        self.space = space = workspace(self, n=12)
        space.session.open(self.review.info, str(self.review.project.path))
        self.reader = SessionReader(
            space.session, space.labels, space.causes, space.review_session, self
        )
        self.person = Reviewer(known.given)
        self._n_written = 0

    def write(self) -> None:
        with self.review.project.journal() as journal:
            for edit in self.person.steps[self._n_written :]:
                journal.append(edit)
        self._n_written = len(self.person.steps)
        self.space.labels.saved_changed.emit()


@pytest.fixture
def desk(qapp, tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.reader.stop()
    desk.review.close()


def test_nothing_is_read_out_of_sight(qtbot, desk):
    desk.person.decide(Action.KEEP, [0])
    desk.write()
    qtbot.waitUntil(lambda: desk.reader.is_idle)
    assert desk.space.review_session.session is None


def test_what_is_decided_later_is_added_to_what_was_read(qtbot, desk):
    state = desk.space.review_session
    desk.person.decide(Action.KEEP, [0])
    desk.write()
    with qtbot.waitSignal(state.changed):
        state.watch(True)
    assert (state.session.looked_at, state.session.errors) == (1, 0)
    desk.person.decide(Action.EXCLUDE, [1])
    desk.person.remark([1], Remark("blurred"))
    with qtbot.waitSignal(state.changed):
        desk.write()
    assert (state.session.looked_at, state.session.errors) == (2, 1)
    with qtbot.waitSignal(state.changed):
        state.ask(newest_only=False)
    assert state.session.presses == 2


def test_another_dataset_begins_with_nothing(qtbot, desk):
    state = desk.space.review_session
    with qtbot.waitSignal(state.changed):
        state.watch(True)
    desk.reader.stop()
    assert state.session is None


def test_a_journal_that_cannot_be_read_is_told(qtbot, desk):
    desk.review.project.journal_path.rename(desk.review.project.path / "gone")
    with qtbot.waitSignal(desk.reader.failed) as failed:
        desk.space.review_session.watch(True)
    assert isinstance(failed.args[0], ProjectError)
