"""The lock on the test split: what decides refuses, what walks goes round, undo always works."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.review.causes import Remark
from models.review.decisions import Action, Status
from models.review.stopping import AUDIT_EVERY, AuditedQueue
from qtapp.commands.edits import Edits
from qtapp.commands.moving import Moving
from qtapp.state.view import SINGLE
from tests.helpers.spaces import workspace

SPLITS = {"train": 16, "test": 8}  # of the 24 images of the workspace


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.lock = space.labels.lock
        self.lock.load(SPLITS, "")
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.moving = Moving(
            space.labels, space.selection, space.order, space.view, space.audit, self
        )
        self.said: list[str] = []
        self.edits.idle.connect(self.said.append)
        self.moving.idle.connect(self.said.append)
        space.order.accept(np.arange(24), 24)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("action", [Action.KEEP, Action.EXCLUDE, Action.SECOND_LOOK, Action.CLEAR])
def test_no_key_decides_about_an_image_of_the_test_split(desk: Desk, action: Action) -> None:
    desk.space.selection.set_current(20)
    desk.edits.decide(action)
    desk.edits.set_class(1)
    assert desk.space.labels.n_decisions == 0
    assert desk.said == ["test is locked: nothing was decided"] * 2


def test_a_selection_with_such_images_is_refused_whole_and_told(desk: Desk) -> None:
    desk.space.selection.select(np.arange(12, 20))
    desk.edits.set_class(0)
    assert desk.said == ["4 of the 8 images are of test, which is locked: nothing was decided"]
    assert desk.space.labels.n_decisions == 0
    assert desk.space.selection.count == 8


def test_unlocked_once_it_decides_and_says_since_when(desk: Desk) -> None:
    told: list[str] = []
    desk.lock.unlocked.connect(lambda: told.append(desk.lock.unlocked_at))
    desk.edits.unlock()
    desk.edits.unlock()
    assert len(told) == 1
    assert told[0].endswith("Z")
    desk.space.selection.set_current(20)
    desk.edits.decide(Action.EXCLUDE)
    assert desk.space.labels.status[20] == Status.EXCLUDED


def test_a_test_split_may_lie_anywhere(desk: Desk) -> None:
    codes = np.zeros(24, np.uint8)
    codes[[2, 11, 23]] = 1
    desk.lock.load({"train": 21, "test": 3}, "", codes)
    assert [desk.lock.holds(i) for i in (1, 2, 23)] == [False, True, True]
    assert desk.lock.locked(np.array([11, 12, 23])).tolist() == [True, False, True]
    assert desk.lock.count(np.arange(24) > 2) == 2
    assert desk.lock.count(np.ones(5, bool)) == 1  # of a dataset with fewer images
    desk.space.selection.set_current(11)
    desk.edits.decide(Action.KEEP)
    assert desk.space.labels.n_decisions == 0


def test_undo_works_on_locked_images_too(desk: Desk) -> None:
    desk.lock.load(SPLITS, "2026-01-01T00:00:00Z")
    desk.space.selection.set_current(20)
    desk.edits.decide(Action.EXCLUDE)
    desk.lock.load(SPLITS, "")
    desk.edits.undo()
    assert desk.space.labels.status[20] == Status.PENDING
    desk.edits.redo()
    assert desk.space.labels.status[20] == Status.EXCLUDED


def test_causes_and_classes_are_no_decisions_about_its_labels(desk: Desk) -> None:
    assert desk.edits.remark(np.array([20]), Remark("blurred"))
    desk.edits.merge_classes([0], 1)
    assert (desk.space.labels.labels[16:] != 0).all()


def test_where_nothing_can_be_saved_it_stays_locked(desk: Desk) -> None:
    desk.space.labels.refuse(ProjectError("the disk is full"))
    desk.edits.unlock()
    assert desk.lock.is_locked


def test_the_walk_to_the_next_undecided_image_goes_round_it(desk: Desk) -> None:
    desk.space.selection.set_current(15)
    desk.moving.to_next_undecided()
    assert desk.space.selection.current == 0
    desk.space.labels.status[:16] = Status.KEPT
    desk.moving.to_next_undecided()
    assert desk.said == ["Every image shown here is decided, or of test, which is locked"]


def test_no_random_image_is_drawn_from_it(desk: Desk) -> None:
    audit, order = desk.space.audit, np.arange(24)[::-1].copy()
    desk.space.view.set_mode(SINGLE)
    audit.load(AuditedQueue(seed=1, shown=AUDIT_EVERY - 1))
    shown = [audit.next_image(order, 0)]
    while (image := audit.next_image(order, 0)) is not None and len(shown) < 30:
        shown.append(image)
        desk.space.labels.status[image.sample_id] = Status.KEPT
    assert all(image is not None and image.sample_id < 16 for image in shown)
    assert audit.errors_left().unseen == np.count_nonzero(desk.space.labels.status[:16] == 0)


def test_unlocking_widens_what_the_errors_left_are_told_of(desk: Desk) -> None:
    audit = desk.space.audit
    audit.load(AuditedQueue(0, shown=20, audits=[3, 5]))
    desk.space.labels.status[[3, 5]] = Status.KEPT
    left = audit.errors_left()
    assert (left.audited, left.unseen) == (2, 14)
    desk.edits.unlock()
    left = audit.errors_left()
    assert (left.audited, left.unseen) == (0, 22)  # those speak for the training images alone
