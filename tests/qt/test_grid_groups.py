"""Groups in the grid: headers that stick, count and select."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from models.review.columns import Columns
from models.review.decisions import Status
from models.review.grouping import decided_of, group
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.selection import NOTHING
from qtapp.state.workspace import Workspace
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.view import GridView
from qtapp.views.theme import Theme
from tests.helpers.findings import report
from tests.helpers.spaces import score_set, workspace
from tests.qt.grids import LEFT, grid_of, line_px, spot

N = 300


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner, n=N)


@pytest.fixture
def grid(qtbot: QtBot, owner: QObject, space: Workspace) -> Iterator[GridView]:
    thumbnails = Thumbnails(owner)
    tiles = TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, owner)
    made = grid_of(space, tiles, thumbnails, owner)
    qtbot.addWidget(made)
    made.resize(820, 600)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    thumbnails.close()


def group_by(space: Workspace, by: str) -> None:
    """What the arranging worker would do."""
    assert space.session.info is not None
    columns = Columns(
        space.labels.labels,
        space.labels.status,
        space.session.info.split_codes(),
        space.scores.values,
        space.selection.mask,
        space.scores.copy_group,
        given=space.labels.given,
        predicted=space.scores.predicted,
        near_copies=space.audit_findings.near_copies,
    )
    rows, groups = group(np.arange(N), by, columns)
    space.order.accept(rows, N, groups=groups)


def test_each_group_begins_on_a_line_of_its_own_under_its_header(
    grid: GridView, space: Workspace
) -> None:
    group_by(space, "class")
    first = grid.visualRect(grid.model().index(0, 0))
    header = first.top()
    assert header > 20
    assert grid.group_under(QPoint(300, 5)) == 0
    space.selection.set_current(1)  # first of the second class
    rect = grid.visualRect(grid.model().index(100, 0))
    assert rect.left() == first.left()
    assert grid.group_under(rect.topLeft() - QPoint(-300, 5)) == 1
    assert grid.sample_under(rect.topLeft() - QPoint(-300, 5)) == NOTHING


def test_a_header_sticks_to_the_top_until_the_next_one_pushes_it_out(
    grid: GridView, space: Workspace
) -> None:
    group_by(space, "class")
    bar = grid.verticalScrollBar()
    bar.setValue(2 * line_px(grid))
    assert grid.group_under(QPoint(300, 2)) == 0
    header_px = grid.visualRect(grid.model().index(0, 0)).top() + bar.value()
    second = grid.visualRect(grid.model().index(100, 0)).top() + bar.value() - header_px
    bar.setValue(second - 5)
    assert grid.group_under(QPoint(300, 4)) == 0
    assert grid.group_under(QPoint(300, 6)) == 1
    bar.setValue(second + 5)
    assert grid.group_under(QPoint(300, 0)) == 1


def test_what_scrolling_leaves_on_the_screen_is_what_is_painted_anew(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    group_by(space, "class")
    bar = grid.verticalScrollBar()
    for step in (37, 500, -211, 3 * line_px(grid)):
        bar.setValue(bar.value() + step)
        qtbot.wait(1)
        scrolled = grid.grab().toImage()
        grid.viewport().repaint()
        assert scrolled == grid.grab().toImage()


def test_the_current_image_is_never_under_the_header_that_sticks(
    grid: GridView, space: Workspace
) -> None:
    group_by(space, "class")
    grid.verticalScrollBar().setValue(6 * line_px(grid))
    space.selection.set_current(int(space.order.rows[1]))
    rect = grid.visualRect(grid.model().index(1, 0))
    assert grid.sample_under(rect.topLeft()) == space.order.rows[1]


def test_a_click_on_a_header_selects_its_group_and_ctrl_adds_another(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    group_by(space, "class")
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(300, 5))
    assert list(space.selection.sample_ids) == list(range(0, N, 3))
    assert space.selection.current == 0
    space.selection.set_current(1)
    header = grid.visualRect(grid.model().index(100, 0)).topLeft() - QPoint(-300, 5)
    qtbot.mouseClick(grid.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, header)
    assert space.selection.count == 2 * N // 3


def test_a_zoom_keeps_the_image_under_the_pointer_in_groups_too(
    grid: GridView, space: Workspace
) -> None:
    group_by(space, "class")
    space.selection.set_current(int(space.order.rows[150]))
    before = spot(grid, space.selection.current)
    space.view.zoom(1)
    rect = grid.visualRect(grid.model().index(150, 0))
    assert abs(rect.top() - before.y()) < line_px(grid)


@pytest.fixture
def headers(owner: QObject, space: Workspace) -> GroupHeaders:
    theme = Theme("light")
    return GroupHeaders(space.session, space.labels, space.order, space.view, theme, owner)


def test_a_header_says_what_it_is_how_many_and_how_many_are_decided(
    headers: GroupHeaders, space: Workspace
) -> None:
    group_by(space, "class")
    assert headers.words(1) == "bee, 100 images"
    space.labels.status[:4] = Status.KEPT
    groups = space.order.groups
    assert groups is not None
    space.order.accept_decided(decided_of(space.order.rows, groups.starts, space.labels.status))
    assert headers.words(0) == "ant, 100 images, 2 decided"
    space.labels.status[:] = Status.EXCLUDED
    group_by(space, "class")
    assert headers.words(2) == "cat, 100 images, all decided"


@pytest.mark.parametrize(
    "direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft]
)
def test_a_header_begins_where_its_tiles_do(
    headers: GroupHeaders, space: Workspace, direction: Qt.LayoutDirection
) -> None:
    group_by(space, "class")
    image = QImage(600, headers.height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setLayoutDirection(direction)
    headers.paint(painter, image.rect(), 0, hovered=False)
    painter.end()
    line = image.height() // 2
    inked = [x for x in range(600) if image.pixel(x, line) != image.pixel(300, 0)]
    from_right = direction == Qt.LayoutDirection.RightToLeft
    assert inked
    assert (min(inked) >= 300) if from_right else (max(inked) < 300)


def test_a_pair_names_both_classes_and_hides_the_predicted_one(
    headers: GroupHeaders, space: Workspace
) -> None:
    space.scores.show(score_set(space.labels.labels))
    group_by(space, "pair")
    assert headers.words(0) == "ant → bee, 100 images"
    space.view.hide_predictions(True)
    assert headers.words(0) == "ant, 100 images"


def test_sets_of_copies_and_splits_have_names(headers: GroupHeaders, space: Workspace) -> None:
    scores = score_set(space.labels.labels)
    scores.evidence.copy_group[[7, 9]] = 7
    space.scores.show(scores)
    group_by(space, "copies")
    assert headers.words(0) == "The same image as 7, 2 images"
    assert headers.words(1) == "No copies, 298 images"
    near = np.full(N, -1, np.int32)
    near[[9, 20]] = 9
    space.audit_findings.recall(report(space.labels.labels, [], near_copies=near))
    group_by(space, "copies")
    assert headers.words(0) == "The same or nearly the same image as 7, 3 images"
    group_by(space, "split")
    assert headers.words(0) == "all, 300 images"
    space.order.accept(np.arange(3), N)
    assert headers.height == 0
