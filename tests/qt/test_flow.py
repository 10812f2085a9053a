"""Widgets in lines: as many lines as the room needs, for what the widgets are now."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtapp.views.flow import Flow


class Tile(QWidget):
    """As large as it is told."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.wide = width

    def sizeHint(self) -> QSize:
        return QSize(self.wide, 10)

    def grow(self, width: int) -> None:
        self.wide = width
        self.updateGeometry()


@pytest.fixture
def around(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def flow(around: QWidget) -> Flow:
    flow = Flow(around)
    flow.setSpacing(0)
    for _ in range(3):
        flow.addWidget(Tile(40))
    return flow


def tile(flow: Flow, at: int) -> Tile:
    item = flow.itemAt(at)
    assert item is not None
    shown = item.widget()
    assert isinstance(shown, Tile)
    return shown


def test_a_narrow_room_takes_more_lines(flow: Flow) -> None:
    assert [flow.heightForWidth(width) for width in (120, 80, 40)] == [10, 20, 30]


def test_a_tile_that_grew_or_went_or_came_is_counted_anew(flow: Flow) -> None:
    assert flow.heightForWidth(120) == 10
    tile(flow, 0).grow(60)
    assert flow.heightForWidth(120) == 20
    tile(flow, 0).hide()
    assert flow.heightForWidth(120) == 10
    flow.addWidget(Tile(60))
    assert flow.heightForWidth(120) == 20
    flow.takeAt(3)
    assert flow.heightForWidth(120) == 10
