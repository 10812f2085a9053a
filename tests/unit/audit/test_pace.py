"""How far an audit is, how long it goes on, and when it has to end."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audit import pace
from models.audit.pace import OUT_OF_TIME, READING, STOPPED, Pace
from models.processes.child import Controls
from models.types import Heartbeat, Progress, Unable

CHECKS = ("distribution", "disjoint", "quality")


class Clock:
    """Seconds as a test wants them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(pace.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def progress_of(event: Any) -> Progress:
    assert isinstance(event, Progress)
    return event


events = st.tuples(st.sampled_from(CHECKS), st.sampled_from("abc"), st.integers(0, 10))


@settings(max_examples=40, deadline=None)
@given(st.lists(events, max_size=40))
def test_progress_never_goes_back(told: list[tuple[str, str, int]]) -> None:
    of = Pace(CHECKS)
    shown = [of.begin(READING, "reading").done]
    for place, check in enumerate(CHECKS):
        shown.append(of.begin(check, f"checking {check}").done)
        mine = [one for one in told if one[0] == check]
        shown += [progress_of(of.of(Progress(done, 10, doing))).done for _, doing, done in mine]
        assert place < len(CHECKS)
    assert shown == sorted(shown)
    assert shown[-1] <= 1_000


def test_a_check_in_several_parts_does_not_begin_again() -> None:
    of = Pace(("disjoint",))
    of.begin("disjoint", "checking disjoint")
    halves = [progress_of(of.of(Progress(1, 2, doing))).done for doing in ("a", "b", "a", "b", "a")]
    assert halves == sorted(set(halves))
    assert progress_of(of.of(Progress(2, 2, "a"))).done >= 950


def test_what_is_no_progress_passes() -> None:
    of = Pace(CHECKS)
    for event in (Heartbeat(), Unable("quality", "Too few.")):
        assert of.of(event) is event


def test_how_long_it_goes_on_is_told_once_it_is_known(clock: Clock) -> None:
    of = Pace(("quality",))
    assert math.isnan(of.begin(READING, "reading").seconds_left)
    clock.now += 30
    of.of(Progress(2, 2, "measuring"))
    half = progress_of(of.of(Progress(2, 2, "reading")))
    assert half.done == 750
    assert half.seconds_left == pytest.approx(10)


def test_it_never_goes_on_for_longer_than_it_may(clock: Clock) -> None:
    of = Pace(("quality",), 35)
    of.begin(READING, "reading")
    clock.now += 30
    of.of(Progress(2, 2, "measuring"))
    assert progress_of(of.of(Progress(2, 2, "reading"))).seconds_left == pytest.approx(5)
    of.begin("quality", "checking quality")
    assert of.why_end() == ""
    clock.now += 5
    assert of.why_end() == OUT_OF_TIME


def test_it_ends_when_it_is_told_to_and_remembers() -> None:
    controls = Controls()
    of = Pace(CHECKS, 1_000, controls)
    assert of.why_end() == ""
    controls.send("finish")
    assert [of.why_end(), of.why_end()] == [STOPPED, STOPPED]


def test_a_long_stage_leaves_time_for_those_after_it(clock: Clock) -> None:
    of = Pace(("quality", "disjoint", "labels"), 68)
    of.begin(READING, "reading")
    of.begin("quality", "checking quality")
    clock.now += 63.9
    assert of.why_end() == ""
    of.begin("disjoint", "checking disjoint")
    assert of.why_end() == ""
    clock.now += 0.2
    assert of.why_end() == OUT_OF_TIME
    of.begin("labels", "checking labels")
    assert of.why_end() == ""
    clock.now += 4
    assert of.why_end() == OUT_OF_TIME
