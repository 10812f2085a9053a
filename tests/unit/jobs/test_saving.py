"""A decision is saved when it is on disk, never earlier; a failure is said and stops edits."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.data.journal import AUDIT, BLIND, Journal, copy_journal
from models.errors import ProjectError
from models.review.blind import BlindSession
from models.review.decisions import Action
from models.review.stopping import AuditedQueue
from qtapp.commands.edits import Edits
from qtapp.commands.moving import Moving
from qtapp.jobs.saving import BULK_EDIT, Saver
from qtapp.state.view import SINGLE
from tests.helpers.spaces import workspace


class FakeJournal:
    """Remembers steps; refuses from `fail_at` on."""

    def __init__(self, fail_at=None):
        self.steps, self.fail_at, self.closed = [], fail_at, False

    def append(self, edit, metas):
        if self.fail_at is not None and edit.step >= self.fail_at:
            raise ProjectError("no space left on the disk")
        self.steps.append(edit.step)
        return edit.step

    def close(self):
        self.closed = True


class Desk(QObject):
    def __init__(self, journal, n=24):
        super().__init__()
        self.space = space = workspace(self, n)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.saver = Saver(space.labels, space.audit, space.blind, self)
        self.backups = []
        self.saver.attach(lambda: journal, self.backups.append)

    def decide(self, n_steps):
        for sample_id in range(n_steps):
            self.space.selection.set_current(sample_id)
            self.edits.set_class(2)


@pytest.fixture
def desk_for(qapp):
    desks = []

    def make(journal, n=24):
        desks.append(Desk(journal, n))
        return desks[-1]

    yield make
    for desk in desks:
        desk.saver.detach()


def test_decisions_are_acknowledged_in_order(qtbot, desk_for):
    journal = FakeJournal()
    desk = desk_for(journal)
    desk.decide(10)
    qtbot.waitUntil(lambda: desk.space.labels.n_pending == 0)
    assert journal.steps == list(range(1, 11))


def test_closing_waits_for_everything_that_is_queued(desk_for):
    journal = FakeJournal()
    desk = desk_for(journal)
    desk.decide(20)
    desk.saver.detach()
    assert journal.steps == list(range(1, 21))
    assert journal.closed


def test_what_could_not_be_saved_is_taken_back_and_nothing_more_is_written(qtbot, desk_for):
    journal = FakeJournal(fail_at=3)
    desk = desk_for(journal)
    with qtbot.waitSignal(desk.space.labels.refused) as refused:
        desk.decide(6)
    assert "no space" in str(refused.args[0])
    labels = desk.space.labels
    assert list(np.flatnonzero(labels.status)) == [0, 1]
    assert journal.steps == [1, 2]
    desk.decide(6)
    assert list(np.flatnonzero(labels.status)) == [0, 1]


def test_a_bulk_change_is_preceded_by_a_backup(qtbot, desk_for):
    desk = desk_for(FakeJournal(), n=BULK_EDIT + 1)
    desk.space.selection.select(np.arange(BULK_EDIT + 1))
    desk.edits.set_class(1)
    qtbot.waitUntil(lambda: desk.space.labels.n_pending == 0)
    assert desk.backups == ["before a bulk change"]


def walking(desk, queue):
    """Judge one image after another, every tenth of them a random one."""
    space = desk.space
    space.audit.load(queue)
    moving = Moving(space.labels, space.selection, space.order, space.view, space.audit, desk)
    desk.edits.decided.connect(moving.after)
    space.view.set_mode(SINGLE)
    moving.to_row(0)


@pytest.mark.parametrize("n_decisions", [9, 10, 11, 30])
def test_after_a_crash_the_walk_goes_on_and_no_audit_image_is_forgotten(
    qtbot, desk_for, tmp_path, n_decisions
):
    path = tmp_path / "journal.db"
    desk = desk_for(FakeJournal(), n=100)
    desk.saver.attach(lambda: Journal(path), desk.backups.append)
    walking(desk, AuditedQueue(seed=6))
    for _ in range(n_decisions):
        desk.edits.decide(Action.KEEP)
    qtbot.waitUntil(lambda: desk.space.labels.n_pending == 0)
    drawn = desk.space.audit.sample_ids.tolist()
    assert len(drawn) == n_decisions // 10
    qtbot.waitUntil(lambda: stored_in(path, tmp_path).audits == drawn)
    again = desk_for(FakeJournal(), n=100)
    again.space.labels.status[:] = desk.space.labels.status
    walking(again, stored_in(path, tmp_path))
    assert all(again.space.audit.is_blind(i) == desk.space.audit.is_blind(i) for i in drawn)
    for _ in range(21):
        again.edits.decide(Action.KEEP)
    audits = again.space.audit.sample_ids.tolist()
    assert audits[: len(drawn)] == drawn
    assert len(audits) == len(set(audits)) > len(drawn)
    assert not any(again.space.audit.is_blind(i) for i in drawn)


def test_after_a_crash_every_answer_of_a_blind_session_is_there(qtbot, desk_for, tmp_path):
    path = tmp_path / "journal.db"
    desk = desk_for(FakeJournal())
    desk.saver.attach(lambda: Journal(path), desk.backups.append)
    blind = desk.space.blind
    blind.begin(BlindSession("2026-01-01T00:00:00Z", [5, 3, 7], [8.0] * 3))
    for code in (2, 0):
        blind.answer(code, 1.5)

    def stored():
        with Journal(copy_journal(path, tmp_path / "copy.db")) as journal:
            return [BlindSession.from_message(kept) for kept in journal.meta(BLIND) or ()]

    qtbot.waitUntil(lambda: path.exists() and stored() == blind.sessions)
    assert stored()[0].answers == [2, 0]
    assert desk.space.labels.n_pending == 0


def stored_in(path, folder):
    """The queue in a copy of a journal that nobody closed, as a kill would leave it."""
    with Journal(copy_journal(path, folder / "copy.db")) as journal:
        return AuditedQueue.from_message(journal.meta(AUDIT))
