"""The grid follows the states, and the mouse changes them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from models.types import UNLABELLED
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.selection import NOTHING
from qtapp.state.view import SINGLE
from qtapp.state.workspace import Workspace
from qtapp.views.grid.delegate import _fitted
from qtapp.views.grid.empty import EmptyOrder
from qtapp.views.grid.item_model import Tile, TileItemModel
from qtapp.views.grid.menu import TileMenu
from qtapp.views.grid.view import GridView
from tests.helpers.images import FakeReader
from tests.helpers.screens import recording_registry
from tests.helpers.spaces import score_set, workspace
from tests.qt.grids import click, grid_of, line_px, shown_grid, spot, wheel

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner, n=5000)


@pytest.fixture
def grid(qtbot: QtBot, owner: QObject, space: Workspace, thumbnails: Thumbnails) -> GridView:
    return shown_grid(qtbot, space, thumbnails, owner)


def test_it_says_how_many_columns_and_rows_are_seen(grid: GridView, space: Workspace) -> None:
    columns = space.view.columns
    assert columns == grid.viewport().width() // 116
    first, past_last = space.view.visible_rows
    assert first == 0
    assert past_last % columns == 0
    assert 2 * columns < past_last < 8 * columns


def test_while_scrolling_the_mark_stays_under_the_pointer(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    at = grid._cell(0).center()
    grid._hover(at)
    picture = grid.viewport().grab(grid._cell(0)).toImage()
    bar = grid.verticalScrollBar()
    bar.setValue(3 * line_px(grid))
    under = grid._row_under(at)
    assert under == 3 * space.view.columns
    assert grid._hovered == under
    space.view.zoom(1)
    assert grid._hovered == grid._row_under(at)
    space.view.zoom(-1)
    bar.setValue(0)
    assert grid.viewport().grab(grid._cell(0)).toImage() == picture


def test_where_nothing_is_to_be_scrolled_the_bar_shows_no_handle(
    grid: GridView, space: Workspace
) -> None:
    assert grid.verticalScrollBar().isEnabled()
    for rows in (np.arange(3), np.empty(0, np.int64)):
        space.order.accept(rows, 5000)
        assert not grid.verticalScrollBar().isEnabled()
    space.order.accept(np.arange(5000), 5000)
    assert grid.verticalScrollBar().isEnabled()


def test_a_click_moves_the_keyboard_and_clears_the_selection(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    space.selection.select(np.array([1, 2]))
    click(qtbot, grid, 9)
    assert space.selection.current == 9
    assert space.selection.count == 0


def test_ctrl_adds_and_takes_away_and_shift_extends_in_display_order(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    space.order.accept(np.arange(5000)[::-1].copy(), 5000)
    click(qtbot, grid, 4995)
    click(qtbot, grid, 4990, CTRL)
    assert space.selection.sample_ids.tolist() == [4990]
    click(qtbot, grid, 4993, SHIFT)
    assert space.selection.sample_ids.tolist() == [4990, 4991, 4992, 4993]
    assert (space.selection.anchor, space.selection.current) == (4990, 4993)
    click(qtbot, grid, 4991, CTRL)
    assert space.selection.sample_ids.tolist() == [4990, 4992, 4993]


def test_a_click_beside_the_tiles_clears_the_selection(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    space.order.accept(np.arange(3), 5000)
    space.selection.select(np.array([1]))
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.viewport().rect().bottomRight())
    assert space.selection.count == 0
    assert space.selection.current == NOTHING


def test_a_double_click_shows_one_image(qtbot: QtBot, grid: GridView, space: Workspace) -> None:
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=spot(grid, 3))
    assert space.view.mode == SINGLE


def test_it_follows_the_current_image_by_as_little_as_it_takes(
    grid: GridView, space: Workspace
) -> None:
    space.selection.set_current(4321)
    first, past_last = space.view.visible_rows
    assert first <= 4321 < past_last
    rect = grid.visualRect(grid.model().index(4321, 0))
    assert rect.bottom() == grid.viewport().height() - 1
    before = grid.verticalScrollBar().value()
    space.selection.set_current(4321 - space.view.columns)
    assert grid.verticalScrollBar().value() == before


def test_a_narrower_window_and_back_keeps_the_image_at_the_top(
    grid: GridView, space: Workspace
) -> None:
    bar = grid.verticalScrollBar()
    bar.setValue(40 * line_px(grid))
    top = space.view.visible_rows[0]
    for width in (700, 430, 610, 820):
        grid.resize(width, 600)
        first = space.view.visible_rows[0]
        assert first <= top < first + space.view.columns
    assert space.view.visible_rows[0] == top


def test_ctrl_wheel_zooms_with_the_image_under_the_pointer_staying_there(
    grid: GridView, space: Workspace
) -> None:
    grid.verticalScrollBar().setValue(100 * line_px(grid))
    point = QPoint(333, 444)
    under = grid.sample_under(point)
    before = grid.visualRect(grid.indexAt(point))
    wheel(grid, point, -1, CTRL)
    assert space.view.thumb_px == 80
    model = grid.model()
    assert isinstance(model, TileItemModel)
    after = grid.visualRect(model.index_of(under))
    assert after.top() <= point.y() <= after.bottom()
    assert after.height() < before.height()


def test_zooming_out_and_in_again_comes_back_to_the_same_image(
    grid: GridView, space: Workspace
) -> None:
    grid.verticalScrollBar().setValue(100 * line_px(grid))
    point = QPoint(333, 444)
    under, before = grid.sample_under(point), grid.verticalScrollBar().value()
    for notches in (-1, -1, -1, 1, 1, 1):
        wheel(grid, point, notches, CTRL)
        rect = grid.visualRect(grid.model().index(under, 0))
        assert rect.top() <= point.y() <= rect.bottom() + 1
    assert grid.sample_under(point) == under
    assert abs(grid.verticalScrollBar().value() - before) < 5


def test_after_another_order_the_wheel_zooms_at_what_lies_under_the_pointer_now(
    grid: GridView, space: Workspace
) -> None:
    point = QPoint(333, 444)
    wheel(grid, point, -1, CTRL)
    space.order.accept(np.roll(np.arange(5000), 2500), 5000)
    assert grid.verticalScrollBar().value() == 0
    under = grid.sample_under(point)
    wheel(grid, point, 1, CTRL)
    first, past_last = space.view.visible_rows
    assert first <= space.order.row_of(under) < past_last


def test_on_a_sharper_screen_images_are_asked_for_with_its_pixels(
    grid: GridView, thumbnails: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(thumbnails, "want", lambda _ids, size_px: asked.append(size_px))
    monkeypatch.setattr(grid, "devicePixelRatioF", lambda: 2.0)
    QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.DevicePixelRatioChange))
    assert asked == [192]


def test_without_ctrl_a_notch_of_the_wheel_is_one_line(grid: GridView, space: Workspace) -> None:
    wheel(grid, QPoint(10, 10), -1, Qt.KeyboardModifier.NoModifier)
    assert abs(grid.verticalScrollBar().value() - line_px(grid)) <= 2
    assert space.view.thumb_px == 96


def test_a_new_order_starts_at_the_top_or_stays_with_the_current_image(
    grid: GridView, space: Workspace
) -> None:
    grid.verticalScrollBar().setValue(10_000)
    space.order.accept(np.arange(5000)[::-1].copy(), 5000)
    assert grid.verticalScrollBar().value() == 0
    space.selection.set_current(10)
    space.order.accept(np.roll(np.arange(5000), 2000), 5000)
    first, past_last = space.view.visible_rows
    assert first <= space.order.row_of(10) < past_last


def test_thumbnails_of_what_is_seen_come_first_then_those_ahead(
    qtbot: QtBot, grid: GridView, space: Workspace, thumbnails: Thumbnails
) -> None:
    reader = FakeReader()
    thumbnails.attach(reader)
    grid.verticalScrollBar().setValue(20 * line_px(grid))
    first, past_last = space.view.visible_rows
    last_ahead = past_last + 2 * (past_last - first) - 1
    qtbot.waitUntil(lambda: thumbnails.image(last_ahead) is not None)
    assert reader.asked_ids == list(range(first, last_ahead + 1))
    reader.asked.clear()
    grid.verticalScrollBar().setValue(19 * line_px(grid))
    columns = space.view.columns
    above = first - columns
    qtbot.waitUntil(lambda: thumbnails.image(above - columns) is not None)
    seen_now, next_ones = reader.asked_ids[:columns], reader.asked_ids[columns : 2 * columns]
    assert seen_now == list(range(above, first))
    assert next_ones == list(range(above - 1, above - columns - 1, -1))


def test_letters_and_arrows_are_left_to_the_window(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    space.selection.set_current(0)
    for key in (Qt.Key.Key_X, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Space):
        qtbot.keyClick(grid, key)
    grid.keyboardSearch("given")
    assert grid.verticalScrollBar().value() == 0
    assert space.selection.current == 0
    assert not grid.selectionModel().hasSelection()


def painted(grid: GridView, sample_id: int) -> bytes:
    """The pixels of one tile."""
    model = grid.model()
    assert isinstance(model, TileItemModel)
    image = grid.viewport().grab(grid.visualRect(model.index_of(sample_id))).toImage()
    return bytes(image.constBits())


def test_current_selected_and_decided_tiles_look_different(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    looks = [painted(grid, 4)]
    space.selection.set_current(4)
    looks.append(painted(grid, 4))
    space.selection.select(np.array([4]))
    looks.append(painted(grid, 4))
    space.selection.set_current(5)
    looks.append(painted(grid, 4))
    for status in Status:
        space.labels.status[4] = status
        space.labels.changed.emit(np.array([4]))
        looks.append(painted(grid, 4))
    assert len(set(looks)) == len(looks) - 1  # pending looks as before


def test_a_name_it_had_is_shown_as_more_than_a_line_through_dots_or_not_at_all(
    qtbot: QtBot, owner: QObject, thumbnails: Thumbnails
) -> None:
    looks = []
    for names, had in ((("Trouser", "Sandal"), 1), (("Trouser", "Sandal"), UNLABELLED),
                       (("Bag", "Coat"), 1), (("Bag", "Coat"), UNLABELLED)):  # fmt: skip
        space = workspace(owner, class_names=names)
        space.labels.given[4], space.labels.labels[4] = had, 0
        looks.append(painted(shown_grid(qtbot, space, thumbnails, owner), 4))
    long, long_unlabelled, short, short_unlabelled = looks
    assert long == long_unlabelled
    assert short != short_unlabelled


def test_predictions_vanish_while_hidden(grid: GridView, space: Workspace) -> None:
    unscored = painted(grid, 4)
    space.scores.show(score_set(space.labels.labels))
    scored = painted(grid, 4)
    space.view.hide_predictions(True)
    assert painted(grid, 4) == unscored
    space.view.hide_predictions(False)
    assert painted(grid, 4) == scored


def test_only_the_tiles_that_changed_are_painted(
    qtbot: QtBot, grid: GridView, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    whole = TileItemModel.tile

    def seeing(self: TileItemModel, sample_id: int) -> Tile:
        seen.append(sample_id)
        return whole(self, sample_id)

    monkeypatch.setattr(TileItemModel, "tile", seeing)
    QApplication.processEvents()
    seen.clear()
    space.labels.status[6] = Status.KEPT
    space.labels.changed.emit(np.array([6, 4000]))
    space.selection.toggle(2)
    QApplication.processEvents()
    assert set(seen) == {2, 6}


def test_tiles_are_no_larger_than_qt_can_count(
    qtbot: QtBot, owner: QObject, thumbnails: Thumbnails
) -> None:
    space = workspace(owner, n=5_000_000)
    tiles = TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, owner)
    grid = grid_of(space, tiles, thumbnails, owner)
    qtbot.addWidget(grid)
    grid.resize(600, 400)
    grid.show()
    space.view.set_thumb_px(512)
    space.selection.set_current(4_999_999)
    assert grid.sample_under(spot(grid, 4_999_999)) == 4_999_999


def test_the_menu_copies_and_decides(
    qtbot: QtBot, grid: GridView, space: Workspace, thumbnails: Thumbnails
) -> None:
    thumbnails.attach(FakeReader())
    point = spot(grid, 7)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, grid.mapToGlobal(point))
    QApplication.sendEvent(grid.viewport(), event)
    menu = grid.findChild(TileMenu)
    assert menu is not None
    actions = {action.text(): action for action in menu.actions()}
    assert {"Keep", "Accept", "Exclude"} <= actions.keys()
    clipboard = QGuiApplication.clipboard()
    actions["Copy id 7"].trigger()
    assert clipboard.text() == "7"
    qtbot.waitUntil(lambda: actions["Copy path"].isEnabled())
    actions["Copy path"].trigger()
    assert clipboard.text() == "tiny.npz[7]"
    actions["Copy image"].trigger()
    assert clipboard.image().pixelColor(0, 0).red() == 7
    menu.close()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_an_image_is_copied_whole_and_as_bright_as_it_is_seen(
    grid: GridView, thumbnails: Thumbnails, dtype: type
) -> None:
    pixels = np.zeros((30, 40, 1), dtype)
    pixels[10:] = 16
    thumbnails._full[7] = Picture.of(pixels), "7.png"
    registry, _ = recording_registry(grid)
    TileMenu(7, thumbnails, registry, grid, (0.0, 16.0))._copy_image()
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (40, 30)
    assert [copied.pixelColor(5, y).red() for y in (5, 20)] == [0, 255]


def test_an_empty_filter_says_so_and_offers_the_way_back(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    empty = EmptyOrder(space.session, space.order, grid)
    assert not empty.isVisible()
    space.order.show_tab("selected")
    space.order.accept(np.empty(0, np.int64), 5000)
    assert empty.isVisible()
    assert empty.geometry() == grid.rect()
    with qtbot.waitSignal(space.order.wanted_changed):
        qtbot.mouseClick(empty.button, LEFT)
    assert space.order.wanted.tab == "all"


def test_clearing_the_filters_of_an_empty_grid_gives_it_the_keys(
    qtbot: QtBot, grid: GridView, space: Workspace
) -> None:
    empty = EmptyOrder(space.session, space.order, grid)
    space.order.accept(np.empty(0, np.int64), 5000)
    empty.button.setFocus()
    empty.button.click()
    space.order.accept(np.arange(5000), 5000)
    assert grid.hasFocus()
    assert not empty.button.focusPolicy() & Qt.FocusPolicy.ClickFocus


def test_who_hears_of_an_order_before_the_grid_may_move_the_keyboard(
    owner: QObject, thumbnails: Thumbnails
) -> None:
    space = workspace(owner, n=30)
    space.order.changed.connect(
        lambda: space.selection.set_current(int(space.order.rows[-1])), Qt.DirectConnection
    )
    tiles = TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, owner)
    grid = grid_of(space, tiles, thumbnails, owner)
    space.order.accept(np.arange(3), 30)
    space.order.accept(np.arange(30), 30)
    assert grid.sample_under(spot(grid, 29)) == 29


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("shape", [(1.0, 0.71), (0.37, 1.0)])
def test_a_thumbnail_of_just_this_size_is_painted_pixel_for_pixel(
    shape: tuple[float, float], ratio: float
) -> None:
    width, height = (round(80 * ratio * side) for side in shape)
    made = QImage(width, height, QImage.Format.Format_RGB32)
    place = _fitted(made, QRect(7, 7, 80, 80), ratio)
    on_screen = [value * ratio for value in place.getRect()]
    assert on_screen == pytest.approx([round(value) for value in on_screen])
    assert on_screen[2:] == pytest.approx([made.width(), made.height()])
