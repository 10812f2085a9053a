"""What a key press decides."""

import numpy as np
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.decisions import (
    LABEL_ACTIONS,
    LOG_DTYPE,
    Action,
    Seen,
    Status,
    decide,
    log_rows,
)
from models.types import UNLABELLED
from tests.helpers.journals import Reviewer

GIVEN = np.array([0, 1, UNLABELLED], np.int32)


@pytest.fixture
def person():
    return Reviewer(GIVEN)


@pytest.mark.parametrize(
    ("action", "label", "status"),
    [
        (Action.KEEP, 1, Status.KEPT),
        (Action.ACCEPT, 2, Status.CHANGED),
        (Action.SET, 3, Status.CHANGED),
        (Action.EXCLUDE, 1, Status.EXCLUDED),
        (Action.SECOND_LOOK, 1, Status.SECOND_LOOK),
        (Action.CLEAR, 1, Status.PENDING),
    ],
)
def test_each_key_moves_label_and_state(person, action, label, status):
    person.decide(action, [1], label=3, suggested=2)
    assert (person.labels[1], person.status[1]) == (label, status)


def test_setting_the_given_label_keeps_it(person):
    person.decide(Action.SET, [1], label=1)
    assert person.status[1] == Status.KEPT


def test_accepting_the_given_label_keeps_it(person):
    person.decide(Action.ACCEPT, [1], suggested=1)
    assert person.status[1] == Status.KEPT


def test_excluding_a_changed_sample_leaves_its_new_label(person):
    person.decide(Action.SET, [1], label=3)
    person.decide(Action.EXCLUDE, [1])
    assert (person.labels[1], person.status[1]) == (3, Status.EXCLUDED)


def test_clearing_brings_the_given_label_back(person):
    person.decide(Action.SET, [1], label=3)
    person.decide(Action.CLEAR, [1])
    assert (person.labels[1], person.status[1]) == (1, Status.PENDING)


@pytest.mark.parametrize(
    ("action", "status"),
    [(Action.KEEP, Status.KEPT), (Action.CLEAR, Status.PENDING), (Action.SET, Status.CHANGED)],
)
def test_no_decision_brings_a_merged_class_back(action, status):
    merged = ClassList(("cats", "cat"), {0: 1})
    now = {"given": GIVEN, "labels": np.array([1, 1, UNLABELLED], np.int32), "label": 0}
    edit = decide(
        action,
        np.array([0]),
        status=np.full(3, Status.CHANGED, np.uint8),
        seen=Seen.nothing(1),
        step=1,
        time_ns=0,
        classes=merged,
        **now,
    )
    assert (edit.new_labels[0], edit.new_status[0]) == (1, status)


def test_keep_means_nothing_without_a_given_label(person):
    edit = person.decide(Action.KEEP, [0, 2])
    assert edit.sample_ids.tolist() == [0]


def test_accept_means_nothing_without_a_suggestion(person):
    assert len(person.decide(Action.ACCEPT, [0, 1])) == 0


@pytest.mark.slow
@for_any(st.sampled_from(LABEL_ACTIONS), st.sets(st.integers(0, 2)), st.integers(0, 3))
def test_an_edit_and_its_inverse_leave_no_trace(action, ids, label):
    person = Reviewer(GIVEN)
    person.decide(Action.SET, [0], label=2)
    labels, status = person.labels.copy(), person.status.copy()
    if len(person.decide(action, sorted(ids), label=label, suggested=label)):
        person.undo()
    np.testing.assert_array_equal(person.labels, labels)
    np.testing.assert_array_equal(person.status, status)


def test_rows_say_what_was_seen():
    seen = Seen(np.array([2], np.int32), np.array([0.5], np.float32), run=7)
    edit = decide(
        Action.SET,
        np.array([1]),
        given=GIVEN,
        labels=GIVEN.copy(),
        status=np.zeros(3, np.uint8),
        seen=seen,
        step=4,
        time_ns=5,
        reviewer=6,
        label=3,
    )
    row = (10, 4, 1, 1, 3, Action.SET, 6, 5, 2, 0.5, 7, -1)
    np.testing.assert_array_equal(log_rows(edit, 10), np.array([row], LOG_DTYPE))


def test_a_new_class_has_a_row_of_its_own_before_the_samples(person):
    person.decide(Action.SET, [0, 1], label=4, added_class="owl")
    person.undo()
    log = person.log
    assert log["action"].tolist() == [Action.CLASS, *[Action.SET] * 2, *[Action.UNDO] * 3]
    assert log["sample"].tolist() == [-1, 0, 1, -1, 0, 1]
    assert log["seq"].tolist() == [1, 2, 3, 4, 5, 6]
    assert log["undo_of"].tolist() == [-1, -1, -1, 1, 1, 1]


def test_undoing_a_redone_step_names_the_first_one(person):
    person.decide(Action.KEEP, [0])
    person.undo()
    person.redo()
    person.undo()
    assert person.log["undo_of"].tolist() == [-1, 1, 1, 1]


@pytest.mark.parametrize(
    ("action", "ids", "values"),
    [
        (Action.UNDO, [0], {}),
        (Action.SET, [0], {"label": UNLABELLED}),
        (Action.SET, [], {"label": 4, "added_class": "owl"}),
    ],
)
def test_what_is_no_decision_is_refused(person, action, ids, values):
    with pytest.raises(ValueError, match=r"not a decision|needs a class|giving it to a sample"):
        person.decide(action, ids, **values)
