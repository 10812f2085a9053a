"""Remedies of findings: what they would do, that they are one step, and when they are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from qtapp.commands.edits import Edits
from qtapp.commands.remedies import Remedies
from tests.helpers.findings import leak, message, report, swap
from tests.helpers.spaces import dataset_info, workspace

SPLITS = {"train": 18, "test": 6}
BECOMES = {"ant": "bee", "bee": "ant"}


class Desk(QObject):
    """A workspace of 24 images, six of them to test with, and what is done to them."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        space.session.open(replace(dataset_info(), splits=SPLITS), "")
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.remedies = Remedies(
            *(space.session, space.labels, space.audit, space.order, space.view),
            *(space.audit_findings, self.edits, self),
        )

    def find(self, *messages: dict[str, Any]) -> None:
        self.space.audit_findings.recall(report(self.space.labels.labels, messages))


@pytest.fixture
def desk(qapp: object) -> Desk:
    return Desk()


def test_leaving_out_is_one_step_and_says_when_it_is_done(qtbot: QtBot, desk: Desk) -> None:
    desk.find(leak([3, 4, 5]))
    assert len(desk.remedies.plan.step) == 3
    with qtbot.waitSignal(desk.remedies.told) as told:
        desk.remedies.apply()
    assert told.args == ["3 images excluded"]
    labels = desk.space.labels
    assert np.flatnonzero(labels.status == Status.EXCLUDED).tolist() == [3, 4, 5]
    assert desk.remedies.plan.is_applied
    assert desk.remedies.is_outdated()
    desk.edits.undo()
    assert labels.count(Status.EXCLUDED) == 0
    assert not desk.remedies.plan.is_applied
    assert not desk.remedies.is_outdated()


def test_classes_change_places_in_one_split_and_back_again(qtbot: QtBot, desk: Desk) -> None:
    desk.find(swap("train", BECOMES))
    labels = desk.space.labels
    before = labels.labels.copy()
    assert len(desk.remedies.plan.step) == 12
    with qtbot.waitSignal(desk.remedies.told) as told:
        desk.remedies.apply()
    assert told.args == ["12 labels of train changed"]
    assert labels.labels[:6].tolist() == [1, 0, 2, 1, 0, 2]
    np.testing.assert_array_equal(labels.labels[18:], before[18:])
    assert desk.remedies.plan.is_applied
    desk.remedies.apply()  # twice would undo it
    assert desk.remedies.plan.is_applied
    desk.edits.undo()
    np.testing.assert_array_equal(labels.labels, before)
    assert len(desk.remedies.plan.step) == 12


def test_an_exchange_is_not_offered_for_labels_it_is_not_about(desk: Desk) -> None:
    desk.find(swap("train", BECOMES))
    desk.space.selection.set_current(2)
    desk.edits.set_class(0)
    assert desk.remedies.plan.is_outdated
    assert not desk.remedies.plan.can_run
    desk.edits.undo()
    assert desk.remedies.plan.can_run


def test_a_locked_split_has_to_be_unlocked_first(qtbot: QtBot, desk: Desk) -> None:
    desk.space.labels.lock.load(SPLITS, "")
    desk.find(swap("test", BECOMES))
    assert desk.remedies.plan.n_locked == 4
    with qtbot.waitSignal(desk.remedies.idle):
        desk.remedies.apply()
    assert desk.space.labels.n_decisions == 0
    desk.edits.unlock()
    assert desk.remedies.plan.can_run
    desk.remedies.apply()
    assert desk.space.labels.n_decisions == 1


def test_what_a_person_has_to_do_is_no_step(desk: Desk) -> None:
    desk.find(message("imbalance:train", action={"name": "class_weights"}))
    assert not len(desk.remedies.plan.step)
    desk.remedies.apply()
    assert desk.space.labels.n_decisions == 0


def test_a_class_that_is_gone_makes_an_exchange_outdated(desk: Desk) -> None:
    desk.find(swap("train", {"ant": "wasp"}))
    assert desk.remedies.plan.is_outdated


def test_the_images_come_as_they_are_listed_and_the_order_before_comes_back(desk: Desk) -> None:
    order = desk.space.order
    order.group_by("class")
    before = order.wanted
    desk.find(leak([9, 2, 5]))
    desk.remedies.show_images()
    assert order.wanted.listed == (9, 2, 5)
    assert not order.wanted.grouping
    order.leave_sample()
    assert order.wanted == before
