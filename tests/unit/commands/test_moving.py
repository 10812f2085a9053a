"""Where the keyboard goes."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.decisions import Action, Status
from qtapp.commands.edits import Edits
from qtapp.commands.moving import Moving
from tests.helpers.spaces import workspace


class Desk(QObject):
    def __init__(self):
        super().__init__()
        self.space = space = workspace(self)
        self.moving = Moving(space.labels, space.selection, space.order, space.view, self)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.edits.decided.connect(self.moving.after)
        self.edits.undone.connect(self.moving.return_to)
        space.view.columns, space.view.visible_rows = 4, (0, 12)
        space.order.accept(np.arange(24)[::-1].copy(), 24)  # row r shows sample 23 - r

    @property
    def current(self):
        return self.space.selection.current


@pytest.fixture
def desk():
    return Desk()


def test_the_first_image_of_a_new_order_is_current(desk):
    assert desk.current == 23


def test_arrows_move_by_images_and_lines_and_stop_at_the_ends(desk):
    desk.moving.by(samples=1)
    desk.moving.by(lines=1)
    assert desk.current == 18
    desk.moving.by(lines=-9)
    assert desk.current == 23
    desk.moving.to_end()
    desk.moving.by(samples=1)
    assert desk.current == 0


def test_a_page_leaves_one_line_in_common(desk):
    desk.moving.by(pages=1)
    assert desk.space.order.row_of(desk.current) == 8


def test_shift_extends_from_where_it_began_in_both_directions(desk):
    desk.moving.by(samples=5)
    desk.moving.by(samples=2, extend=True)
    assert list(desk.space.selection.sample_ids) == [16, 17, 18]
    desk.moving.by(samples=-4, extend=True)
    assert list(desk.space.selection.sample_ids) == [18, 19, 20]


def test_after_a_decision_the_next_undecided_image_is_current(desk):
    desk.space.labels.status[22] = Status.KEPT
    desk.edits.decide(Action.KEEP)
    assert desk.current == 21


def test_without_advance_the_keyboard_stays(desk):
    desk.space.view.set_advance(False)
    desk.edits.decide(Action.KEEP)
    assert desk.current == 23


def test_after_a_decision_on_a_selection_it_is_cleared(desk):
    desk.space.selection.select(np.array([23, 22, 21]))
    desk.edits.decide(Action.EXCLUDE)
    assert desk.space.selection.count == 0
    assert desk.current == 20


def test_undo_returns_to_the_image(desk):
    desk.edits.decide(Action.KEEP)
    desk.moving.to_end()
    desk.edits.undo()
    assert desk.current == 23


def test_next_undecided_wraps_round_and_says_when_there_is_none(desk):
    told = []
    desk.moving.idle.connect(told.append)
    desk.space.labels.status[:] = Status.KEPT
    desk.space.labels.status[22] = Status.PENDING
    desk.moving.to_end()
    desk.moving.to_next_undecided()
    assert desk.current == 22
    desk.space.labels.status[22] = Status.KEPT
    desk.moving.to_next_undecided()
    assert len(told) == 1


def test_all_means_all_that_is_shown(desk):
    desk.space.order.accept(np.array([3, 9, 1]), 24)
    desk.moving.select_all()
    assert list(desk.space.selection.sample_ids) == [1, 3, 9]


def test_a_new_order_starts_at_its_first_undecided_image(desk):
    desk.moving.to_end()
    desk.space.labels.status[5] = Status.KEPT
    desk.space.order.accept(np.array([5, 7, 0]), 24)
    assert desk.current == 7


def test_an_empty_order_has_no_current_image(desk):
    desk.space.order.accept(np.empty(0, np.int64), 24)
    assert desk.current == -1
    desk.moving.by(samples=1)
    assert desk.current == -1
