"""What is said of images is replayed from the log as exactly as labels are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.causes import BUILT_IN, Remark, causes_of
from models.review.decisions import Action, Status
from models.review.remarks import remarks_after, without_remarks_on_nothing
from models.review.replay import history, replay
from tests.helpers.journals import Reviewer

N = 6
IDS = st.lists(st.integers(0, N - 1), min_size=1, max_size=4, unique=True)
KEYS = st.lists(
    st.one_of(
        st.just("undo"),
        st.just("redo"),
        st.tuples(st.just("set"), IDS, st.integers(0, 2)),
        st.tuples(st.just("tag"), IDS, st.sampled_from((*BUILT_IN, "glare", "ink")), st.booleans()),
        st.tuples(st.just("note"), IDS, st.sampled_from(("", "a note", "another"))),
    ),
    max_size=30,
)


def reviewed(keys):
    review = Reviewer(np.zeros(N, np.int32))
    for key in keys:
        if isinstance(key, str):
            getattr(review, key)()
        elif key[0] == "set":
            review.decide(Action.SET, key[1], label=key[2])
        elif key[0] == "tag":
            review.remark(key[1], Remark(key[2], on=key[3]))
        else:
            review.remark(key[1], Remark(note=key[2]))
    return review


def said(review):
    """Causes and notes by image, one step that stands after the other."""
    causes, notes = [set() for _ in range(N)], [""] * N
    for edit in review.edits[: review.done]:
        for i in edit.sample_ids if edit.remark else ():
            if not edit.remark.cause:
                notes[i] = edit.remark.note
            elif edit.remark.on:
                causes[i].add(edit.remark.cause)
            else:
                causes[i].discard(edit.remark.cause)
    return causes, notes


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(KEYS)
def test_the_log_says_what_stands_after_any_steps_and_undos(keys):
    review = reviewed(keys)
    found = remarks_after(review.log, review.notes, N)
    causes, notes = said(review)
    assert [set(causes_of(found.names, int(mark))) for mark in found.marks] == causes
    assert [found.notes.get(i, [""])[-1] for i in range(N)] == notes


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(KEYS)
def test_remarks_move_no_label_and_no_state(keys):
    review = reviewed(keys)
    labels, status = replay(review.log, review.given)
    assert np.array_equal(labels, review.labels)
    assert np.array_equal(status, review.status)


@settings(max_examples=40, deadline=None)
@given(KEYS)
def test_the_undo_stack_of_the_log_holds_the_remarks(keys):
    review = reviewed(keys)
    edits, done = history(review.log, review.notes, review.given)
    assert done == review.done
    assert [edit.remark for edit in edits] == [edit.remark for edit in review.edits]
    assert [e.sample_ids.tolist() for e in edits] == [e.sample_ids.tolist() for e in review.edits]


def test_a_remark_on_images_that_are_left_out_goes_with_them():
    review = Reviewer(np.zeros(4, np.int32))
    review.remark([0, 1], Remark("blurred"))
    review.remark([1], Remark("cropped"))
    review.undo()
    review.decide(Action.EXCLUDE, [1])
    kept = review.log[review.log["sample"] != 1]
    left = without_remarks_on_nothing(kept)
    assert set(left["step"].tolist()) == {1}
    assert remarks_after(left, review.notes, 4).marks.tolist() == [1, 0, 0, 0]
    assert review.status[1] == Status.EXCLUDED


def test_a_note_of_a_scripted_decision_counts_as_one():
    review = Reviewer(np.zeros(2, np.int32))
    review.decide(Action.KEEP, [0, 1])
    notes = {int(review.log["seq"][1]): "from the list"}
    assert remarks_after(review.log, notes, 2).notes == {1: ["from the list"]}


def test_a_remark_whose_words_were_lost_says_nothing():
    review = Reviewer(np.zeros(2, np.int32))
    review.remark([0], Remark("blurred"))
    review.remark([1], Remark("cropped"))
    notes = dict(list(review.notes.items())[1:])
    assert remarks_after(review.log, notes, 2).marks.tolist() == [0, 2]
    assert history(review.log, notes, review.given)[1] == 2
