"""The rubber band, and dragging files out of the grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.types import SampleIds
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.workspace import Workspace
from qtapp.views.grid.view import GridView
from tests.helpers.images import FakeReader
from tests.helpers.spaces import workspace
from tests.qt.grids import LEFT, click, line_px, shown_grid, spot

NONE = Qt.KeyboardModifier.NoModifier
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


class FolderReader(FakeReader):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def files(self, sample_ids: SampleIds) -> list[str]:
        return [str(self.folder / f"{i}.png") for i in sample_ids.tolist()]


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner, n=500)


@pytest.fixture
def grid(qtbot: QtBot, owner: QObject, space: Workspace, thumbnails: Thumbnails) -> GridView:
    return shown_grid(qtbot, space, thumbnails, owner)


def mouse(
    grid: GridView, kind: QMouseEvent.Type, at: QPoint, modifiers: Qt.KeyboardModifier = NONE
) -> None:
    there, everywhere = QPointF(at), QPointF(grid.viewport().mapToGlobal(at))
    let_go = kind == QMouseEvent.Type.MouseButtonRelease
    down = Qt.MouseButton.NoButton if let_go else LEFT
    button = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseMove else LEFT
    event = QMouseEvent(kind, there, everywhere, button, down, modifiers)
    QApplication.sendEvent(grid.viewport(), event)


def drag(grid: GridView, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press, move and stay there."""
    mouse(grid, QMouseEvent.Type.MouseButtonPress, start, modifiers)
    mouse(grid, QMouseEvent.Type.MouseMove, (start + end) / 2, modifiers)
    mouse(grid, QMouseEvent.Type.MouseMove, end, modifiers)


def let_go(grid: GridView, at: QPoint) -> None:
    mouse(grid, QMouseEvent.Type.MouseButtonRelease, at)


def test_a_band_from_empty_space_selects_what_it_touches(grid: GridView, space: Workspace) -> None:
    space.order.accept(np.arange(10), 500)
    columns = space.view.columns
    empty = grid.viewport().rect().bottomRight() - QPoint(3, 3)
    drag(grid, empty, spot(grid, 1))
    assert list(space.selection.sample_ids) == [*range(1, columns), *range(columns + 1, 10)]
    let_go(grid, spot(grid, 1))
    mouse(grid, QMouseEvent.Type.MouseMove, spot(grid, 0))
    assert space.selection.count == columns - 1 + 10 - columns - 1


def test_with_alt_a_band_begins_on_a_tile_and_shift_adds_to_what_is_selected(
    grid: GridView, space: Workspace
) -> None:
    space.selection.select(np.array([20]))
    drag(grid, spot(grid, 1), spot(grid, 3), ALT)
    assert list(space.selection.sample_ids) == [1, 2, 3]
    let_go(grid, spot(grid, 3))
    columns = space.view.columns
    drag(grid, spot(grid, columns), spot(grid, columns + 1), ALT | SHIFT)
    assert list(space.selection.sample_ids) == [1, 2, 3, columns, columns + 1]


def test_a_band_grows_while_it_scrolls(qtbot: QtBot, grid: GridView, space: Workspace) -> None:
    below = QPoint(spot(grid, 0).x(), grid.viewport().height() + 400)
    drag(grid, spot(grid, 0), below, ALT)
    columns = space.view.columns
    qtbot.waitUntil(lambda: grid.verticalScrollBar().value() > 20 * line_px(grid))
    let_go(grid, below)
    selected = space.selection.sample_ids
    assert len(selected) > 20
    assert (selected % columns == 0).all()


def test_a_click_with_alt_is_a_click(qtbot: QtBot, grid: GridView, space: Workspace) -> None:
    click(qtbot, grid, 7, ALT)
    assert space.selection.current == 7


def test_a_click_on_a_selected_tile_clears_the_selection_when_it_is_let_go(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    space.selection.select(np.array([1, 2]))
    qtbot.mousePress(grid.viewport(), LEFT, pos=spot(grid, 1))
    assert space.selection.count == 2
    qtbot.mouseRelease(grid.viewport(), LEFT, pos=spot(grid, 1))
    assert space.selection.count == 0
    assert space.selection.current == 1


@pytest.fixture
def dragged(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The files of each drag that was begun."""
    begun: list[list[str]] = []

    def begin(self: QDrag, *_actions: object) -> Qt.DropAction:
        begun.append([url.toLocalFile() for url in self.mimeData().urls()])
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", begin)
    return begun


def test_selected_images_are_dragged_out_as_files(
    qtbot: QtBot,
    grid: GridView,
    space: Workspace,
    thumbnails: Thumbnails,
    dragged: list[list[str]],
    tmp_path: Path,
) -> None:
    thumbnails.attach(FolderReader(tmp_path))
    space.selection.select(np.array([1, 2]))
    mouse(grid, QMouseEvent.Type.MouseButtonPress, spot(grid, 2))
    qtbot.waitUntil(lambda: bool(thumbnails.files))
    mouse(grid, QMouseEvent.Type.MouseMove, spot(grid, 4))
    assert dragged == [[str(tmp_path / "1.png"), str(tmp_path / "2.png")]]
    assert space.selection.count == 2
    mouse(grid, QMouseEvent.Type.MouseMove, spot(grid, 5))
    assert len(dragged) == 1


def test_images_of_an_array_are_no_files_to_drag(
    qtbot: QtBot,
    grid: GridView,
    space: Workspace,
    thumbnails: Thumbnails,
    dragged: list[list[str]],
) -> None:
    thumbnails.attach(FakeReader())
    drag(grid, spot(grid, 2), spot(grid, 4))
    assert dragged == []
    let_go(grid, spot(grid, 4))
    assert space.selection.current == 2
