"""Events of older work are dropped; a run leaves curves and a verdict."""

import math

from models.errors import ChildDied
from models.types import EpochEnded, Progress, TrainingProgress, TrainingStarted
from qtapp.state.activity import ActivityState, TrainingState


def test_events_that_arrive_after_their_work_was_replaced_are_dropped():
    activity = ActivityState()
    first = activity.begin()
    second = activity.begin()
    activity.accept(first, Progress(1, 2, "reading"))
    assert activity.progress is None
    activity.accept(second, Progress(2, 2, "reading"))
    assert activity.progress == Progress(2, 2, "reading")
    activity.end(first, ChildDied("late"))
    assert activity.is_running


def test_work_ends_once():
    activity = ActivityState()
    ends = []
    activity.ended.connect(ends.append)
    number = activity.begin()
    activity.end(number, None)
    activity.end(number, ChildDied("again"))
    assert ends == [None]


def test_a_run_collects_its_curves_and_a_new_run_forgets_them():
    training = TrainingState()
    number = training.begin()
    training.accept(number, TrainingStarted(3, "CPU", "", 90, 10, 2))
    training.accept(number, EpochEnded(1, 1.0, 0.5, 1.1, 0.4, 0.01))
    training.accept(number, TrainingProgress("training", 1, 0.5, 900.0, 12.0))
    assert training.run == 3
    assert [point.epoch for point in training.curves] == [1]
    assert training.seconds_left == 12.0
    training.begin()
    assert training.curves == []
    assert math.isnan(training.seconds_left)


def test_a_crash_is_a_problem_and_a_normal_end_is_none():
    training = TrainingState()
    training.end(training.begin(), ChildDied("the trainer process was ended by SIGKILL"))
    assert training.problem is not None
    training.end(training.begin(), None)
    assert training.problem is None


def test_a_run_of_an_earlier_session_is_shown_and_events_of_another_are_dropped():
    training = TrainingState()
    number = training.begin()
    point = EpochEnded(1, 1.0, 0.5, 1.1, 0.4, 0.01)
    training.recall(TrainingStarted(2, "CPU", "", 90, 10, 1), [point], {"train_accuracy": 0.5})
    training.accept(number, EpochEnded(2, 1.0, 0.5, 1.1, 0.4, 0.01))
    assert not training.is_running
    assert training.curves == [point]
    assert training.run == 2
    training.recall(None, [], {})
    assert training.run == 0
    assert training.result == {}
