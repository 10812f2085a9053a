"""The log tells what the labels are, and what can still be undone."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from models.review import replay as replay_module
from models.review.classes import ClassList
from models.review.decisions import Action, Status
from models.review.replay import classes_after, history, replay, status_counts
from tests.helpers.journals import Reviewer, random_review

NAMES = ("cat", "dog", "eel", "fox")


def replayed_row_by_row(log, given):
    """The plainest reading of the log: one row at a time, with an explicit stack of steps."""
    labels, status = given.copy(), np.zeros(len(given), np.uint8)
    before: dict[int, list[tuple[int, int, int]]] = {}  # step -> what its rows replaced
    after: dict[int, list[tuple[int, int, int]]] = {}
    toggled: set[int] = set()
    for row in log:
        sample, step = int(row["sample"]), int(row["step"])
        if row["action"] in (Action.UNDO, Action.REDO):
            if step not in toggled:  # one toggle a step, however many rows it has
                toggled.add(step)
                states = before if row["action"] == Action.UNDO else after
                for which, label, state in reversed(states[int(row["undo_of"])]):
                    labels[which], status[which] = label, state
            continue
        before.setdefault(step, [])
        after.setdefault(step, [])
        if sample < 0:
            continue
        before[step].append((sample, labels[sample], status[sample]))
        labels[sample] = row["new"]
        status[sample] = {
            Action.KEEP: Status.KEPT,
            Action.EXCLUDE: Status.EXCLUDED,
            Action.SECOND_LOOK: Status.SECOND_LOOK,
            Action.CLEAR: Status.PENDING,
        }.get(row["action"], Status.KEPT if row["new"] == given[sample] else Status.CHANGED)
        after[step].append((sample, labels[sample], status[sample]))
    return labels, status


reviews = st.builds(random_review, st.integers(0, 2**32), st.integers(3, 8), st.integers(0, 40))


def assert_same_edit(a, b):
    for field in dataclasses.fields(a):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if field.name == "seen":
            np.testing.assert_array_equal(left.suggested, right.suggested)
            np.testing.assert_array_equal(left.suspicion, right.suspicion)
        else:
            np.testing.assert_array_equal(left, right, err_msg=field.name)


@pytest.mark.slow
@for_any(reviews)
def test_replay_gives_what_the_person_saw(review):
    labels, status = replay(review.log, review.given)
    np.testing.assert_array_equal(labels, review.labels)
    np.testing.assert_array_equal(status, review.status)


@pytest.mark.slow
@for_any(reviews)
def test_replay_is_the_row_by_row_reading(review):
    for actual, plain in zip(
        replay(review.log, review.given),
        replayed_row_by_row(review.log, review.given),
        strict=True,
    ):
        np.testing.assert_array_equal(actual, plain)


@pytest.mark.slow
@for_any(reviews)
def test_history_is_the_live_undo_stack(review):
    edits, done = history(review.log, review.notes, review.given)
    assert done == review.done
    assert len(edits) == len(review.edits)
    for rebuilt, live in zip(edits, review.edits, strict=True):
        assert_same_edit(rebuilt, live)


@pytest.mark.slow
@for_any(reviews, st.integers(1, 5))
def test_a_long_history_keeps_the_newest_steps_in_order(review, kept):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay_module, "UNDO_STEPS_KEPT", kept)
        edits, done = history(review.log, review.notes, review.given)
    first = review.done - done
    assert done == min(review.done, kept)
    expected = review.edits[first : review.done + kept]
    for rebuilt, live in zip(edits, expected, strict=True):
        assert_same_edit(rebuilt, live)


@pytest.mark.slow
@for_any(reviews)
def test_a_person_can_go_on_undoing_after_a_restart(review):
    edits, done = history(review.log, review.notes, review.given)
    labels, status = replay(review.log, review.given)
    for edit in reversed(edits[:done]):
        edit.inverse(0, 0).apply(labels, status)
    np.testing.assert_array_equal(labels, review.given)
    assert not status.any()


@pytest.mark.slow
@for_any(reviews)
def test_classes_follow_the_undo_stack(review):
    live = [e.class_change for e in review.edits[: review.done] if e.class_change]
    assert classes_after(review.log, review.notes, NAMES) == ClassList.of(NAMES, live)


def test_an_empty_log_changes_nothing():
    nothing = Reviewer(np.array([2, -1], np.int32))
    labels, status = replay(nothing.log, nothing.given)
    assert labels.tolist() == [2, -1]
    assert status.tolist() == [0, 0]
    assert history(nothing.log, {}, nothing.given) == ([], 0)


def test_replay_leaves_the_given_labels_alone():
    review = random_review(seed=1, n_samples=5, n_steps=20)
    before = review.given.copy()
    replay(review.log, review.given)
    np.testing.assert_array_equal(review.given, before)


def test_an_unknown_class_decision_is_refused():
    review = Reviewer(np.zeros(1, np.int32))
    review.decide(Action.SET, [0], label=4, added_class="owl")
    with pytest.raises(ValueError, match="no class decision"):
        classes_after(review.log, {1: '{"op": "split"}'}, NAMES)


def test_counts_name_every_state():
    counts = status_counts(np.array([0, 0, 3], np.uint8))
    assert counts == {**dict.fromkeys(Status, 0), Status.PENDING: 2, Status.EXCLUDED: 1}
