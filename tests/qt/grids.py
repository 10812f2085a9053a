"""A grid over a workspace, and where to point the mouse in it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.workspace import Workspace
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.view import GridView
from qtapp.views.theme import Theme
from tests.helpers import screens
from tests.helpers.screens import COMMANDS, recording_registry

LEFT = Qt.MouseButton.LeftButton


def grid_of(
    space: Workspace, tiles: TileItemModel, thumbnails: Thumbnails, owner: QObject
) -> GridView:
    registry, _ = recording_registry(owner, (*COMMANDS, "move.select_group"))
    theme = Theme("light")
    headers = GroupHeaders(space.session, space.labels, space.order, space.view, theme, owner)
    return GridView(tiles, headers, space.selection, space.view, thumbnails, registry, theme)


def shown_grid(qtbot: QtBot, space: Workspace, thumbnails: Thumbnails, owner: QObject) -> GridView:
    """A grid on the screen, seven tiles wide."""
    tiles = TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, owner)
    grid = grid_of(space, tiles, thumbnails, owner)
    qtbot.addWidget(grid)
    grid.resize(820, 600)
    with qtbot.waitExposed(grid):
        grid.show()
    return grid


def spot(grid: GridView, sample_id: int) -> QPoint:
    """The middle of a sample's tile, in the viewport."""
    model = grid.model()
    assert isinstance(model, TileItemModel)
    return grid.visualRect(model.index_of(sample_id)).center()


def line_px(grid: GridView) -> int:
    return grid.visualRect(grid.model().index(0, 0)).height()


def click(
    qtbot: QtBot,
    grid: GridView,
    sample_id: int,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mouseClick(grid.viewport(), LEFT, modifier, spot(grid, sample_id))


def wheel(grid: GridView, point: QPoint, notches: int, modifier: Qt.KeyboardModifier) -> None:
    screens.wheel(grid.viewport(), QPointF(point), notches, modifier)
