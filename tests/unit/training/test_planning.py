"""Planning: a schedule follows the time that is left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.training.planning import rescheduled


def test_a_machine_as_fast_as_expected_changes_nothing() -> None:
    assert rescheduled((4, 12, 12), 4, 24) == (4, 12, 12)
    assert rescheduled((4, 12, 12), 10, 18) == (4, 12, 12)
    assert rescheduled((4, 12, 12), 28, 0) == (4, 12, 12)


def test_time_gained_or_lost_is_shared_by_the_nets_that_are_left() -> None:
    assert rescheduled((4, 12, 12), 10, 26) == (4, 16, 16)
    assert rescheduled((4, 12, 12), 16, 10.3) == (4, 12, 10)


def test_rather_one_net_in_full_than_two_in_half() -> None:
    assert rescheduled((4, 12, 12), 5, 13) == (4, 14)
    assert rescheduled((4, 12), 5, 25) == (4, 13, 13)
    assert rescheduled((4, 12), 5, 18) == (4, 19)


def test_the_short_net_stays_short() -> None:
    assert rescheduled((4, 12, 12), 1, 16) == (4, 13)
    assert rescheduled((4, 12, 12), 2, 4) == (4,)


def test_a_net_that_is_out_of_time_ends_with_this_epoch() -> None:
    assert rescheduled((12,), 7, -3.0) == (7,)
    assert rescheduled((4, 12), 12, -1.0) == (4, 8)


def test_no_net_is_begun_for_a_few_epochs() -> None:
    assert rescheduled((4, 12), 4, 3) == (4,)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 45), st.floats(-9, 99))
def test_what_was_trained_stays(schedule: list[int], done: int, fitting: float) -> None:
    done = min(done, sum(schedule))
    changed = rescheduled(schedule, done, fitting)
    assert min(changed) >= 1
    assert sum(changed) >= done
    ended = [place for place in range(len(schedule)) if sum(schedule[: place + 1]) < done]
    assert [changed[place] for place in ended] == [schedule[place] for place in ended]
