"""Selection is a set; the order moves only when asked to."""

import numpy as np
import pytest

from models.review.ordering import Filters
from models.review.queues import Queue
from models.review.sampling import Sample
from qtapp.state.ordering import NOT_SHOWN, OrderState, rows_of
from qtapp.state.selection import NOTHING, SelectionState


@pytest.fixture
def selection():
    state = SelectionState()
    state.reset(10)
    return state


def test_a_key_acts_on_the_selection_else_on_the_current_image(selection):
    assert list(selection.targets()) == []
    selection.set_current(3)
    assert list(selection.targets()) == [3]
    selection.select(np.array([7, 1]))
    assert list(selection.targets()) == [1, 7]


def test_toggling_twice_leaves_the_selection_as_it_was(selection):
    selection.toggle(4)
    selection.toggle(4)
    assert selection.count == 0


def test_nothing_is_sent_when_nothing_changed(selection):
    sent = []
    selection.changed.connect(lambda: sent.append("selection"))
    selection.current_changed.connect(lambda _: sent.append("current"))
    selection.clear()
    selection.set_current(NOTHING)
    assert sent == []


def test_moving_keeps_the_anchor_only_when_extending(selection):
    selection.set_current(2)
    selection.set_current(5, keep_anchor=True)
    assert selection.anchor == 2
    selection.set_current(6)
    assert selection.anchor == 6


def test_what_was_put_aside_comes_back_in_place_of_what_was_selected_since(selection):
    selection.select(np.array([7, 1]))
    selection.put_aside()
    assert selection.count == 0
    selection.select(np.array([3]))
    assert list(np.flatnonzero(selection.of_grid)) == [1, 7]
    selection.give_back()
    assert list(selection.sample_ids) == [1, 7]
    selection.toggle(2)
    selection.give_back()
    assert list(selection.sample_ids) == [1, 2, 7]


def test_another_dataset_knows_nothing_of_what_was_put_aside(selection):
    selection.select(np.array([7, 1]))
    selection.put_aside()
    selection.reset(3)
    selection.give_back()
    assert list(selection.of_grid) == [False] * 3


@pytest.fixture
def order():
    state = OrderState()
    state.reset(5)
    return state


def test_rows_and_samples_point_at_each_other(order):
    order.accept(np.array([4, 0, 2]), 5)
    assert [order.row_of(i) for i in range(5)] == [1, NOT_SHOWN, 2, NOT_SHOWN, 0]


def test_the_first_of_some_samples_is_the_one_in_the_lowest_row(order):
    order.accept(np.array([4, 0, 2]), 5)
    assert order.first_of(np.array([1, 2, 0])) == 0
    assert order.first_of(np.array([1, 3])) == NOTHING
    assert order.first_of(np.empty(0, np.int64)) == NOTHING


def test_new_scores_leave_the_order_alone_and_say_that_there_is_a_newer_one(order):
    rows = order.rows
    order.offer_newer()
    assert order.has_newer
    assert order.rows is rows
    order.accept(np.arange(5), 5)
    assert not order.has_newer


def test_a_filter_asks_for_an_order_once(order):
    asked = []
    order.wanted_changed.connect(lambda: asked.append(order.wanted.tab))
    order.filter_by(Filters(classes=frozenset({1})))
    order.filter_by(Filters(classes=frozenset({1})))
    assert asked == ["filtered"]
    order.filter_by(Filters())
    assert asked == ["filtered", "all"]


def queue_filters(*queues):
    return Filters(queues=frozenset(queues))


def test_a_queue_brings_its_own_order_and_takes_it_away_again(order):
    order.sort_by("loss", reverse=True)
    order.filter_by(queue_filters(Queue.NO_CLASS_FITS))
    assert (order.wanted.sort_by, order.wanted.reverse) == ("anomaly", False)
    order.filter_by(queue_filters(Queue.SURE_AND_RIGHT))
    assert (order.wanted.sort_by, order.wanted.reverse) == ("confidence", True)
    order.filter_by(queue_filters(Queue.SURE_AND_RIGHT, Queue.UNSURE))
    assert (order.wanted.sort_by, order.wanted.reverse) == ("confidence", True)
    order.filter_by(Filters())
    assert (order.wanted.sort_by, order.wanted.reverse) == ("loss", True)


def test_an_order_chosen_within_a_queue_stays(order):
    order.filter_by(queue_filters(Queue.UNSURE))
    order.sort_by("margin")
    order.filter_by(Filters())
    assert order.wanted.sort_by == "margin"


def test_another_filter_leaves_the_order_of_a_queue_alone(order):
    order.filter_by(queue_filters(Queue.UNSURE))
    order.filter_by(Filters(queues=frozenset({Queue.UNSURE}), classes=frozenset({1})))
    assert order.wanted.sort_by == "confidence"


def test_a_sample_turns_to_other_batches_and_leaves_to_the_order_before(order):
    order.sort_by("loss", reverse=True)
    before = order.wanted
    order.show_sample(60)
    order.apply_new()
    assert order.wanted.sample == Sample(60, batch=1)
    order.turn_to(-1)
    order.turn_to(-1)
    assert order.wanted.sample == Sample(60)
    order.leave_sample()
    assert order.wanted == before


def test_a_sheet_of_classes_is_grouped_by_class_and_only_that(order):
    order.group_by("split")
    order.show_sample(10, each_class=True)
    assert order.wanted.grouping == "class"
    order.leave_sample()
    assert order.wanted.grouping == "split"


def test_choosing_an_order_leaves_the_sample(order):
    order.show_sample(60)
    order.sort_by("loss")
    assert order.wanted.sample is None


def test_lines_follow_the_rows(order):
    assert order.lines(2).n_lines == 3
    assert order.lines(2) is order.lines(2)
    order.accept(np.arange(2), 5)
    assert order.lines(2).n_lines == 1
    order.accept(np.empty(0, np.int64), 5)
    assert order.lines(2).n_lines == 0


def test_the_order_before_similar_images_comes_back_in_a_queue_too(order):
    order.sort_by("loss")
    order.filter_by(Filters(queues=frozenset({Queue.SECOND_LOOK})))
    of_queue = order.wanted.sort_by, order.wanted.reverse
    order.sort_by_likeness(4)
    order.sort_by_likeness(7)
    assert (order.wanted.sort_by, order.wanted.similar_to) == ("similar", 7)
    order.leave_likeness()
    assert (order.wanted.sort_by, order.wanted.reverse) == of_queue
    assert order.wanted.similar_to == -1
    order.filter_by(Filters())
    assert order.wanted.sort_by == "loss"


def test_the_montage_that_similar_images_were_looked_for_in_comes_back(order):
    order.sort_by("loss")
    order.show_sample(60)
    order.turn_to(1)
    montage = order.wanted
    order.sort_by_likeness(4)
    order.sort_by_likeness(7)
    assert order.wanted.sample is None
    order.leave_likeness()
    assert order.wanted == montage
    order.leave_sample()
    assert (order.wanted.sort_by, order.wanted.sample) == ("loss", None)


def test_rows_that_a_worker_looked_up_are_those_that_the_order_looks_up():
    rows = np.array([4, 1, 3])
    told, found = OrderState(), OrderState()
    told.accept(rows, 6, row_of=rows_of(rows, 6))
    found.accept(rows, 6)
    expected = [NOT_SHOWN, 1, NOT_SHOWN, 2, 0, NOT_SHOWN]
    assert [state.row_of(i) for state in (told, found) for i in range(6)] == 2 * expected
