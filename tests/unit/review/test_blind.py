"""Drawing a blind session: stratified, weighted back, some images twice and far apart."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.blind import (
    CANNOT_TELL,
    BlindSession,
    draw,
    expected_interval,
    n_showings,
    sizes,
)
from models.review.intervals import wilson

BEGAN = "2026-01-01T00:00:00Z"


def drawn(labels, n, seed=0):
    labels = np.asarray(labels, np.int32)
    return draw(labels, np.flatnonzero(labels >= 0), n, seed, BEGAN)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(lambda c: sum(c) >= 12),
    st.integers(1, 12),
    st.integers(0, 99),
)
def test_whatever_the_classes_so_many_images_are_drawn_and_none_twice_but_the_repeats(
    counts, n, seed
):
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    session = drawn(labels, n, seed)
    ids, times = np.unique(session.shown, return_counts=True)
    assert len(ids) == n == session.n_images
    assert times.max() <= 2
    assert len(session.shown) == n_showings(n)
    assert len(session.weights) == len(session.shown)
    assert min(session.weights) > 0


@pytest.mark.parametrize(("counts", "n"), [((500, 300, 200), 100), ((900, 50, 50), 100)])
def test_every_class_is_drawn_as_often_as_planned_and_weighs_back(counts, n):
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    totals = np.zeros(len(counts))
    for seed in range(60):
        session = drawn(labels, n, seed)
        ids, at = np.unique(session.shown, return_index=True)
        np.add.at(totals, labels[ids], np.array(session.weights)[at])
    np.testing.assert_allclose(totals / 60, counts, rtol=0.06)


def test_a_rare_class_is_looked_at_too_and_weighs_less():
    labels = np.repeat([0, 1], [2_000, 10]).astype(np.int32)
    session = drawn(labels, 100)
    of = {int(labels[i]): w for i, w in zip(session.shown, session.weights, strict=True)}
    assert np.count_nonzero(labels[np.unique(session.shown)] == 1) in (2, 3)
    assert of[1] < 6 < 20 < of[0]


def test_more_classes_than_images_are_taken_at_random():
    session = drawn(np.arange(4_000) % 1_000, 100)
    assert len({id_ % 1_000 for id_ in session.shown}) == 100


def test_a_repeat_comes_long_after_its_first_showing():
    session = drawn(np.arange(900) % 3, 200, seed=5)
    shown = np.array(session.shown)
    firsts = {int(i): int(np.flatnonzero(shown == i)[0]) for i in shown}
    gaps = [place - firsts[i] for place, i in enumerate(shown.tolist()) if place != firsts[i]]
    assert len(gaps) == 10
    assert min(gaps) >= 200 // 3


def test_unlabelled_images_are_never_drawn_and_a_seed_draws_the_same():
    labels = np.where(np.arange(60) % 4 == 0, -1, np.arange(60) % 3)
    session = drawn(labels, 20, seed=3)
    assert all(labels[i] >= 0 for i in session.shown)
    assert session == drawn(labels, 20, seed=3)
    assert session != drawn(labels, 20, seed=4)


def test_more_than_there_are_is_refused():
    with pytest.raises(ValueError, match="cannot be drawn"):
        drawn([0, 1], 3)


def test_half_of_the_images_stay_for_training():
    assert sizes(60_000) == [100, 200, 400]
    assert sizes(300) == [100]
    assert sizes(24) == [12]
    assert sizes(19) == []
    assert sizes(1_000, n_taken=350) == [100]
    assert sizes(24, n_taken=12) == []


def test_the_interval_promised_is_wilsons_and_wider_where_images_weigh_unequally():
    even = np.full(10, 6_000)
    for n in (100, 200, 400):
        np.testing.assert_allclose(expected_interval(n, even), wilson(0.95 * n, n))
    low, high = expected_interval(100, np.array([100_000] + [30] * 20))
    assert high - low > 1.1 * np.diff(wilson(95, 100))[0]


def test_a_session_is_kept_as_json_at_any_place():
    session = drawn(np.arange(90) % 3, 30)
    session.answer(2, 1.234)
    session.answer(CANNOT_TELL, 4.0)
    kept = BlindSession.from_message(json.loads(json.dumps(session.to_message())))
    assert kept == session
    kept.back()
    assert (kept.place, session.place) == (1, 2)


def test_a_class_that_was_added_since_does_not_inherit_the_answers_of_one_taken_back():
    session = drawn(np.arange(90) % 3, 30)
    session.answer(1, 1.0)  # as kept before classes had names here
    session.added.clear()
    for code, name in ((3, "fish"), (4, "newt"), (2, ""), (CANNOT_TELL, "")):
        session.answer(code, 1.0, name)
    kept = BlindSession.from_message(json.loads(json.dumps(session.to_message())))
    read = ("ant", "bee", "cat")
    assert kept.said((*read, "fish", "newt")).tolist() == [1, 3, 4, 2, CANNOT_TELL]
    assert kept.said((*read, "bird")).tolist() == [1, CANNOT_TELL, CANNOT_TELL, 2, CANNOT_TELL]
    assert kept.said((*read, "newt", "fish")).tolist() == [1, 4, 3, 2, CANNOT_TELL]
    kept.back()
    kept.answer(3, 1.0, "fish")
    assert kept.said((*read, "fish"))[-1] == 3
    assert kept.renumbered(np.arange(90)).added == kept.added


def test_the_last_answer_ends_it():
    session = BlindSession(BEGAN, [4, 2, 4], [1.0] * 3)
    for _ in range(3):
        assert not session.ended
        session.answer(0, 1.0)
    assert session.ended


def test_a_session_that_goes_on_is_trusted_whole_one_that_was_ended_as_far_as_it_went():
    session = BlindSession(BEGAN, [9, 2, 7, 9], [1.0] * 4)
    session.answer(0, 1.0)
    assert session.trusted().tolist() == [2, 7, 9]
    session.ended = True
    assert session.trusted().tolist() == [9]


def test_images_that_are_gone_from_the_source_are_left_out():
    session = BlindSession(BEGAN, [3, 1, 2, 3], [1.0, 2.0, 3.0, 1.0])
    for code in (5, 6, 7):
        session.answer(code, 1.0)
    now = session.renumbered(np.array([0, -1, 10, 30]))
    assert (now.shown, now.weights, now.answers) == ([30, 10, 30], [1.0, 3.0, 1.0], [5, 7])
    assert not now.ended
