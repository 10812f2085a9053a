"""Neighbours of the current image: what the run kept at once, then those among all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from models.review.stopping import AuditedQueue
from models.types import Evidence
from qtapp.commands.edits import Edits
from qtapp.jobs.neighbours import NeighbourFinder
from qtapp.state import scores
from qtapp.state.scores import ScoreSet
from tests.helpers.spaces import score_set, workspace

N = 48


def on_a_circle(n: int = N, kept: int = 0) -> ScoreSet:
    """Images whose likeness is their place on an arc; a run kept `kept` neighbours of each."""
    angles = np.linspace(0, 1, n, dtype=np.float32)
    scores = score_set((np.arange(n) % 3).astype(np.int32))
    order = np.argsort(np.abs(angles[:, None] - angles), axis=1, kind="stable")[:, 1 : kept + 1]
    distance = 1 - np.cos(angles[:, None] - angles[order])
    evidence = replace(
        Evidence.none(n),
        neighbours=order.astype(np.int32),
        neighbour_distance=distance.astype(np.float32),
    )
    embedding = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return replace(scores, evidence=evidence, embedding=embedding)


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self, N)
        self.finder = NeighbourFinder(
            space.labels, space.scores, space.selection, space.neighbours, self
        )
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)


@pytest.fixture
def desk_for(qtbot: QtBot) -> Iterator[Callable[[ScoreSet | None], Desk]]:
    desks: list[Desk] = []

    def make(scores: ScoreSet | None) -> Desk:
        desks.append(Desk())
        if scores is not None:
            desks[-1].space.scores.show(scores)
        return desks[-1]

    yield make
    for desk in desks:
        desk.finder.stop()


def settle(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.finder.is_idle)


def test_without_scores_nothing_is_known(desk_for: Callable[[ScoreSet | None], Desk]) -> None:
    desk = desk_for(None)
    desk.space.selection.set_current(3)
    assert desk.space.neighbours.shown is None
    assert desk.finder.is_idle


def test_the_kept_ones_are_there_at_once_and_all_follow(
    qtbot: QtBot, desk_for: Callable[[ScoreSet | None], Desk]
) -> None:
    desk = desk_for(on_a_circle(kept=4))
    desk.space.selection.set_current(0)
    kept = desk.space.neighbours.of(0)
    assert kept is not None
    assert kept.nearest.sample_ids.tolist() == [1, 2, 3, 4]
    settle(qtbot, desk)
    found = desk.space.neighbours.of(0)
    assert found is not None
    assert found.is_complete
    assert found.same.sample_ids.tolist() == [3, 6, 9, 12, 15]
    assert found.rivals.sample_ids.tolist() == [1, 4, 7, 10, 13]  # class 1 is suggested
    assert desk.space.neighbours.of(1) is None


def test_labels_count_as_they_are_now(
    qtbot: QtBot, desk_for: Callable[[ScoreSet | None], Desk]
) -> None:
    desk = desk_for(on_a_circle())
    desk.space.selection.set_current(0)
    settle(qtbot, desk)
    desk.space.selection.select(np.array([1, 2]))
    desk.edits.set_class(0)
    settle(qtbot, desk)
    found = desk.space.neighbours.of(0)
    assert found is not None
    assert found.same.sample_ids.tolist() == [1, 2, 3, 6, 9]


def test_of_many_images_passed_the_last_one_is_answered(
    qtbot: QtBot, desk_for: Callable[[ScoreSet | None], Desk]
) -> None:
    desk = desk_for(on_a_circle())
    for current in range(5):
        desk.space.selection.set_current(current)
    settle(qtbot, desk)
    found = desk.space.neighbours.of(4)
    assert found is not None
    assert sorted(found.nearest.sample_ids[:2].tolist()) == [3, 5]


def test_an_audit_image_has_none_until_it_is_decided(
    qtbot: QtBot, desk_for: Callable[[ScoreSet | None], Desk]
) -> None:
    desk = desk_for(on_a_circle(kept=4))
    desk.space.audit.load(AuditedQueue(0, audits=[5]))
    desk.space.selection.set_current(5)
    assert desk.space.neighbours.shown is None
    desk.edits.set_class(1)
    assert desk.space.neighbours.of(5) is not None
    settle(qtbot, desk)


def test_none_are_looked_for_until_a_bulk_change_is_rescored(
    qtbot: QtBot, desk_for: Callable[[ScoreSet | None], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "RESCORED_AT_ONCE", 10)
    desk = desk_for(on_a_circle())
    desk.space.selection.select(np.arange(20))
    desk.edits.set_class(0)
    desk.space.selection.set_current(4)
    QCoreApplication.processEvents()  # the search would begin here
    assert not desk.finder.is_idle
    assert not is_complete(desk, 4)
    desk.space.scores.settle()
    settle(qtbot, desk)
    assert is_complete(desk, 4)


def is_complete(desk: Desk, sample_id: int) -> bool:
    found = desk.space.neighbours.of(sample_id)
    return found is not None and found.is_complete
