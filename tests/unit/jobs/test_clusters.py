"""Clusters are found when somebody groups by them or names them, and once for each wish."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.errors import DatasetError
from models.processes.clustering import ClusterRequest
from models.review.ordering import Filters
from models.types import Clustered, Events, Heartbeat
from qtapp.jobs import clusters
from qtapp.jobs.clusters import ClusterFinder
from tests.helpers.spaces import score_set, workspace


class Desk(QObject):
    """A workspace with a finder whose child is replaced by what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self, 200)
        self.asked: list[tuple[int, int]] = []  # run and number
        self.searches_for_ever = False
        self.error: DatasetError | None = None
        self.finder = ClusterFinder(
            space.session, space.labels, space.scores, space.order, space.clusters, self
        )

    def find(self, request: ClusterRequest) -> Events:
        self.asked.append((request.run, request.wanted))
        while self.searches_for_ever:
            time.sleep(0.01)
            yield Heartbeat()
        if self.error is not None:
            raise self.error
        numbers = np.ones(request.n, np.int32)
        yield Clustered(numbers, request.run, request.epoch, request.wanted)

    def score(self, run: int = 1) -> None:
        scores = score_set(self.space.labels.given, run=run)
        embedding = np.zeros((len(scores.labels), 2), np.float32)
        self.space.scores.show(replace(scores, embedding=embedding))


@pytest.fixture
def desk(qapp: QObject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    monkeypatch.setattr(clusters, "find_clusters", made.find)
    yield made
    made.searches_for_ever = False
    made.finder.stop()


def test_grouping_by_cluster_finds_them_and_then_arranges_again(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    assert desk.asked == []
    space = desk.space
    with qtbot.waitSignals([space.clusters.ended, space.order.wanted_changed]):
        space.order.group_by("cluster")
    assert desk.asked == [(1, 10)]
    assert len(space.clusters.numbers) == 200
    space.order.sort_by("loss")
    assert len(desk.asked) == 1


def test_a_query_that_names_them_finds_them_too(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    with qtbot.waitSignal(desk.space.clusters.ended):
        desk.space.order.filter_by(Filters(query="cluster == 1"))
    assert desk.space.clusters.known is not None


def test_before_the_first_scores_they_wait(qtbot: QtBot, desk: Desk) -> None:
    desk.space.order.group_by("cluster")
    assert not desk.space.clusters.is_running
    with qtbot.waitSignal(desk.space.clusters.ended):
        desk.score()


def test_newer_scores_alone_leave_them_as_they_are(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    with qtbot.waitSignal(desk.space.clusters.ended):
        desk.space.order.group_by("cluster")
    desk.score(run=2)
    desk.space.order.apply_new()
    assert not desk.space.clusters.is_running
    with qtbot.waitSignal(desk.space.clusters.ended):
        desk.space.clusters.ask(2)
    assert desk.asked == [(1, 10), (2, 10)]
    desk.space.clusters.ask(2)
    assert not desk.space.clusters.is_running


def test_another_wish_takes_the_place_of_the_one_before(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    desk.searches_for_ever = True
    desk.space.clusters.ask(1)
    desk.space.order.group_by("cluster")
    desk.space.clusters.ask(1)  # which is being done
    qtbot.waitUntil(lambda: desk.asked == [(1, 5)])
    desk.space.clusters.ask(2)
    qtbot.waitUntil(lambda: desk.asked == [(1, 5), (1, 10)])
    with qtbot.waitSignal(desk.space.clusters.ended):
        desk.searches_for_ever = False
    assert desk.space.clusters.known is not None
    assert desk.space.clusters.known.wanted == 10
    assert desk.space.order.wanted.group_by == "cluster"


def test_who_goes_back_to_what_is_known_keeps_it(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    state = desk.space.clusters
    with qtbot.waitSignal(state.ended):
        desk.space.order.group_by("cluster")
    desk.searches_for_ever = True
    state.ask(1)
    qtbot.waitUntil(lambda: len(desk.asked) == 2)
    with qtbot.waitSignal(state.ended):
        state.ask(2)
    assert state.known is not None
    assert (state.known.wanted, state.per_class) == (10, 2)
    assert desk.asked == [(1, 10), (1, 5)]


def test_a_wish_that_comes_back_while_its_search_ends_is_met(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    state, desk.searches_for_ever = desk.space.clusters, True
    desk.space.order.group_by("cluster")
    for per_class in (1, 2):
        state.ask(per_class)
    desk.searches_for_ever = False
    qtbot.waitUntil(lambda: state.known is not None and not state.is_running)
    assert state.known is not None
    assert state.known.wanted == desk.asked[-1][1] == 10


def test_what_is_shown_as_chosen_is_what_is_known_once_another_search_was_stopped(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.score()
    state = desk.space.clusters
    with qtbot.waitSignal(state.ended):
        desk.space.order.group_by("cluster")
    desk.searches_for_ever = True
    state.ask(1)
    with qtbot.waitSignal(state.ended):
        desk.finder.cancel()
    assert state.per_class == 2
    assert desk.space.order.wanted.group_by == "cluster"


def test_a_search_that_is_stopped_leaves_no_groups(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    desk.searches_for_ever = True
    desk.space.order.group_by("cluster")
    with qtbot.waitSignal(desk.space.clusters.ended):
        desk.finder.cancel()
    assert desk.space.order.wanted.group_by == ""


def test_an_error_is_told(qtbot: QtBot, desk: Desk) -> None:
    desk.score()
    desk.error = DatasetError("there is no embedding")
    with qtbot.waitSignal(desk.finder.failed) as failed:
        desk.space.order.group_by("cluster")
    assert failed.args == [desk.error]
    assert desk.space.order.wanted.group_by == ""
