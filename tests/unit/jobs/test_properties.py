"""Images are measured when a query or the bias view asks for it, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.review.ordering import Filters
from models.types import OpenRequest
from qtapp.jobs.properties import Measurer
from qtapp.jobs.worker import Cancelled
from tests.helpers import sources
from tests.helpers.datasets import npz_source
from tests.helpers.spaces import workspace

N = 24


class Desk(QObject):
    """An open dataset; nothing arranges its order."""

    def __init__(self, source: Path, project: Path) -> None:
        super().__init__()
        self.space = workspace(self, N)
        self.state = self.space.properties
        self.measurer = Measurer(
            self.space.session, self.space.order, self.state, self.space.bias, self
        )
        with sources.opened(OpenRequest((str(source),))) as opened:
            self.space.session.open(opened.info, str(project))


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "p.winnow").mkdir()
    desk = Desk(npz_source(tmp_path / "tiny.npz", N), tmp_path / "p.winnow")
    yield desk
    desk.measurer.stop()


def test_a_query_that_names_a_property_has_it_measured_and_asks_again(
    qtbot: QtBot, desk: Desk
) -> None:
    order = desk.space.order
    order.filter_by(Filters(query='given == "brightness"'))
    assert not desk.state.is_running
    with qtbot.waitSignal(desk.state.ended) as ended:
        order.filter_by(Filters(query="brightness > 0.5"))
    assert ended.args == [None]
    assert desk.state.is_complete
    assert len(desk.state.columns["brightness"]) == N
    with qtbot.assertNotEmitted(desk.state.changed):
        order.filter_by(Filters(query="contrast > 0.5"))


def test_the_order_is_asked_for_again_once_all_are_measured(qtbot: QtBot, desk: Desk) -> None:
    order = desk.space.order
    order.filter_by(Filters(query="brightness > 0.5"))
    with qtbot.waitSignal(order.wanted_changed):
        pass
    assert desk.state.is_complete


def test_the_view_in_sight_begins_it_and_a_stop_is_kept_to(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.state.ended) as ended:
        desk.space.bias.watch(True)
        assert desk.state.is_running
        desk.measurer.cancel()
    assert isinstance(ended.args[0], Cancelled)
    desk.space.bias.watch(False)
    desk.space.bias.watch(True)
    assert not desk.state.is_running
    with qtbot.waitSignal(desk.state.ended):
        desk.measurer.measure()
    assert desk.state.is_complete


def test_a_source_that_is_gone_is_said_in_words(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "tiny.npz").unlink()
    with qtbot.assertNotEmitted(desk.measurer.failed), qtbot.waitSignal(desk.state.ended):
        desk.space.bias.watch(True)
    assert "tiny.npz" in str(desk.state.problem)


def test_closing_forgets(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.state.ended):
        desk.space.bias.watch(True)
    desk.measurer.stop()
    assert desk.state.properties is None
    assert not desk.state.columns
