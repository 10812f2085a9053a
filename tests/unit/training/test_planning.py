"""Planning: a schedule follows the time that is left."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.training.config import TrainConfig
from models.training.planning import look_recipes, rescheduled
from models.training.roles import Role
from tests.helpers.training import material


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


def test_a_net_past_its_half_is_not_cut_short_for_a_later_one() -> None:
    assert rescheduled((12, 12), 5, 17) == (11, 11)
    assert rescheduled((12, 12), 9, 13) == (12, 10)
    assert rescheduled((12, 12), 9, 5) == (14,)


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


def looks(n: int, n_classes: int, *schedule: int) -> list[int]:
    """How many images each look trains on in an epoch."""
    of = material(np.arange(n) % n_classes, np.full(n, Role.TRAINED, np.uint8), n_classes)
    recipes = look_recipes(TrainConfig(batch=256, flip=False, schedule=schedule), of)
    return [len(of.trained[: recipe.most_images]) for recipe in recipes]


def test_the_first_look_needs_only_some_of_many_images() -> None:
    assert looks(5_000, 2, 8) == [5_000]
    assert looks(50_000, 2, 8) == [40_000]


def test_the_first_look_meets_every_one_of_many_classes() -> None:
    assert looks(60_000, 500, 8) == [50_000]


def test_where_the_nets_take_long_a_second_look_bridges_them() -> None:
    assert looks(60_000, 10, 10, 10) == [40_000, 60_000]
    assert looks(200_000, 10, 6) == [40_000, 100_000]
