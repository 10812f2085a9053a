"""Scores follow the labels, also those that changed while a run was under way."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.classes import ClassChange, ClassList
from models.review.rescore import rescore
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


def test_of_a_class_that_is_gone_again_nothing_is_said(space):
    added, labels = ClassChange(name="dog"), space.labels
    labels.classes = labels.classes.after(added)
    space.scores.show(score_set(labels.labels, n_classes=4))
    suggested = space.scores.shown.suggested.copy()
    assert 3 in suggested
    labels.classes = labels.classes.before(added)
    labels.classes_changed.emit()
    shown = space.scores.shown
    assert (shown.n_classes, shown.prior.shape) == (3, (3, 3))
    np.testing.assert_array_equal(shown.suggested, np.where(suggested == 3, UNLABELLED, suggested))
    assert space.scores.seen(np.arange(24)).suggested.max() == 2
    labels.classes = labels.classes.after(added)
    labels.classes_changed.emit()
    np.testing.assert_array_equal(space.scores.shown.suggested, suggested)


def test_a_class_added_in_the_place_of_one_the_run_met_is_not_suggested(space):
    dog, labels = ClassChange(name="dog"), space.labels
    met = (*labels.class_names, "dog")
    labels.classes = labels.classes.after(dog)
    space.scores.show(replace(score_set(labels.labels, n_classes=4), class_names=met))
    assert space.scores.seen(np.arange(24)).suggested.max() == 3
    labels.classes = labels.classes.before(dog).after(ClassChange(name="horse"))
    labels.classes_changed.emit()
    assert space.scores.shown.n_classes == 3
    assert space.scores.seen(np.arange(24)).suggested.max() == 2


def suspicion_of(probabilities, label):
    """As a model of two classes with these probabilities has it."""
    alike = np.full((2, 2), 0.5, np.float32)
    return rescore(probabilities, alike, np.full(len(probabilities), label))["suspicion"]


def merge(space, change, back=False):
    labels = space.labels
    moved = np.flatnonzero(labels.given == 0)
    labels.labels[moved] = 0 if back else 1
    labels.classes = labels.classes.before(change) if back else labels.classes.after(change)
    labels.classes_changed.emit()
    labels.changed.emit(moved)


def test_a_merged_class_is_no_rival_of_any_image_of_the_one_it_went_into(space):
    scores = score_set(space.labels.labels)
    space.scores.show(scores)
    as_scored = {name: values.copy() for name, values in space.scores.values.items()}
    change = ClassChange(merged=(0,), into=1)
    merge(space, change)
    p = scores.probabilities
    two = np.stack([p[:, 0] + p[:, 1], p[:, 2]], axis=1)
    is_one = space.labels.labels == 1
    now = space.scores.values["suspicion"]
    np.testing.assert_allclose(now[is_one], suspicion_of(two, 0)[is_one], rtol=1e-4)
    assert is_one.sum() == 16
    np.testing.assert_array_equal(now[~is_one], as_scored["suspicion"][~is_one])
    merge(space, change, back=True)
    given = rescore(p, scores.prior, space.labels.labels)["suspicion"]
    np.testing.assert_allclose(space.scores.values["suspicion"][is_one], given[is_one], rtol=1e-4)


def test_scores_of_a_run_from_before_a_merge_are_brought_up_to_date_when_shown(space):
    merge(space, ClassChange(merged=(0,), into=1))
    scores = score_set(space.labels.given)
    space.scores.show(scores)
    p, is_one = scores.probabilities, space.labels.labels == 1
    two = np.stack([p[:, 0] + p[:, 1], p[:, 2]], axis=1)
    now = space.scores.values["suspicion"]
    np.testing.assert_allclose(now[is_one], suspicion_of(two, 0)[is_one], rtol=1e-4)


def test_after_a_merge_no_image_is_predicted_to_be_of_the_class_that_is_gone(space):
    space.scores.show(score_set(space.labels.labels))
    sample_id = int(np.flatnonzero(space.scores.predicted == 0)[0])
    merge(space, ClassChange(merged=(0,), into=1))
    assert space.scores.predicted_of(sample_id) == 1


def test_a_tile_does_not_look_through_all_merged_classes_for_what_is_predicted(space, monkeypatch):
    space.scores.show(score_set(space.labels.labels))
    merge(space, ClassChange(merged=(0,), into=1))
    monkeypatch.setattr(ClassList, "standing", None)
    assert {space.scores.predicted_of(sample_id) for sample_id in range(24)} == {1, 2}


def test_merging_into_a_class_the_run_never_met_leaves_reasons_to_read(space):
    space.scores.show(score_set(space.labels.labels))
    space.labels.classes = space.labels.classes.after(ClassChange(name="insect"))
    space.labels.classes_changed.emit()
    moved = np.flatnonzero(space.labels.given == 0)
    space.labels.labels[moved] = 3
    space.labels.classes = space.labels.classes.after(ClassChange(merged=(0,), into=3))
    space.labels.classes_changed.emit()
    space.labels.changed.emit(moved)
    assert not np.isnan(space.scores.values["suspicion"][moved]).any()
    assert all(space.scores.reasons(sample_id) for sample_id in range(24))


def test_an_image_decided_to_be_of_no_class_is_not_suspected(space):
    space.labels.classes = replace(space.labels.classes, not_of_dataset=2)
    space.scores.show(score_set(space.labels.labels))
    space.labels.labels[4] = 2
    space.scores.follow(np.array([4]))
    assert np.isnan(space.scores.values["suspicion"][4])


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
