"""The guided tour waits for what a person does, and comes by itself only once."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.causes import Remark
from models.review.decisions import Action
from models.review.ordering import Filters
from qtapp.commands.edits import Edits
from qtapp.state.tour import Step
from qtapp.state.view import BLIND, GRID, SINGLE
from tests.helpers.spaces import dataset_info, score_set, workspace


class Desk(QObject):
    """An open dataset, the tour over it, and the commands that decide."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.tour = space.tour
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.ended: list[bool] = []
        self.tour.ended.connect(lambda: self.ended.append(True))
        space.selection.set_current(0)

    def score(self) -> None:
        self.space.scores.show(score_set(self.space.labels.labels))

    def open(self, *, demo: bool) -> None:
        truth = self.space.labels.given if demo else None
        self.space.session.close()
        self.space.session.open(dataset_info(), "/nowhere/tiny.winnow", truth=truth)


@pytest.fixture
def desk(qapp: object) -> Desk:
    return Desk()


def test_it_goes_on_when_each_thing_was_done(desk: Desk) -> None:
    tour, space = desk.tour, desk.space
    tour.begin()
    assert tour.step is Step.ORDER
    desk.score()
    space.order.offer_newer()
    assert tour.step is Step.ENLARGE
    space.view.set_mode(SINGLE)
    assert tour.step is Step.DECIDE
    desk.edits.decide(Action.KEEP)
    assert tour.step is Step.UNDO
    desk.edits.undo()
    assert tour.step is Step.GRID
    space.view.set_mode(GRID)
    assert tour.step is Step.PEEK
    space.view.peek(True)
    assert tour.step is Step.QUERY
    space.order.filter_by(Filters(query='given == "ant"'))
    assert tour.step is Step.EXPORT
    assert not desk.ended
    space.exporting.begin()
    assert tour.step is None
    assert desk.ended == [True]


def test_an_order_that_waits_for_n_is_not_yet_applied(desk: Desk) -> None:
    desk.space.order.offer_newer()
    desk.score()
    desk.tour.begin()
    assert desk.tour.step is Step.ORDER
    desk.space.order.accept(np.arange(24), 24)
    assert desk.tour.step is Step.ENLARGE


def test_what_was_done_already_is_passed_over(desk: Desk) -> None:
    desk.score()
    desk.space.view.set_mode(SINGLE)
    desk.tour.begin()
    assert desk.tour.step is Step.DECIDE


def test_a_note_is_no_decision_and_a_decision_no_undo(desk: Desk) -> None:
    desk.score()
    desk.tour.begin()
    desk.tour.next()
    assert desk.tour.step is Step.DECIDE
    desk.edits.remark(np.array([0]), Remark(note="odd"))
    assert desk.tour.step is Step.DECIDE
    desk.edits.decide(Action.KEEP)
    desk.edits.decide(Action.EXCLUDE)
    assert desk.tour.step is Step.UNDO


def test_next_leaves_a_step_out_and_the_last_one_ends_the_tour(desk: Desk) -> None:
    seen = []
    desk.tour.begin()
    while desk.tour.step is not None:
        seen.append(desk.tour.step)
        desk.tour.next()
    assert seen == [step for step in Step if step is not Step.GRID]  # the grid is in sight
    assert desk.ended == [True]
    desk.tour.next()
    assert desk.tour.step is None


@pytest.mark.parametrize("is_taken", [False, True])
def test_it_begins_with_the_demo_unless_it_was_taken(desk: Desk, is_taken: bool) -> None:
    desk.tour.is_taken = is_taken
    desk.open(demo=True)
    assert desk.tour.is_in_sight is not is_taken


def test_it_never_begins_by_itself_on_data_of_ones_own(desk: Desk) -> None:
    desk.open(demo=False)
    assert desk.tour.step is None


def test_skipped_it_comes_only_when_asked_for(desk: Desk) -> None:
    desk.tour.begin()
    desk.tour.skip()
    desk.open(demo=True)
    assert desk.tour.step is None
    desk.tour.begin()
    assert desk.tour.is_in_sight


def test_it_is_out_of_sight_in_a_blind_session_and_without_a_dataset(desk: Desk) -> None:
    desk.tour.begin()
    desk.space.view.set_mode(BLIND)
    assert not desk.tour.is_in_sight
    desk.space.view.set_mode(GRID)
    assert desk.tour.is_in_sight
    desk.space.session.close()
    assert not desk.tour.is_in_sight
