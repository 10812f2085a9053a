"""Which images are to be judged without a suggestion, and what they say of the errors left."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.stopping import AuditedQueue
from qtapp.state.workspace import Workspace
from tests.helpers.spaces import score_set, workspace


@pytest.fixture
def space() -> Workspace:
    """Twenty-four scored images, of which 3 and 7 were drawn."""
    owner = QObject()
    space = workspace(owner)
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(1, shown=20, audits=[3, 7]))
    space.owner = owner  # type: ignore[attr-defined]
    return space


def test_a_drawn_image_is_blind_until_it_is_decided(space: Workspace) -> None:
    audit, status = space.audit, space.labels.status
    assert audit.is_blind(3)
    assert not audit.is_blind(4)
    for state in Status:
        status[3] = state
        assert audit.is_blind(3) == (state in (Status.PENDING, Status.SECOND_LOOK))
    assert audit.blind(np.array([2, 3, 7])).tolist() == [False, True, True]


def test_nothing_the_model_says_of_a_blind_image_is_handed_out(space: Workspace) -> None:
    scores = space.scores
    assert scores.shown_of(3) is None
    assert scores.suggested(3) == -1
    assert scores.reasons(3) == []
    space.labels.status[3] = Status.KEPT
    assert scores.shown_of(3) is scores.shown
    assert scores.suggested(3) == 1


def test_the_next_image_is_told_with_a_change(space: Workspace, qtbot: QtBot) -> None:
    with qtbot.waitSignal(space.audit.changed):
        image = space.audit.next_image(np.arange(24), 5)
    assert image is not None
    assert (image.sample_id, image.audit) == (5, False)


def test_images_without_a_given_label_are_not_drawn(space: Workspace) -> None:
    space.labels.given[:] = -1
    space.labels.given[11] = 0
    space.audit.load(AuditedQueue(1, shown=9))
    image = space.audit.next_image(np.arange(24), 0)
    assert image is not None
    assert (image.sample_id, image.audit) == (11, True)


def test_what_is_stored_is_no_part_of_the_queue_that_goes_on(space: Workspace) -> None:
    stored = space.audit.to_message()
    space.audit.next_image(np.arange(24), 0)
    assert stored == {"seed": 1, "shown": 20, "audits": [3, 7], "passed": []}


def test_another_dataset_begins_without_the_images_of_the_last(space: Workspace) -> None:
    few = np.zeros(2, np.int32)
    space.labels.load(few, few.copy(), np.zeros(2, np.uint8), ClassList.of(("a",)), 1, 0)
    assert not len(space.audit.sample_ids)
    assert space.audit.errors_left().unseen == 2
