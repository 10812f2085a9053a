"""Labels as they stand, and which of them are on disk."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.review.decisions import Action, Edit, Seen, Status, decide
from qtapp.state.labels import LabelState
from tests.helpers.spaces import workspace


@pytest.fixture
def labels() -> LabelState:
    owner = QObject()
    state = workspace(owner).labels
    state.setParent(None)
    return state


def setting(labels: LabelState, sample_id: int, label: int, added_class: str = "") -> Edit:
    ids = np.array([sample_id])
    return decide(
        Action.SET,
        ids,
        given=labels.given,
        labels=labels.labels,
        status=labels.status,
        seen=Seen.nothing(1),
        step=labels.next_step,
        time_ns=0,
        label=label,
        added_class=added_class,
    )


def test_an_edit_shows_at_once_and_is_pending_until_it_is_on_disk(labels):
    labels.apply(setting(labels, 4, 2))
    assert labels.labels[4] == 2
    assert labels.count(Status.CHANGED) == 1
    assert labels.n_pending == 1
    labels.acknowledge(1)
    assert labels.n_pending == 0


@pytest.mark.parametrize("bulk", [0, 24])
def test_a_change_of_very_many_images_is_shown_before_it_is_written(labels, monkeypatch, bulk):
    monkeypatch.setattr("qtapp.state.labels._BULK", bulk)
    seen_by_writer = []
    labels.committing.connect(lambda edit: seen_by_writer.append(labels.labels[edit.sample_ids[0]]))
    labels.apply(setting(labels, 4, 2))
    assert seen_by_writer == [2 if not bulk else 1]
    assert labels.n_pending == 1


def test_given_labels_never_change(labels):
    before = labels.given.copy()
    labels.apply(setting(labels, 4, 2))
    np.testing.assert_array_equal(labels.given, before)


def test_a_refused_edit_is_taken_back_and_blocks_further_ones(labels):
    before = labels.labels.copy()
    told = []
    labels.refused.connect(told.append)
    labels.apply(setting(labels, 4, 2))
    labels.apply(setting(labels, 4, 0))
    labels.refuse(ProjectError("disk full"))
    np.testing.assert_array_equal(labels.labels, before)
    assert labels.count(Status.CHANGED) == 0
    assert labels.n_pending == 0
    assert labels.n_decisions == 0
    assert labels.blocked_by is not None
    assert len(told) == 1


def test_a_refusal_takes_back_only_what_was_not_yet_on_disk(labels):
    labels.apply(setting(labels, 4, 2))
    labels.acknowledge(1)
    labels.apply(setting(labels, 5, 0))
    labels.refuse(ProjectError("disk full"))
    assert labels.labels[4] == 2
    assert labels.labels[5] == labels.given[5]


def test_undoing_the_step_that_added_a_class_takes_the_class_away(labels):
    edit = setting(labels, 4, 3, added_class="dog")
    labels.apply(edit)
    assert labels.class_names == ("ant", "bee", "cat", "dog")
    labels.apply(edit.inverse(2, 0))
    assert labels.class_names == ("ant", "bee", "cat")


def test_an_undo_that_cannot_be_saved_leaves_the_classes_as_they_were(labels):
    edit = setting(labels, 4, 3, added_class="dog")
    labels.apply(edit)
    labels.acknowledge(1)
    labels.apply(edit.inverse(2, 0))
    labels.refuse(ProjectError("disk full"))
    assert labels.class_names == ("ant", "bee", "cat", "dog")
    assert labels.labels[4] == 3


def test_no_label_is_named_by_a_dash(labels):
    assert labels.class_name(1) == "bee"
    assert labels.class_name(-1) == "–"
