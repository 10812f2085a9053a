"""Where the keyboard goes."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.decisions import Action, Status
from models.review.grouping import Groups
from models.review.ordering import Arrangement, Filters
from models.review.sampling import Sample
from models.review.stopping import AuditedQueue
from qtapp.commands.edits import Edits
from qtapp.commands.moving import Moving
from qtapp.state.view import SINGLE
from tests.helpers.spaces import score_set, workspace


class Desk(QObject):
    def __init__(self, n=24):
        super().__init__()
        self.space = space = workspace(self, n)
        self.moving = Moving(
            space.labels, space.selection, space.order, space.view, space.audit, self
        )
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.edits.decided.connect(self.moving.after)
        self.edits.undone.connect(self.moving.return_to)
        space.view.columns, space.view.visible_rows = 4, (0, 12)
        space.order.accept(np.arange(n)[::-1].copy(), n)  # row r shows sample n - 1 - r

    @property
    def current(self):
        return self.space.selection.current


@pytest.fixture
def desk():
    return Desk()


def test_the_first_image_of_a_new_order_is_current(desk):
    assert desk.current == 23


def test_while_something_is_asked_about_an_image_no_order_takes_the_keyboard_from_it(desk):
    desk.moving.to_row(3)
    desk.moving.stay(True)
    desk.space.order.accept(np.arange(24), 24)
    assert desk.current == 20
    desk.space.order.accept(np.arange(6), 24)  # it is not among these at all
    assert desk.current == 20
    desk.moving.stay(False)
    desk.space.order.accept(np.arange(6), 24)
    assert desk.current == 0


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


def test_from_an_image_that_is_filtered_out_shift_selects_no_row_that_was_passed(desk):
    desk.space.order.accept(np.arange(20), 24)
    desk.moving.by(samples=15)
    desk.space.selection.set_current(23)  # a neighbour that does not pass
    desk.moving.by(samples=1, extend=True)
    assert list(desk.space.selection.sample_ids) == [15]
    desk.moving.by(samples=1, extend=True)
    assert list(desk.space.selection.sample_ids) == [15, 16]


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


def test_undo_looks_again_where_nothing_passed_the_filters(desk):
    desk.edits.decide(Action.KEEP)
    wanted = []
    desk.space.order.wanted_changed.connect(lambda: wanted.append(desk.space.order.wanted))
    desk.edits.undo()
    assert not wanted  # the order under the person's eyes stays as it is
    desk.edits.redo()
    desk.space.order.accept(np.arange(0), 24)  # all are decided
    desk.edits.undo()
    assert len(wanted) == 1
    desk.space.order.accept(np.array([23]), 24)
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


def test_after_a_look_at_an_image_that_is_filtered_out_the_walk_goes_on_where_it_was(desk):
    rows = np.arange(0, 24, 2)
    desk.space.order.accept(rows, 24)
    desk.moving.to_row(5)
    desk.space.selection.set_current(7)  # as a click on a neighbour does
    desk.moving.by(samples=1)
    assert desk.current == rows[5]
    desk.space.selection.set_current(7)
    desk.moving.by(samples=-1)
    assert desk.current == rows[4]
    desk.space.selection.set_current(7)
    desk.edits.decide(Action.KEEP)
    assert desk.current == rows[4]


def test_an_empty_order_has_no_current_image(desk):
    desk.space.order.accept(np.empty(0, np.int64), 24)
    assert desk.current == -1
    desk.moving.by(samples=1)
    assert desk.current == -1


@pytest.fixture
def single():
    """A hundred images, shown one by one, the most suspect first."""
    desk = Desk(100)
    desk.space.scores.show(score_set(desk.space.labels.labels))
    desk.space.audit.load(AuditedQueue(seed=4))
    desk.space.view.set_mode(SINGLE)
    return desk


def keep(desk, n):
    """Keep n images one after another; which images came after each."""
    return [desk.edits.decide(Action.KEEP) or desk.current for _ in range(n)]


def blind_among(desk, sample_ids):
    return [at for at, i in enumerate(sample_ids, 1) if i in desk.space.audit.sample_ids]


def test_one_by_one_every_tenth_image_is_a_random_one_and_then_the_walk_goes_on(single):
    came = keep(single, 40)
    assert blind_among(single, came) == [10, 20, 30, 40]
    walked = [i for at, i in enumerate(came, 1) if at % 10]
    assert walked == [i for i in range(98, 0, -1) if i not in came[9::10]][: len(walked)]


def test_the_same_seed_and_the_same_decisions_show_the_same_images(single):
    other = Desk(100)
    other.space.audit.load(AuditedQueue(seed=4))
    other.space.view.set_mode(SINGLE)
    assert keep(single, 60) == keep(other, 60)


def test_next_undecided_walks_the_same_queue(single):
    for _ in range(10):
        single.moving.to_next_undecided()
    assert single.space.audit.is_blind(single.current)


@pytest.mark.parametrize(
    "wanted",
    [
        Arrangement(sort_by="loss"),
        Arrangement(reverse=True),
        Arrangement(group_by="class"),
        Arrangement(sample=Sample(500)),
    ],
)
def test_another_order_holds_no_audit(single, wanted):
    single.space.order.wanted = wanted
    came = keep(single, 30)
    assert came == list(range(98, 68, -1))
    assert not len(single.space.audit.sample_ids)


def test_the_learned_order_holds_an_audit(single):
    single.space.order.wanted = Arrangement(sort_by="learned")
    assert blind_among(single, keep(single, 10)) == [10]


def test_the_grid_and_a_filtered_order_hold_no_audit(single):
    single.space.view.set_mode("grid")
    keep(single, 15)
    single.space.view.set_mode(SINGLE)
    single.space.order.wanted = Arrangement("filtered", Filters(classes=frozenset({1})))
    single.space.order.accept(np.arange(1, 100, 3), 100)
    keep(single, 20)
    assert not len(single.space.audit.sample_ids)


def test_from_an_audit_image_shift_selects_no_row_between_it_and_the_walk(single):
    keep(single, 10)
    single.moving.by(samples=1, extend=True)
    single.moving.by(samples=1, extend=True)
    assert list(single.space.selection.sample_ids) == [88, 89]


def test_from_an_audit_image_previous_and_next_are_those_of_the_walk(single):
    keep(single, 10)
    audit, before = single.current, 90
    single.moving.by(samples=-1)
    assert single.current == before
    single.edits.undo()
    single.edits.undo()
    single.edits.redo()
    single.space.selection.set_current(audit)
    single.moving.by(samples=1)
    assert single.current == before - 1


def test_an_undone_audit_image_is_blind_again_and_the_walk_keeps_its_place(single):
    keep(single, 10)
    audit = single.current
    single.edits.decide(Action.EXCLUDE)
    assert single.space.audit.errors_left().wrong == 1
    following = single.current
    single.edits.undo()
    assert single.current == audit
    assert single.space.audit.is_blind(audit)
    assert single.space.audit.errors_left().audited == 0
    single.edits.decide(Action.KEEP)
    assert single.current == following


def test_walking_over_an_audit_image_does_not_throw_the_walk_back(single):
    audit = keep(single, 10)[-1]
    single.moving.to_row(single.space.order.row_of(audit) - 1)
    single.moving.by(samples=1)
    assert single.current == audit
    single.moving.by(samples=1)
    assert single.current == audit - 1


def test_a_new_order_begins_at_its_top_whatever_was_shown_out_of_turn(single):
    keep(single, 10)
    single.space.order.accept(np.arange(100), 100)
    assert single.current == 0
    assert keep(single, 1) == [1]


def test_when_all_is_decided_the_queue_says_so(single):
    told = []
    single.moving.idle.connect(told.append)
    came = keep(single, 99)
    assert sorted([*came, 99]) == list(range(100))
    single.edits.decide(Action.KEEP)
    single.moving.to_next_undecided()
    assert len(told) == 1


def grouped(desk, *sizes):
    """The order in groups of these sizes, in lines of four; row r shows sample r."""
    n = sum(sizes)
    starts = np.cumsum([0, *sizes])[:-1]
    codes, none = np.zeros((len(sizes), 2), np.int64), np.zeros(len(sizes), np.int64)
    groups = Groups("class", starts, np.array(sizes), codes, none)
    desk.space.order.accept(np.arange(n), 24, groups=groups)
    desk.space.view.visible_rows = (0, n)


def test_up_and_down_keep_the_column_across_groups_and_short_lines(desk):
    grouped(desk, 6, 1, 8)  # lines 0-3, 4-5, 6, 7-10, 11-14
    desk.moving.to_row(3)
    visited = []
    for _ in range(5):
        desk.moving.by(lines=1)
        visited.append(desk.current)
    assert visited == [5, 6, 10, 14, 14]
    desk.moving.by(lines=-2)
    assert desk.current == 6
    desk.moving.by(lines=-1)
    assert desk.current == 5


def test_a_step_aside_gives_up_the_column(desk):
    grouped(desk, 6, 1, 8)
    desk.moving.to_row(3)
    desk.moving.by(lines=2)
    desk.moving.by(samples=-1)
    desk.moving.by(lines=-1)
    assert desk.current == 1


def test_a_page_of_groups_leaves_one_line_in_common(desk):
    grouped(desk, 2, 2, 2, 2, 2, 2)
    desk.space.view.visible_rows = (0, 6)  # three lines
    desk.moving.by(pages=1)
    assert desk.current == 4


def test_shift_extends_across_groups(desk):
    grouped(desk, 6, 1, 8)
    desk.moving.to_row(4)
    desk.moving.by(lines=2, extend=True)
    assert list(desk.space.selection.sample_ids) == [4, 5, 6, 7]


def test_a_group_is_selected_and_decided_with_one_step(desk):
    grouped(desk, 6, 1, 8)
    desk.moving.to_row(9)
    desk.moving.select_group()
    desk.edits.decide(Action.EXCLUDE)
    assert list(np.flatnonzero(desk.space.labels.status)) == list(range(7, 15))
    assert desk.current == 0
    desk.edits.undo()
    assert not desk.space.labels.status.any()


def test_without_groups_it_says_where_to_choose_them(desk):
    told = []
    desk.moving.idle.connect(told.append)
    desk.moving.select_group()
    assert len(told) == 1
    assert desk.space.selection.count == 0
