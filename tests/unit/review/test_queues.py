"""What is in a queue, whatever a run found and whatever was decided since."""

from __future__ import annotations

import numpy as np
import pytest

from models.review.columns import Columns
from models.review.decisions import Status
from models.review.ordering import SORT_KEYS
from models.review.queues import Queue, counted, decided, members


def columns(n: int = 6, **known: object) -> Columns:
    values: dict[str, object] = {
        "labels": np.zeros(n, np.int32),
        "status": np.zeros(n, np.uint8),
        "splits": np.zeros(n, np.uint8),
        "scores": {},
        "selected": np.zeros(n, bool),
        "copy_group": np.empty(0, np.int32),
    }
    return Columns(**{**values, **known})  # type: ignore[arg-type]


def inside(queue: Queue, look: Columns) -> list[int]:
    return np.flatnonzero(members(queue, look)).tolist()


@pytest.mark.parametrize("queue", list(Queue))
def test_where_nothing_is_known_every_queue_is_empty(queue: Queue) -> None:
    assert inside(queue, columns()) == []


def test_what_a_run_found_stays_whatever_is_decided() -> None:
    look = columns(queue=np.array([0, 1, 2, 3, 4, 1], np.uint8))
    look.status[1] = Status.CHANGED
    assert inside(Queue.SURE_AND_WRONG, look) == [1, 5]
    assert inside(Queue.SURE_AND_RIGHT, look) == [2]
    assert inside(Queue.UNSURE, look) == [3]
    assert inside(Queue.NO_CLASS_FITS, look) == [4]


def test_likely_mislabelled_is_more_likely_wrong_than_right() -> None:
    suspicion = np.array([0.5, 0.51, np.nan, 1, 0, 0.2], np.float32)
    assert inside(Queue.LIKELY_MISLABELLED, columns(scores={"suspicion": suspicion})) == [1, 3]


def test_copies_that_contradict_each_other_until_one_is_settled() -> None:
    look = columns(copy_group=np.array([0, 0, -1, 3, 3, -1], np.int32))
    look.labels[1] = 1
    assert inside(Queue.COPIES_DIFFER, look) == [0, 1]
    look.labels[1] = 0
    assert inside(Queue.COPIES_DIFFER, look) == []


def test_second_looks_and_opinions() -> None:
    look = columns(second_opinion=np.arange(6) == 2)
    look.status[4] = Status.SECOND_LOOK
    assert inside(Queue.SECOND_LOOK, look) == [4]
    assert inside(Queue.SECOND_OPINION, look) == [2]


def test_what_reviewers_disagree_on_is_done_once_somebody_decided() -> None:
    look = columns(disagreeing=np.arange(6) < 2, settled=np.arange(6) == 4)
    look.status[:] = Status.KEPT  # they all decided
    done = decided(look.status)
    assert inside(Queue.DISAGREEING_REVIEWERS, look) == [0, 1]
    assert counted(Queue.DISAGREEING_REVIEWERS, look, done) == (3, 1)
    none_left = columns(disagreeing=np.zeros(6, bool), settled=np.arange(6) == 4)
    assert counted(Queue.DISAGREEING_REVIEWERS, none_left, done) == (0, 0)


def test_a_second_look_is_still_to_be_decided() -> None:
    status = np.array(list(Status), np.uint8)
    assert decided(status).tolist() == [False, True, True, True, False]


def test_each_has_a_name_of_its_own_and_an_order_there_is() -> None:
    assert Queue.SURE_AND_WRONG.option == "sure-and-wrong"
    assert {queue.order[0] for queue in Queue} <= set(SORT_KEYS)
