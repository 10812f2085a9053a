"""A saved query is in the project as soon as it is saved, not only when the dataset is closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.data.project import Project
from qtapp.jobs.query_keeping import QueryKeeper
from tests.helpers.projects import small_project
from tests.helpers.spaces import dataset_info, workspace


class Desk(QObject):
    def __init__(self, project: Path) -> None:
        super().__init__()
        self.space = workspace(self, 12)
        self.project = Project(project, read_only=True)
        self.project.save_settings({"thumb_px": 64})
        self.keeper = QueryKeeper(self.space.session, self.space.queries, self)
        self.space.session.open(dataset_info(12), str(project))


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(small_project(tmp_path))
    yield desk
    desk.keeper.stop()


def test_what_is_saved_is_written_beside_what_is_there(qtbot: QtBot, desk: Desk) -> None:
    desk.space.queries.save("changed")
    desk.space.queries.save("loss > 2")  # while the first is being written
    qtbot.waitUntil(lambda: desk.keeper.is_idle)
    assert desk.project.settings() == {"thumb_px": 64, "queries": ["changed", "loss > 2"]}
    desk.space.queries.remove("changed")
    qtbot.waitUntil(lambda: desk.keeper.is_idle)
    assert desk.project.settings()["queries"] == ["loss > 2"]


def test_what_is_no_list_of_queries_there_gives_way(qtbot: QtBot, desk: Desk) -> None:
    desk.project.save_settings({"queries": 7})
    desk.space.queries.save("changed")
    qtbot.waitUntil(lambda: desk.keeper.is_idle)
    assert desk.project.settings()["queries"] == ["changed"]


def test_nothing_is_written_while_nothing_is_open(desk: Desk) -> None:
    desk.space.session.close()
    desk.space.queries.save("changed")
    assert desk.keeper.is_idle


def test_a_place_that_takes_nothing_is_told(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.space.session.open(dataset_info(12), str(tmp_path / "gone.winnow"))
    with qtbot.waitSignal(desk.keeper.failed):
        desk.space.queries.save("changed")
