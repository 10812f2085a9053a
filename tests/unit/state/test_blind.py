"""A blind session goes on where it was left, and what is answered is kept at once."""

import json

import numpy as np
import pytest

from models.review.blind import BlindSession
from models.review.classes import ClassList
from qtapp.state.blind import ASKING, OFFER, RESULT, BlindState
from qtapp.state.labels import LabelState


@pytest.fixture
def labels(qapp):
    return LabelState()


@pytest.fixture
def blind(labels):
    return BlindState(labels)


def session(n=4, answered=0):
    begun = BlindSession("2026-01-01T00:00:00Z", list(range(n)), [1.0] * n)
    for _ in range(answered):
        begun.answer(0, 1.0)
    return begun


def kept(blind):
    return [BlindSession.from_message(m) for m in json.loads(json.dumps(blind.to_message()))]


def test_each_answer_is_kept_before_the_next_image_is_seen(blind, labels):
    stored, seen = [], []
    blind.begin(session())
    blind.kept.connect(lambda: stored.append(kept(blind)[-1].answers))
    blind.changed.connect(lambda: seen.append((len(stored), blind.sample_id)))
    blind.answer(2, 1.5)
    blind.answer(1, 1.5)
    assert stored == [[2], [2, 1]]
    assert seen == [(1, 1), (2, 2)]


def test_after_a_crash_it_is_paused_at_the_same_image(blind, labels):
    blind.begin(session())
    blind.answer(2, 1.5)
    again = BlindState(labels)
    again.load(kept(blind))
    assert (again.page, again.sample_id) == (OFFER, -1)
    again.resume()
    assert (again.page, again.sample_id) == (ASKING, 1)


def test_back_takes_the_last_answer_back(blind):
    blind.begin(session())
    blind.answer(2, 1.5)
    blind.back()
    assert (blind.sample_id, blind.current.answers) == (0, [])
    blind.back()
    assert blind.sample_id == 0


def test_the_last_answer_shows_the_result(blind):
    blind.begin(session(2))
    blind.answer(0, 1.0)
    blind.answer(1, 1.0)
    assert (blind.page, blind.shown, blind.current) == (RESULT, 0, None)
    blind.answer(1, 1.0)
    assert blind.sessions[0].answers == [0, 1]


def test_nothing_is_answered_while_it_is_paused(blind):
    blind.begin(session())
    blind.pause()
    blind.answer(1, 1.0)
    blind.back()
    assert blind.current.place == 0


def test_a_session_can_be_ended_early_and_one_without_answers_is_forgotten(blind):
    blind.begin(session())
    blind.answer(0, 1.0)
    blind.end()
    assert (blind.page, blind.shown) == (RESULT, 0)
    assert blind.sample_ids.tolist() == [0]
    blind.begin(session())
    assert blind.sample_ids.tolist() == [0, 1, 2, 3]
    blind.pause()
    blind.end()
    assert len(kept(blind)) == 1
    assert blind.page == OFFER


def test_another_dataset_has_no_sessions_yet(blind, labels):
    blind.begin(session())
    none = np.empty(0, np.int32)
    labels.load(none, none, np.empty(0, np.uint8), ClassList.of(()), 1, 0)
    assert blind.sessions == []
    assert blind.sample_ids.tolist() == []
