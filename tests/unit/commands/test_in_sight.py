"""Where a few images are seen large, keys act on these, and the selection of the grid waits."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.review.decisions import Action
from qtapp.commands.comparing import Comparing
from qtapp.commands.edits import Edits
from qtapp.commands.in_sight import InSight
from qtapp.commands.moving import Moving
from qtapp.state.view import COMPARE, DATA, GRID, SINGLE
from tests.helpers.spaces import workspace


class Desk(QObject):
    """Images 2 to 5 are selected in the grid; 3 is the current one."""

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
        space.selection.select(np.arange(2, 6))
        space.selection.set_current(3)

    @property
    def selected(self) -> list[int]:
        return self.space.selection.sample_ids.tolist()

    @property
    def decided(self) -> list[int]:
        return np.flatnonzero(self.space.labels.status).tolist()


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_in_the_single_image_view_a_key_decides_the_image_on_the_screen(desk: Desk) -> None:
    desk.space.view.set_mode(SINGLE)
    desk.moving.by(samples=9)
    desk.edits.set_class(1)
    assert desk.decided == [12]


def test_back_in_the_grid_the_selection_is_there_again(desk: Desk) -> None:
    space = desk.space
    space.view.set_mode(SINGLE)
    assert desk.selected == []
    assert np.flatnonzero(space.selection.of_grid).tolist() == [2, 3, 4, 5]
    desk.edits.decide(Action.KEEP)
    desk.edits.decide(Action.KEEP)
    desk.edits.undo()
    space.view.set_mode(GRID)
    assert desk.selected == [2, 3, 4, 5]
    assert space.selection.current == 4
    desk.edits.decide(Action.EXCLUDE)
    assert desk.decided == [2, 3, 4, 5]


def test_it_comes_back_on_the_data_page_and_after_comparing_too(desk: Desk) -> None:
    view = desk.space.view
    view.set_mode(SINGLE)
    view.compare((3, 9))
    desk.moving.select_all()
    view.set_mode(SINGLE)
    assert desk.selected == []
    view.set_mode(DATA)
    assert desk.selected == [2, 3, 4, 5]


def test_what_was_selected_in_the_single_image_view_is_not_carried_on(desk: Desk) -> None:
    desk.space.view.set_mode(SINGLE)
    desk.space.selection.set_current(7)
    desk.space.selection.toggle(7)  # a click on the map
    assert desk.space.view.mode == SINGLE
    desk.moving.by(samples=1)
    desk.edits.decide(Action.EXCLUDE)
    assert desk.decided == [8]


def test_all_selected_from_the_single_image_view_are_seen_in_the_grid(desk: Desk) -> None:
    desk.space.view.set_mode(SINGLE)
    desk.moving.select_all()
    assert desk.space.view.mode == GRID
    assert desk.space.selection.count == 24


@pytest.mark.parametrize("compared", [(), (3, 4)])
def test_a_lasso_takes_the_place_of_what_was_put_aside(
    desk: Desk, compared: tuple[int, ...]
) -> None:
    space = desk.space
    if compared:
        space.view.compare(compared)
    else:
        space.view.set_mode(SINGLE)
    space.selection.select(np.array([10, 11]))
    assert space.view.mode == GRID
    assert desk.selected == [10, 11]
    assert np.array_equal(space.selection.of_grid, space.selection.mask)


def test_a_click_elsewhere_while_comparing_decides_none_of_those_compared(desk: Desk) -> None:
    desk.comparing.compare()
    assert desk.space.view.mode == COMPARE
    desk.moving.select_all()
    desk.space.selection.set_current(17)
    assert desk.space.view.mode == GRID
    desk.edits.decide(Action.EXCLUDE)
    assert desk.decided == [17]
