"""Decisions from keys: what they act on, undo, redo, and the stack after a restart."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.review.decisions import Action, Status, log_rows
from models.review.replay import history
from models.review.stopping import AuditedQueue
from qtapp.commands.edits import Edits
from tests.helpers.spaces import score_set, workspace


class Desk(QObject):
    """A workspace with edits, and the log that a journal would hold."""

    def __init__(self):
        super().__init__()
        self.space = workspace(self)
        self.edits = Edits(
            self.space.session,
            self.space.labels,
            self.space.scores,
            self.space.selection,
            clock=lambda: 7,
            parent=self,
        )
        self.log, self.notes = [], {}
        self.space.labels.committing.connect(self._write)

    def _write(self, edit):
        rows = log_rows(edit, sum(map(len, self.log)) + 1)
        if edit.class_change and edit.action[0] == Action.SET:
            self.notes[int(rows["seq"][0])] = edit.class_change.note()
        self.log.append(rows)

    @property
    def labels(self):
        return self.space.labels


@pytest.fixture
def desk():
    return Desk()


def test_a_digit_on_a_selection_is_one_undo_step(desk):
    desk.space.selection.select(np.arange(6))
    desk.edits.set_class(2)
    assert (desk.labels.labels[:6] == 2).all()
    desk.edits.undo()
    np.testing.assert_array_equal(desk.labels.labels, desk.labels.given)
    assert (desk.labels.status == Status.PENDING).all()


def test_undo_and_redo_are_rows_of_the_log_too(desk):
    desk.space.selection.set_current(3)
    desk.edits.decide(Action.EXCLUDE)
    desk.edits.undo()
    desk.edits.redo()
    assert [int(rows["action"][0]) for rows in desk.log] == [
        Action.EXCLUDE,
        Action.UNDO,
        Action.REDO,
    ]
    assert [int(rows["undo_of"][0]) for rows in desk.log] == [-1, 1, 1]
    assert desk.labels.status[3] == Status.EXCLUDED


def test_the_log_says_who_took_a_decision_back(desk):
    anne, ben = 1, 2
    desk.space.session.set_reviewer(anne)
    desk.space.selection.set_current(3)
    desk.edits.decide(Action.EXCLUDE)
    desk.space.session.set_reviewer(ben)
    desk.edits.undo()
    desk.space.session.set_reviewer(anne)
    desk.edits.redo()
    rows = np.concatenate(desk.log)
    assert rows["reviewer"].tolist() == [anne, ben, anne]


def test_accepting_takes_the_suggestion_and_records_what_was_seen(desk):
    desk.space.scores.show(score_set(desk.labels.labels))
    desk.space.selection.set_current(0)
    desk.edits.decide(Action.ACCEPT)
    assert desk.labels.labels[0] == 1
    assert desk.log[0]["suspicion"][0] == 1.0
    assert desk.log[0]["suggested"][0] == 1
    assert desk.log[0]["run"][0] == 1


def test_accepting_without_a_suggestion_says_so_and_decides_nothing(desk):
    told = []
    desk.edits.idle.connect(told.append)
    desk.space.selection.set_current(0)
    desk.edits.decide(Action.ACCEPT)
    assert told
    assert desk.log == []


def test_a_label_set_back_to_the_given_one_is_kept(desk):
    desk.space.selection.set_current(4)
    desk.edits.set_class(int(desk.labels.given[4]))
    assert desk.labels.status[4] == Status.KEPT


def test_adding_a_class_is_part_of_the_step_that_sets_it(desk):
    desk.space.selection.set_current(4)
    desk.edits.add_class("dog")
    assert desk.labels.class_names[-1] == "dog"
    assert desk.labels.labels[4] == 3
    desk.edits.undo()
    assert desk.labels.class_names == ("ant", "bee", "cat")
    desk.edits.redo()
    assert desk.labels.class_names[-1] == "dog"


def test_nothing_can_be_decided_once_saving_failed(desk):
    desk.space.selection.set_current(4)
    desk.edits.set_class(0)
    desk.labels.refuse(ProjectError("the disk is full"))
    told = []
    desk.edits.idle.connect(told.append)
    desk.edits.set_class(0)
    desk.edits.undo()
    assert [("full" in text) for text in told] == [True, True]
    assert desk.labels.labels[4] == desk.labels.given[4]


@pytest.mark.parametrize("seed", range(8))
def test_the_stack_after_a_restart_undoes_and_redoes_as_before(desk, seed):
    rng = np.random.default_rng(seed)
    for _ in range(30):
        move = rng.integers(10)
        if move < 6:
            desk.space.selection.select(rng.choice(24, rng.integers(1, 5), replace=False))
            desk.edits.set_class(int(rng.integers(3)))
        elif move < 9:
            desk.edits.undo()
        else:
            desk.edits.redo()
    log = np.concatenate(desk.log)
    edits, done = history(log, desk.notes, desk.labels.given)
    again = Desk()
    again.labels.load(
        desk.labels.given,
        desk.labels.labels.copy(),
        desk.labels.status.copy(),
        desk.labels.classes,
        desk.labels.next_step,
        desk.labels.n_decisions,
    )
    again.edits.restore(edits, done)
    assert again.log == []
    assert again.edits.stack.index() == desk.edits.stack.index()
    for move in (desk.edits.redo, desk.edits.undo, desk.edits.undo, desk.edits.undo):
        move()
        getattr(again.edits, move.__name__)()
        np.testing.assert_array_equal(again.labels.labels, desk.labels.labels)
        np.testing.assert_array_equal(again.labels.status, desk.labels.status)


def test_merging_classes_is_one_step_and_takes_their_images_along():
    desk = Desk()
    desk.edits.merge_classes([0], 1)
    assert not (desk.labels.labels == 0).any()
    assert desk.labels.classes.merged == {0: 1}
    assert 0 not in desk.labels.classes.offered()
    desk.edits.set_class(0)
    assert not (desk.labels.labels == 0).any()
    desk.edits.undo()
    desk.edits.undo()
    np.testing.assert_array_equal(desk.labels.labels, desk.labels.given)
    assert desk.labels.classes.merged == {}


def test_merging_a_class_without_images_says_why_nothing_happens(qtbot):
    desk = Desk()
    desk.edits.merge_classes([0], 1)
    with qtbot.waitSignal(desk.edits.idle) as said:
        desk.edits.merge_classes([0], 1)
    assert said.args == ["No image has that class"]


def test_nothing_was_seen_of_an_audit_image_when_it_was_decided(desk):
    desk.space.scores.show(score_set(desk.labels.labels, run=3))
    desk.space.audit.load(AuditedQueue(0, audits=[3, 5]))
    desk.space.selection.set_current(3)
    desk.edits.set_class(1)
    (row,) = desk.log[-1]
    assert (row["suggested"], row["run"]) == (-1, 0)
    assert np.isnan(row["suspicion"])
    desk.space.selection.select(np.array([4, 5]))
    desk.edits.set_class(1)
    rows = desk.log[-1]
    assert rows["suggested"].tolist() == [2, -1]
    assert np.isnan(rows["suspicion"]).tolist() == [False, True]


def test_an_audit_image_has_no_suggestion_to_accept_until_it_is_decided(desk):
    told = []
    desk.edits.idle.connect(told.append)
    desk.space.scores.show(score_set(desk.labels.labels))
    desk.space.audit.load(AuditedQueue(0, audits=[3]))
    desk.space.selection.set_current(3)
    desk.edits.decide(Action.ACCEPT)
    assert told == ["A random audit image is judged without a suggestion"]
    assert desk.log == []
    desk.edits.decide(Action.SECOND_LOOK)
    desk.edits.decide(Action.ACCEPT)
    assert len(desk.log) == 1
    desk.edits.decide(Action.KEEP)
    desk.edits.decide(Action.ACCEPT)
    assert desk.labels.labels[3] == 1
