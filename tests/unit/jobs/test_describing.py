"""The dataset is looked through once its page is shown, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from models.types import DatasetInfo
from qtapp.jobs.describing import Describer
from qtapp.state.describing import DescribingState
from qtapp.state.session import SessionState
from qtapp.state.view import DATA, GRID, ViewState
from tests.helpers import sources


@pytest.fixture
def parts(tmp_path: Path):
    request = sources.npz(tmp_path / "a.npz")
    with sources.opened(request) as source:
        info: DatasetInfo = source.info
    session, view, state = SessionState(), ViewState(), DescribingState()
    describer = Describer(session, view, state)
    session.open(info, "")
    yield describer, view, state
    describer.stop()


def test_it_begins_when_the_page_is_first_shown(qtbot: QtBot, parts) -> None:
    _, view, state = parts
    view.set_thumb_px(128)
    assert not state.is_running
    with qtbot.waitSignal(state.ended) as ended:
        view.set_mode(DATA)
    assert ended.args == [None]
    assert state.page is not None
    assert state.page["looked_at"]["n"] == 24
    view.set_mode(GRID)
    view.set_mode(DATA)
    assert not state.is_running


def test_closing_the_dataset_ends_it_and_forgets(qtbot: QtBot, parts) -> None:
    describer, view, state = parts
    view.set_mode(DATA)
    describer.stop()
    assert not state.is_running
    assert state.page is None


def test_it_can_be_begun_again(qtbot: QtBot, parts) -> None:
    describer, view, state = parts
    with qtbot.waitSignal(state.ended):
        view.set_mode(DATA)
    with qtbot.waitSignal(state.ended):
        describer.again()
    assert state.page is not None
