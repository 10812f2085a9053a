"""Scores follow the labels, also those that changed while a run was under way."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.classes import ClassChange
from models.review.stopping import AuditedQueue
from models.types import UNLABELLED
from tests.helpers.spaces import score_set, workspace


@pytest.fixture
def space():
    owner = QObject()
    made = workspace(owner)
    made.owner = owner  # it owns the states; without it they are gone
    return made


def test_a_set_that_scored_older_labels_is_brought_up_to_date_when_it_is_shown(space):
    scored = space.labels.labels.copy()
    space.labels.labels[5] = 0
    space.scores.show(score_set(scored))
    expected = -np.log(space.scores.shown.probabilities[5, 0])
    assert space.scores.values["loss"][5] == pytest.approx(expected, rel=1e-4)


def test_what_is_seen_is_recorded_beside_a_decision(space):
    ids = np.array([0, 7])
    assert list(space.scores.seen(ids).suggested) == [UNLABELLED, UNLABELLED]
    space.scores.show(score_set(space.labels.labels, run=3))
    seen = space.scores.seen(ids)
    assert seen.run == 3
    np.testing.assert_array_equal(seen.suspicion, space.scores.values["suspicion"][ids])


def test_a_class_the_model_never_met_is_left_unscored(space):
    space.scores.show(score_set(space.labels.labels))
    space.labels.labels[4] = 3
    space.scores.follow(np.array([4]))
    assert np.isnan(space.scores.values["loss"][4])


def test_what_was_learned_follows_a_label_and_stays_until_it_is_learned_anew(space):
    chances = np.linspace(0.1, 0.9, 24, dtype=np.float32)
    space.scores.teach(chances)
    assert "learned" not in space.scores.values
    space.scores.show(score_set(space.labels.labels))
    before = space.scores.values
    np.testing.assert_array_equal(before["learned"], chances)
    space.labels.labels[4] = 0
    space.scores.follow(np.array([4]))
    assert space.scores.values["learned"][4] == 0
    space.scores.show(score_set(space.labels.labels, run=2))
    assert space.scores.values["learned"][4] == 0
    assert space.scores.values["learned"][5] == chances[5]
    space.scores.teach(None)
    assert "learned" not in space.scores.values
    assert "learned" in before  # whoever still sorts by it is not disturbed


def test_an_image_that_moved_with_its_class_keeps_what_was_learned_of_it(space):
    space.scores.show(score_set(space.labels.labels))
    space.labels.classes = space.labels.classes.after(ClassChange(merged=(0,), into=1))
    space.labels.labels[space.labels.labels == 0] = 1
    space.scores.teach(np.full(24, 0.5, np.float32))
    assert (space.scores.values["learned"] == 0.5).all()


def test_what_is_predicted_of_an_audit_image_is_not_told(space):
    assert not len(space.scores.predicted)
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(0, audits=[4]))
    predicted = space.scores.predicted
    assert predicted[4] == UNLABELLED
    assert predicted[5] == space.scores.shown.predicted[5]
