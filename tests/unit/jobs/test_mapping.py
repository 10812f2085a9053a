"""When a map is made, when it is only looked for, and what is shown meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.processes.mapping import MapRequest
from models.types import Events, Heartbeat, MapLaidOut, TrainingStarted
from qtapp.jobs import mapping
from qtapp.jobs.mapping import Mapper
from tests.helpers.spaces import N_SAMPLES, score_set, workspace


def laid_out(run: int, *, final: bool = True) -> MapLaidOut:
    layout = np.random.default_rng(run).normal(0, 1, (N_SAMPLES, 2)).astype(np.float32)
    return MapLaidOut(layout, run, 1, N_SAMPLES, final)


class Desk(QObject):
    """A workspace with a mapper whose child is replaced by what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.kept: set[int] = set()
        self.made: list[int] = []
        self.makes_for_ever = False
        self.mapper = Mapper(space.session, space.scores, space.training, space.mapping, self)

    def make_map(self, request: MapRequest) -> Events:
        self.made.append(request.run)
        yield laid_out(request.run, final=False)
        while self.makes_for_ever:
            time.sleep(0.01)
            yield Heartbeat()
        yield laid_out(request.run)

    def show_map(self, request: MapRequest, *, make: bool) -> Events:
        if request.run in self.kept:
            yield laid_out(request.run)
        elif make:
            yield from self.make_map(request)

    def train(self) -> None:
        number = self.space.training.begin()
        self.space.training.accept(number, TrainingStarted(1, "CPU", "", 20, 4, 8))

    def score(self, run: int) -> None:
        self.space.scores.show(score_set(self.space.labels.given, run=run))


@pytest.fixture
def desk(qapp: QObject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    monkeypatch.setattr(mapping, "make_map", made.make_map)
    monkeypatch.setattr(mapping, "show_map", made.show_map)
    yield made
    made.makes_for_ever = False
    made.mapper.stop()


def test_it_is_made_when_it_is_first_in_sight(qtbot: QtBot, desk: Desk) -> None:
    state = desk.space.mapping
    assert not state.is_running
    with qtbot.waitSignal(state.ended):
        desk.mapper.set_in_sight(True)
    assert state.shown is not None
    assert state.shown.final
    desk.mapper.set_in_sight(False)
    desk.mapper.set_in_sight(True)
    assert desk.made == [0]


def test_beside_a_run_it_is_made_only_if_asked_for(qtbot: QtBot, desk: Desk) -> None:
    state = desk.space.mapping
    desk.train()
    with qtbot.waitSignal(state.ended):
        desk.mapper.set_in_sight(True)
    assert state.shown is None
    assert desk.made == []
    with qtbot.waitSignal(state.ended):
        desk.mapper.make()
    assert state.shown is not None


def test_a_run_that_begins_stops_what_nobody_asked_for(qtbot: QtBot, desk: Desk) -> None:
    state, desk.makes_for_ever = desk.space.mapping, True
    desk.mapper.set_in_sight(True)
    qtbot.waitUntil(lambda: state.shown is not None)
    with qtbot.waitSignal(state.ended):
        desk.train()
    assert state.shown is None  # half a map is none
    desk.mapper.make()
    desk.train()
    qtbot.waitUntil(lambda: state.shown is not None)
    assert state.is_running


def test_the_map_on_the_screen_gives_way_to_a_kept_one_alone(qtbot: QtBot, desk: Desk) -> None:
    state = desk.space.mapping
    with qtbot.waitSignal(state.ended):
        desk.mapper.set_in_sight(True)
    with qtbot.waitSignal(state.ended):
        desk.score(run=1)
    assert state.shown is not None
    assert state.shown.run == 0
    assert desk.made == [0]
    desk.kept.add(2)
    with qtbot.waitSignal(state.ended):
        desk.score(run=2)
    assert state.shown.run == 2


def test_stopping_brings_back_the_map_before(qtbot: QtBot, desk: Desk) -> None:
    state = desk.space.mapping
    with qtbot.waitSignal(state.ended):
        desk.mapper.set_in_sight(True)
    before, desk.makes_for_ever = state.shown, True
    desk.mapper.make()
    qtbot.waitUntil(lambda: state.shown is not before)
    with qtbot.waitSignal(state.ended):
        desk.mapper.cancel()
    assert state.shown is before


def test_closing_the_dataset_forgets(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.space.mapping.ended):
        desk.mapper.set_in_sight(True)
    desk.mapper.stop()
    assert desk.space.mapping.shown is None
