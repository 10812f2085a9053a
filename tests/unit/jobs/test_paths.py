"""Paths are read once, by a reader of their own, when a query first names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.review.ordering import Filters
from qtapp.jobs.paths import PathReader
from tests.helpers.datasets import npz_source
from tests.helpers.spaces import dataset_info, workspace

N = 24


class Desk(QObject):
    """An open dataset; nothing arranges its order."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self.space = workspace(self, N)
        info = replace(dataset_info(N), request=request_for([source]).to_message())
        self.reader = PathReader(self.space.session, self.space.order, self.space.paths, self)
        self.space.session.open(info, "")

    def ask(self, query: str) -> None:
        self.space.order.filter_by(Filters(query=query))


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(npz_source(tmp_path / "tiny.npz", N))
    yield desk
    desk.reader.stop()


def test_only_a_query_that_names_them_has_them_read(qtbot: QtBot, desk: Desk) -> None:
    desk.ask('given == "path"')
    assert desk.reader.is_idle
    with qtbot.waitSignals([desk.space.paths.changed, desk.space.order.wanted_changed]):
        desk.ask('path ~ "[7]"')
    paths = desk.space.paths.paths
    assert paths is not None
    assert paths.holding("TINY.NPZ[7]").nonzero()[0].tolist() == [7]
    qtbot.waitUntil(lambda: desk.reader.is_idle)
    desk.ask("path ~ x")
    assert desk.reader.is_idle


def test_a_source_that_is_gone_is_said_in_words(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "tiny.npz").unlink()
    with qtbot.waitSignal(desk.space.paths.changed):
        desk.ask("path ~ x")
    assert "tiny.npz" in desk.space.paths.trouble
