"""The figures of a review are those that counting one decision after the other gives."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.addition import Log
from models.review.causes import Remark
from models.review.classes import ClassChange, ClassList
from models.review.decisions import DECIDING, Action, Status
from models.review.intervals import wilson
from models.review.merging import bring
from models.review.remarks import remarks_after
from models.review.session import (
    AWAY_S,
    BREAK_S,
    EXCLUDED,
    causes_among_errors,
    session_of,
)
from tests.helpers.journals import Reviewer, random_review

CLASSES = ClassList.of(("a", "b", "c", "d"))
SECOND = 1_000_000_000


def at_seconds(rows, seconds):
    """The log, with its steps at these seconds."""
    times = np.array(seconds, np.int64) * SECOND
    rows["time_ns"] = times[rows["step"].astype(int) - 1]
    return rows


def kept(n):
    review = Reviewer(np.zeros(n, np.int32))
    for sample in range(n):
        review.decide(Action.KEEP, [sample])
    return review


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 60))
def test_images_errors_and_changes_are_those_of_the_replayed_review(seed, n_steps):
    review = random_review(seed, n_samples=9, n_steps=n_steps)
    if any(edit.class_change and edit.class_change.merged for edit in review.steps):
        return  # a merge is no decision about each image; see below
    classes = ClassList.of((*CLASSES.names, *(f"new {i}" for i in range(n_steps))))
    found = session_of(review.log, review.notes, review.given, classes, newest_only=False)
    labelled = review.given >= 0
    looked = labelled & np.isin(review.status, (Status.KEPT, Status.CHANGED, Status.EXCLUDED))
    wrong = labelled & np.isin(review.status, (Status.CHANGED, Status.EXCLUDED))
    assert (found.looked_at, found.errors) == (looked.sum(), wrong.sum())
    pairs = {}
    for i in np.flatnonzero(wrong):
        now = EXCLUDED if review.status[i] == Status.EXCLUDED else int(review.labels[i])
        pairs[int(review.given[i]), now] = pairs.get((int(review.given[i]), now), 0) + 1
    assert {(given, now): n for given, now, n in found.changes} == pairs
    counts = [n for _, _, n in found.changes]
    assert counts == sorted(counts, reverse=True)
    stands = review.edits[: review.done]
    assert found.presses == sum(bool(np.isin(e.action, DECIDING).any()) for e in stands)


def test_a_class_that_is_newer_or_older_than_the_log_counts_nowhere():
    review = Reviewer(np.zeros(4, np.int32))
    review.decide(Action.SET, [0], label=4, added_class="fish")
    review.decide(Action.SET, [1], label=1)
    merged = ClassList.of(CLASSES.names, [ClassChange(merged=(2,), into=3)])
    assert session_of(review.log, review.notes, review.given, merged).changes == ((0, 1, 1),)


@pytest.mark.parametrize("newest_only", [False, True])
def test_the_images_of_each_change_are_told_where_these_are_not_the_whole_review(newest_only):
    review = Reviewer(np.zeros(8, np.int32))
    for samples, label in (([0, 1, 2], 1), ([5, 4], 2), ([3], 1), ([6], 2)):
        review.decide(Action.SET, samples, label=label)
    log = at_seconds(review.log, [0, 5_000, 5_001, 5_002])
    found = session_of(log, {}, review.given, CLASSES, newest_only=newest_only)
    told = [ids.tolist() for ids in found.images]
    assert told == ([[4, 5, 6], [3]] if newest_only else [])
    assert found.changes == (((0, 2, 3), (0, 1, 1)) if newest_only else ((0, 1, 4), (0, 2, 3)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4_000), min_size=1, max_size=25))
def test_pace_leaves_out_the_times_away_and_a_long_break_begins_a_session(gaps):
    review = kept(len(gaps))
    rows = at_seconds(review.log, np.cumsum(gaps))
    whole = session_of(rows, {}, review.given, CLASSES, newest_only=False)
    near = [gap for gap in gaps[1:] if gap <= AWAY_S]
    assert whole.presses == len(gaps)
    assert whole.minutes == pytest.approx(sum(near) / 60)
    assert whole.median_s == pytest.approx(np.median(near)) if near else math.isnan(whole.median_s)
    newest = session_of(rows, {}, review.given, CLASSES)
    first = max([at for at in range(1, len(gaps)) if gaps[at] > BREAK_S], default=0)
    assert newest.looked_at == newest.presses == len(gaps) - first


def test_somebody_who_pauses_often_is_not_said_to_decide_faster():
    review = kept(10)
    pairs = [second for pair in range(5) for second in (300 * pair, 300 * pair + 1)]
    found = session_of(at_seconds(review.log, pairs), {}, review.given, CLASSES)
    assert found.median_s == 1
    assert found.per_minute == pytest.approx(60)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_the_course_adds_up_to_the_whole(seed, n):
    rng = np.random.default_rng(seed)
    review = Reviewer(np.zeros(n, np.int32))
    for sample in range(n):
        review.decide(Action.SET, [sample], label=int(rng.integers(0, 2)))
    rows = at_seconds(review.log, np.cumsum(rng.integers(1, 200, n)))
    found = session_of(rows, {}, review.given, CLASSES)
    course = found.course
    if found.minutes == 0:
        assert not len(course.minutes)
        return
    width = found.minutes / len(course.minutes)
    assert (course.per_minute * width).sum() == pytest.approx(found.presses, rel=1e-3)
    known = course.errors_per_100[np.isfinite(course.errors_per_100)]
    assert ((known >= 0) & (known <= 100)).all()


def test_a_bulk_is_one_press_and_undone_ones_do_not_count():
    review = Reviewer(np.zeros(5, np.int32))
    review.decide(Action.SET, [0, 1, 2], label=1)
    review.decide(Action.SET, [3], label=1)
    review.undo()
    found = session_of(review.log, {}, review.given, CLASSES)
    assert (found.presses, found.looked_at, found.errors) == (1, 3, 3)
    assert found.changes == ((0, 1, 3),)


def test_the_share_that_agrees_is_among_decisions_with_a_suggestion():
    review = Reviewer(np.zeros(6, np.int32))
    review.decide(Action.ACCEPT, [0, 1], suggested=2)
    review.decide(Action.KEEP, [2], suggested=2)
    review.decide(Action.KEEP, [3])  # nothing was suggested
    review.decide(Action.EXCLUDE, [4], suggested=2)  # names no class
    agreement = session_of(review.log, {}, review.given, CLASSES).agreement
    assert (agreement.n, agreement.of) == (2, 3)
    assert (agreement.low, agreement.high) == wilson(2, 3)


def test_merging_classes_is_no_decision_about_their_images():
    review = Reviewer(np.zeros(5, np.int32))
    review.decide(Action.KEEP, [0])
    review.merge([0], into=1)
    merged = CLASSES.after(review.steps[-1].class_change)
    found = session_of(review.log, review.notes, review.given, merged)
    assert (found.presses, found.looked_at, found.errors) == (1, 1, 0)


def test_merges_of_classes_are_counted_and_those_before_the_break_are_not():
    review = kept(3)
    review.merge([0], 1)
    review.decide(Action.KEEP, [0])
    rows = at_seconds(review.log, [0, 1, 2, 3, BREAK_S * 3])
    assert session_of(rows, review.notes, review.given, CLASSES).class_merges == 0
    whole = session_of(rows, review.notes, review.given, CLASSES, newest_only=False)
    assert (whole.class_merges, whole.presses) == (1, 4)


def test_what_another_project_brought_is_nobodys_key_press():
    mine, theirs = kept(2), kept(4)
    logs = [
        Log(one.log, one.notes, [name], CLASSES, len(one.steps) + 1)
        for one, name in ((mine, "Anna"), (theirs, "Ben"))
    ]
    given = np.zeros(4, np.int32)
    brought = bring(logs[0], logs[1], given, np.arange(4), "other")
    rows = np.concatenate([mine.log, brought.rows])
    found = session_of(rows, brought.notes, given, CLASSES, newest_only=False)
    assert (len(brought.merged), len(brought.agreed)) == (2, 2)
    assert (found.presses, found.looked_at) == (2, 2)


def test_an_empty_log_has_no_figures():
    review = Reviewer(np.zeros(3, np.int32))
    found = session_of(review.log[:0], {}, review.given, CLASSES)
    assert (found.presses, found.looked_at, found.changes) == (0, 0, ())
    assert math.isnan(found.per_minute)
    assert math.isnan(found.median_s)
    assert not len(found.course.minutes)


def test_causes_are_counted_among_the_errors_alone():
    review = Reviewer(np.array([0, 0, 0, 0, -1], np.int32))
    review.decide(Action.SET, [0, 1], label=1)
    review.decide(Action.EXCLUDE, [4])  # without a label it was no error
    review.remark([0, 2, 4], Remark("blurred"))
    review.remark([0], Remark("glare"))
    said = remarks_after(review.log, review.notes, 5)
    found = causes_among_errors(
        said.marks, said.names, review.given, review.status, np.zeros(5, bool)
    )
    assert [(name, share.n, share.of) for name, share in found.of_each] == [
        ("blurred", 1, 4),
        ("glare", 1, 4),
    ]
    assert (found.unexplained, found.errors) == (1, 2)
    assert (found.of_each[0][1].low, found.of_each[0][1].high) == wilson(1, 4)
