"""The worker of remedies: new splits thought about on a thread, settings written by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.data.project import Project
from models.errors import ProjectError
from models.opening import open_review, request_for
from models.remedies import settled
from models.review.classes import ClassList
from qtapp.jobs.remedying import RemedyWorker
from qtapp.state.remedying import Division
from qtapp.state.workspace import Workspace
from tests.helpers.projects import N_SAMPLES, small_project

HALVES = Division({"train": 1.0, "test": 1.0})


class Desk(QObject):
    """A project on disk, the states that are loaded of it, and the worker."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = small_project(folder)
        review = open_review(request_for([self.path]))
        review.close()
        self.space = space = Workspace(self)
        given = review.labelling.given
        status = np.zeros(N_SAMPLES, np.uint8)
        space.labels.load(given, given.copy(), status, ClassList.of(("ant", "bee", "cat")), 1, 0)
        space.session.open(review.info, str(self.path))
        self.worker = RemedyWorker(space.session, space.labels, space.remedying, self)


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.worker.stop()


def test_a_division_is_previewed_and_made_where_nothing_has_the_project_open(
    qtbot: QtBot, desk: Desk
) -> None:
    state = desk.space.remedying
    with qtbot.waitSignal(state.ended, timeout=30_000) as ended:
        desk.worker.propose(HALVES)
    assert ended.args == [None]
    assert state.proposed is not None
    assert state.proposed.division == HALVES
    assert state.proposed.report["splits"] == {"train": 6, "test": 6}
    assert not settled(Project(desk.path, read_only=True)).divided
    with qtbot.waitSignal(desk.worker.changing) as change:
        desk.worker.divide()
    with Project(desk.path) as project:
        change.args[0](project)
    assert settled(Project(desk.path, read_only=True)).divided
    with qtbot.waitSignal(desk.worker.changing) as change:
        desk.worker.take_split_back()
    with Project(desk.path) as project:
        change.args[0](project)
    assert not settled(Project(desk.path, read_only=True)).divided


def test_the_newest_wish_counts(qtbot: QtBot, desk: Desk) -> None:
    state, later = desk.space.remedying, Division({"train": 3.0, "test": 1.0}, seed=4)
    desk.worker.propose(HALVES)
    desk.worker.propose(later)
    qtbot.waitUntil(lambda: state.proposed is not None, timeout=30_000)
    assert state.proposed is not None
    assert state.proposed.division == later


def test_what_cannot_be_divided_is_said(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.space.remedying.ended, timeout=30_000) as ended:
        desk.worker.propose(Division({"train": 1.0}))
    assert isinstance(ended.args[0], ProjectError)
    desk.worker.divide()  # nothing was proposed, so nothing is made


def test_weights_show_once_they_are_on_disk(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.space.remedying.settled_changed):
        desk.worker.weigh("balanced")
    assert desk.space.remedying.settled.class_weights == "balanced"
    assert settled(Project(desk.path, read_only=True)).class_weights == "balanced"


def test_the_newest_of_weights_wished_for_meanwhile_counts(qtbot: QtBot, desk: Desk) -> None:
    for weights in ("balanced", "balanced", "none"):
        desk.worker.weigh(weights)
    qtbot.waitUntil(lambda: desk.worker.is_idle)
    assert desk.space.remedying.settled.class_weights == "none"
    assert settled(Project(desk.path, read_only=True)).class_weights == "none"
