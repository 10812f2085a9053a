"""Work on a thread: it ends once, can be stopped, and does not flood the window."""

import time

import pytest

from models.types import EpochEnded, Heartbeat, Progress
from qtapp.jobs.worker import Cancelled, JobThread, throttled


@pytest.fixture
def thread(qapp):
    thread = JobThread()
    yield thread
    assert thread.stop()


def endless():
    while True:
        time.sleep(0.001)
        yield Heartbeat()


def failing():
    yield Progress(1, 2, "working")
    raise RuntimeError("broken")


def test_cancel_ends_work_that_would_never_finish(qtbot, thread):
    with qtbot.waitSignal(thread.ended) as ended:
        thread.begin(4, endless)
        thread.cancel()
    assert ended.args[0] == 4
    assert isinstance(ended.args[1], Cancelled)


def test_an_error_ends_the_work_and_is_handed_on(qtbot, thread):
    with qtbot.waitSignal(thread.ended) as ended:
        thread.begin(1, failing)
    assert str(ended.args[1]) == "broken"


def test_cancelling_closes_the_generator(qtbot, thread):
    closed = []

    def work():
        try:
            yield from endless()
        finally:
            closed.append(True)

    with qtbot.waitSignal(thread.ended):
        thread.begin(1, work)
        thread.cancel()
    assert closed == [True]


def test_progress_is_thinned_but_the_newest_arrives_before_what_follows_it():
    point = EpochEnded(1, 1.0, 0.5, 1.0, 0.5, 0.1)
    events = [Progress(i, 100, "") for i in range(50)] + [point]
    sent = list(throttled(iter(events), per_s=1))
    assert sent == [Progress(0, 100, ""), Progress(49, 100, ""), point]


def test_the_last_progress_is_never_lost():
    sent = list(throttled(iter([Progress(i, 9, "") for i in range(9)]), per_s=1))
    assert sent[-1] == Progress(8, 9, "")
