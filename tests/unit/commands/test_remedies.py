"""Remedies of findings: what they would do, that they are one step, and when they are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.review.decisions import Action, Status
from models.review.remedies import Outcome, Settled
from qtapp.commands.edits import Edits
from qtapp.commands.remedies import Remedies
from qtapp.jobs.remedying import RemedyWorker
from qtapp.state.audit_findings import CHANGED_SINCE, Recheck
from tests.helpers.findings import leak, message, report, swap
from tests.helpers.spaces import dataset_info, workspace

SPLITS = {"train": 18, "test": 6}
BECOMES = {"ant": "bee", "bee": "ant"}


class Worker(RemedyWorker):
    """Notes what it is asked for, and does nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def weigh(self, weights: str) -> None:
        self.asked.append(("weigh", weights))

    def undo(self, split: str, undo: Mapping[str, Any]) -> None:
        self.asked.append(("undo", split, undo))

    def take_split_back(self) -> None:
        self.asked.append(("take split back",))

    def take_undoing_back(self, split: str, undo: Mapping[str, Any]) -> None:
        self.asked.append(("take undoing back", split, undo))


class Desk(QObject):
    """A workspace of 24 images, six of them to test with, and what is done to them."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        space.session.open(replace(dataset_info(), splits=SPLITS), "")
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.worker = Worker()
        self.remedies = Remedies(
            *(space.session, space.labels, space.audit, space.order, space.view),
            *(space.audit_findings, space.remedying, self.edits, self.worker, self),
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


def test_labels_that_somebody_gave_are_not_exchanged(desk: Desk) -> None:
    labels = desk.space.labels
    desk.space.selection.set_current(0)
    desk.edits.decide(Action.KEEP)
    desk.find(swap("train", BECOMES))
    plan = desk.remedies.plan
    assert (len(plan.step), plan.n_left_alone) == (11, 1)
    desk.remedies.apply()
    assert labels.labels[:6].tolist() == [0, 0, 2, 1, 0, 2]
    assert desk.remedies.plan.is_applied
    desk.edits.undo()
    assert len(desk.remedies.plan.step) == 11


@pytest.mark.parametrize(
    ("moved", "is_outdated"), [("train", True), ("test", True), ("dev", False)]
)
def test_images_that_are_in_other_splits_now_are_not_left_out(
    desk: Desk, moved: str, is_outdated: bool
) -> None:
    found = report(desk.space.labels.labels, [leak([3, 4, 5])], moved=frozenset({moved}))
    desk.space.audit_findings.recall(found)
    assert desk.remedies.plan.is_outdated == is_outdated
    desk.remedies.apply()
    assert desk.space.labels.n_decisions == (not is_outdated)


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
    desk.find(message("class_too_small:train"))
    assert not desk.remedies.plan.can_run
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


def test_classes_of_two_names_are_merged_in_one_step_whatever_is_locked(desk: Desk) -> None:
    desk.space.labels.lock.load(SPLITS, "")
    becomes = {"bee": "ant", "cat": "ant"}
    desk.find(
        message("label_set_mismatch:test", action={"name": "map_classes", "becomes": becomes})
    )
    assert len(desk.remedies.plan.step) == 16
    desk.remedies.apply()
    labels = desk.space.labels
    assert (labels.labels == 0).all()
    assert labels.classes.merged == {1: 0, 2: 0}
    assert desk.remedies.plan.is_applied
    desk.edits.undo()
    assert labels.classes.merged == {}
    assert desk.remedies.plan.can_run


def test_names_that_are_no_classes_cannot_be_mapped(desk: Desk) -> None:
    becomes = {"wasp": "ant"}
    desk.find(
        message("label_set_mismatch:test", action={"name": "map_classes", "becomes": becomes})
    )
    assert desk.remedies.plan.is_outdated


def test_weights_are_a_setting_that_is_applied_once_it_is_on_disk(desk: Desk) -> None:
    desk.find(message("imbalance:train", action={"name": "class_weights"}))
    desk.remedies.apply()
    assert desk.worker.asked == [("weigh", "balanced")]
    assert not desk.remedies.plan.is_applied
    desk.space.remedying.settle(Settled("balanced"))
    assert desk.remedies.plan.can_take_back
    assert not desk.remedies.plan.can_run
    desk.remedies.take_back()
    assert desk.worker.asked[-1] == ("weigh", "none")
    assert desk.space.labels.n_decisions == 0


def test_what_was_done_to_a_split_is_undone_and_shown_again(qtbot: QtBot, desk: Desk) -> None:
    undo = {"name": "invert"}
    action = {"name": "undo_processing", "split": "test", "undo": undo}
    desk.find(message("inverted:test", action=action))
    with qtbot.waitSignal(desk.remedies.applied) as applied:
        desk.remedies.apply()
    assert applied.args == ["inverted:test", True]
    desk.space.remedying.settle(Settled(undone={"test": [undo]}))
    assert desk.remedies.plan.is_applied
    desk.remedies.take_back()
    assert desk.worker.asked == [("undo", "test", undo), ("take undoing back", "test", undo)]


def test_a_new_split_is_asked_for_and_is_the_remedy_of_an_earlier_audit(
    qtbot: QtBot, desk: Desk
) -> None:
    space = desk.space
    found = message("related:train+test", action={"name": "group"})
    created = "2026-01-02T00:00:00+00:00"
    space.audit_findings.recall(report(space.labels.labels, [found], created=created))
    with qtbot.waitSignal(desk.remedies.division_wanted):
        desk.remedies.apply()
    with qtbot.waitSignal(desk.remedies.applied) as applied:
        desk.remedies.divided()
    assert applied.args == ["related:train+test", True]
    space.remedying.settle(Settled(divided="2026-01-01T00:00:00+00:00"))
    assert desk.remedies.plan.can_run  # the audit is about that split
    space.remedying.settle(Settled(divided="2026-01-03T00:00:00+00:00"))
    assert desk.remedies.plan.can_take_back
    desk.remedies.take_back()
    assert desk.worker.asked == [("take split back",)]


def test_a_remedy_is_asked_about_when_done_and_forgotten_when_undone(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.find(leak([3, 4, 5]))
    finding = "leak_exact:train+test"
    with qtbot.waitSignal(desk.remedies.applied) as applied:
        desk.remedies.apply()
    assert applied.args == [finding, False]
    assert not desk.remedies.plan.is_saved
    desk.space.labels.acknowledge(desk.space.labels.next_step - 1)
    assert desk.remedies.plan.is_saved
    state = desk.space.audit_findings
    state.end_recheck(Recheck(finding, Outcome.GONE))
    with qtbot.waitSignal(desk.remedies.taken_back) as taken_back:
        desk.edits.undo()
    assert taken_back.args == [finding]
    assert not state.rechecks
    with qtbot.waitSignal(desk.remedies.applied):
        desk.edits.redo()


def test_a_plan_is_made_once_for_a_burst_of_decisions(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.find(leak([3, 4, 5]))
    made, plan_of = list[str](), desk.remedies.plan_of
    monkeypatch.setattr(
        desk.remedies, "plan_of", lambda found: made.append(found.id) or plan_of(found)
    )
    with qtbot.waitSignal(desk.remedies.changed):
        for sample_id in (3, 4, 8):
            desk.space.selection.set_current(sample_id)
            desk.edits.decide(Action.EXCLUDE)
        assert not made
    assert desk.remedies.plan.step.sample_ids.tolist() == [5]
    assert len(made) == 1


def test_what_was_taken_back_since_is_not_gone_any_more(desk: Desk) -> None:
    space, state = desk.space, desk.space.audit_findings
    left_out, weighed = leak([3, 4]), message("imbalance:train", action={"name": "class_weights"})
    changed = swap("test", {"bee": "cat", "cat": "bee"})
    rechecks = [Recheck(one["id"], Outcome.GONE) for one in (left_out, weighed, changed)]
    then = report(space.labels.labels, [left_out, weighed, changed])
    then.labels[18:] = CHANGED_SINCE  # as after a restart: by its own remedy, for all it knows
    space.remedying.settle(Settled("balanced"))
    state.recall(then, rechecks)
    assert set(state.rechecks) == {weighed["id"], changed["id"]}
