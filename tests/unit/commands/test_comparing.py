"""Comparing: what is laid side by side, what keys act on there, and what is left behind."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.review.decisions import Action, Status
from models.review.likeness import neighbourhood
from models.review.stopping import AuditedQueue
from qtapp.commands.comparing import Comparing
from qtapp.commands.edits import Edits
from qtapp.commands.in_sight import InSight
from qtapp.commands.moving import Moving
from qtapp.state.view import COMPARE, GRID
from tests.helpers.spaces import score_set, workspace


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.moving = Moving(
            space.labels, space.selection, space.order, space.view, space.audit, self
        )
        self.edits.decided.connect(self.moving.after)
        self.edits.undone.connect(self.moving.return_to)
        self.in_sight = InSight(space.selection, space.view, self)
        self.comparing = Comparing(
            *(space.scores, space.selection, space.order, space.neighbours, space.view, self)
        )
        self.said: list[str] = []
        self.comparing.idle.connect(self.said.append)

    def select(self, *sample_ids: int) -> None:
        self.space.selection.select(np.array(sample_ids))
        self.space.selection.set_current(sample_ids[0])

    def find_neighbours(self, sample_id: int) -> None:
        labels, ids = self.space.labels, np.arange(24)
        distance = (np.abs(ids - sample_id) / 100).astype(np.float32)
        self.space.neighbours.show(
            neighbourhood(sample_id, ids, distance, labels.labels, labels.status, 2)
        )


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_the_selected_lie_side_by_side_in_their_order(desk: Desk) -> None:
    desk.space.order.accept(np.arange(24)[::-1].copy(), 24)
    desk.select(3, 9, 5)
    desk.comparing.compare()
    assert desk.space.view.mode == COMPARE
    assert desk.space.view.compared == (9, 5, 3)
    assert desk.space.selection.current == 3


def test_a_key_acts_on_the_current_one_and_the_selection_comes_back(desk: Desk) -> None:
    space = desk.space
    desk.select(3, 5, 9)
    desk.comparing.compare()
    desk.edits.decide(Action.KEEP)
    assert space.labels.status[[3, 5, 9]].tolist() == [Status.KEPT, 0, 0]
    assert space.selection.current == 5  # the next undecided one of them
    space.view.set_mode(GRID)
    assert space.selection.sample_ids.tolist() == [3, 5, 9]
    assert space.selection.current == 5


def test_all_of_them_can_be_selected_there(desk: Desk) -> None:
    space = desk.space
    desk.select(3, 5, 9)
    desk.comparing.compare()
    desk.moving.select_all()
    assert space.selection.sample_ids.tolist() == [3, 5, 9]
    desk.edits.decide(Action.EXCLUDE)
    assert (space.labels.status == Status.EXCLUDED).sum() == 3
    assert space.view.mode == COMPARE


def test_keys_that_move_stay_among_the_compared(desk: Desk) -> None:
    space = desk.space
    desk.select(3, 5, 9, 11)
    desk.comparing.compare()
    space.view.compared_columns = 2
    seen = []
    for step in ({"samples": 1}, {"lines": 1}, {"samples": 5}, {"lines": -1}, {"samples": -9}):
        desk.moving.by(**step)
        seen.append(space.selection.current)
    assert seen == [5, 11, 11, 5, 3]


def test_undo_of_another_image_is_seen_in_the_grid(desk: Desk) -> None:
    space = desk.space
    space.selection.set_current(20)
    desk.edits.decide(Action.KEEP)
    desk.select(3, 5)
    desk.comparing.compare()
    desk.edits.undo()
    assert space.view.mode == GRID
    assert space.selection.current == 20


def test_another_image_becoming_the_current_one_ends_it(desk: Desk) -> None:
    desk.select(3, 5)
    desk.comparing.compare()
    desk.space.selection.set_current(17)
    assert desk.space.view.mode == GRID
    assert desk.space.selection.count == 0


def test_one_image_is_compared_with_its_neighbours(desk: Desk) -> None:
    desk.space.scores.show(score_set(desk.space.labels.labels))
    desk.find_neighbours(4)
    desk.space.selection.set_current(4)
    desk.comparing.compare()
    assert desk.space.view.compared == (4, 3, 5, 2, 6, 1)
    desk.comparing.compare()  # the same key leaves
    assert desk.space.view.mode == GRID


def test_where_there_is_nothing_to_compare_it_says_what_to_do(desk: Desk) -> None:
    space = desk.space
    desk.comparing.compare()
    space.selection.set_current(4)
    desk.comparing.compare()
    assert desk.said == ["Select 2 to 9 images to compare them side by side"] * 2
    space.selection.select(np.arange(10))
    desk.comparing.compare()
    assert desk.said[-1] == "10 images are selected: select 2 to 9 to compare them"
    assert space.view.mode == GRID


def test_of_an_audit_image_no_likeness_is_told(desk: Desk) -> None:
    space = desk.space
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(0, audits=[4]))
    space.selection.set_current(4)
    desk.comparing.compare()
    desk.comparing.find_similar()
    assert desk.said == ["A random audit image is judged without its neighbours"] * 2
    assert space.order.wanted.sort_by == "suspicion"


def test_the_order_of_similar_images_begins_with_the_image_and_ends_at_it(desk: Desk) -> None:
    space = desk.space
    space.scores.show(score_set(space.labels.labels))
    space.selection.set_current(7)
    desk.comparing.find_similar()
    assert (space.order.wanted.sort_by, space.order.wanted.similar_to) == ("similar", 7)
    space.order.accept(np.array([6, 7, 8]), 24)
    assert space.selection.current == 7
    desk.moving.by(samples=1)
    space.order.leave_likeness()
    assert space.order.wanted.sort_by == "suspicion"
    space.order.accept(np.arange(24), 24)
    assert space.selection.current == 7
