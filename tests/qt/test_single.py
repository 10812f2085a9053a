"""One image at a time, the peek over the grid, and the image itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from models.review.likeness import neighbourhood
from models.review.stopping import AuditedQueue
from qtapp.commands.registry import Registry
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.workspace import Workspace
from qtapp.views.caption import Caption
from qtapp.views.image_view import ImageView
from qtapp.views.parts import CommandButton
from qtapp.views.peek import Peek
from qtapp.views.single import SingleView
from qtapp.views.theme import Theme
from tests.helpers.images import FakeReader
from tests.helpers.screens import recording_registry
from tests.helpers.spaces import score_set, workspace


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    return QObject()


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner)


@pytest.fixture
def thumbnails(owner: QObject) -> Iterator[Thumbnails]:
    made = Thumbnails(owner)
    made.attach(FakeReader(broken=frozenset({5})))
    yield made
    made.close()


@pytest.fixture
def recorded(owner: QObject) -> tuple[Registry, list[str]]:
    return recording_registry(owner)


@pytest.fixture
def single(
    qtbot: QtBot,
    space: Workspace,
    thumbnails: Thumbnails,
    recorded: tuple[Registry, list[str]],
) -> SingleView:
    view = SingleView(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.audit, thumbnails, recorded[0], Theme("light"),
    )  # fmt: skip
    qtbot.addWidget(view)
    view.resize(700, 500)
    return view


@pytest.fixture
def image(qtbot: QtBot) -> ImageView:
    view = ImageView(Theme("light"))
    qtbot.addWidget(view)
    view.resize(200, 100)
    return view


def said(caption: Caption) -> str:
    """Every text of a caption that can be seen."""
    labels = caption.findChildren(QLabel)
    return " | ".join(label.text() for label in labels if label.isVisible() and label.text())


def shade(view: QWidget, x: int, y: int) -> int:
    return QColor(view.grab().toImage().pixel(x, y)).red()


def test_it_shows_the_current_image_and_reads_the_next_one(
    qtbot: QtBot, single: SingleView, space: Workspace, thumbnails: Thumbnails
) -> None:
    space.order.accept(np.array([20, 9, 5, 1]), 24)
    space.selection.set_current(20)
    single.show()
    qtbot.waitUntil(lambda: thumbnails.full(9) is not None)
    assert shade(single.image, single.image.width() // 2, single.image.height() // 2) == 20
    assert single.place.text() == "1 of 4"
    space.selection.set_current(5)
    qtbot.waitUntil(lambda: thumbnails.full(1) is not None)
    assert single.place.text() == "3 of 4"
    assert thumbnails.full(5) == "tiny.npz[5]: is cut short."


def test_nothing_is_read_while_nobody_looks(
    single: SingleView, space: Workspace, thumbnails: Thumbnails, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(thumbnails.full_arrived, wait=20):
        space.selection.set_current(3)


def test_the_caption_says_what_the_tile_says(
    qtbot: QtBot, single: SingleView, space: Workspace
) -> None:
    space.selection.set_current(1)
    single.show()
    assert said(single.caption) == "bee | undecided"
    scores = score_set(space.labels.labels)
    scores.values["loss"][1], scores.values["confidence"][1] = 2.1, 0.93
    space.scores.show(scores)
    assert said(single.caption) == "cat | bee | loss 2.10   p 0.93 | undecided"
    space.labels.labels[1], space.labels.status[1] = 2, Status.CHANGED
    space.labels.changed.emit(np.array([1]))
    assert said(single.caption).startswith("cat | bee | cat | loss ")
    space.view.hide_predictions(True)
    assert said(single.caption) == "bee | cat | changed"


def test_an_audit_image_is_shown_with_its_given_label_alone_until_it_is_decided(
    single: SingleView, space: Workspace
) -> None:
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(0, audits=[1]))
    space.selection.set_current(1)
    single.show()
    assert said(single.caption) == "bee | undecided"
    assert single.badge.isVisible()
    assert single.badge.text() == "random audit image: judged without a suggestion"
    assert not single.place.isVisible()  # the row would tell how suspect it is
    space.labels.status[1] = Status.KEPT
    space.labels.changed.emit(np.array([1]))
    assert said(single.caption).startswith("cat | bee | loss ")
    assert not single.badge.isVisible()
    assert single.place.isVisible()


def test_a_name_of_any_length_does_not_widen_the_window(
    qtbot: QtBot, owner: QObject, thumbnails: Thumbnails
) -> None:
    space = workspace(owner, class_names=("x" * 4000, "y"))
    caption = Caption(space.labels, space.scores, space.view, Theme("light"))
    qtbot.addWidget(caption)
    caption.show_sample(0)
    assert caption.sizeHint().width() < 500


def test_its_buttons_are_the_commands(
    qtbot: QtBot, single: SingleView, recorded: tuple[Registry, list[str]]
) -> None:
    single.show()
    for button in single.findChildren(CommandButton):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert recorded[1] == [
        *("look.grid", "move.previous", "move.next", "decide.keep", "decide.accept"),
        *("decide.exclude", "decide.second_look", "decide.clear"),
    ]


def test_peeking_covers_the_grid_while_it_lasts_and_follows(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(600, 400)
    page.show()
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, thumbnails, Theme("light"), page,
    )  # fmt: skip
    space.view.peek(True)
    assert not peek.isVisible()  # there is no current image
    space.view.peek(False)
    space.selection.set_current(7)
    with qtbot.waitSignal(thumbnails.full_arrived):
        space.view.peek(True)
    assert peek.geometry() == page.rect()
    assert shade(peek.image, peek.image.width() // 2, peek.image.height() // 2) == 7
    with qtbot.waitSignal(thumbnails.full_arrived):
        space.selection.set_current(8)
    assert said(peek.caption).startswith("cat")
    with qtbot.waitSignal(thumbnails.full_arrived):
        space.view.point_at(3)  # a neighbour under the pointer
    assert shade(peek.image, peek.image.width() // 2, peek.image.height() // 2) == 3
    assert said(peek.caption).startswith("ant")
    space.view.peek(False)
    assert not peek.isVisible()


def test_beside_a_peek_lie_the_nearest_and_until_they_are_known_the_next_in_the_order(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, thumbnails, Theme("light"), page,
    )  # fmt: skip
    space.selection.set_current(1)
    in_the_order = [(-1, ""), (-1, ""), (0, ""), (2, ""), (3, ""), (4, "")]
    assert peek._beside() == ("in the order", in_the_order)
    scores = score_set(space.labels.labels)
    space.scores.show(scores)
    ids, distance = np.arange(24), np.abs(np.arange(24) - 1.0).astype(np.float32) / 10
    space.neighbours.show(
        neighbourhood(1, ids, distance, space.labels.labels, space.labels.status, 2)
    )
    title, beside = peek._beside()
    assert title == "nearest by look"
    assert beside[:3] == [(0, "0.100"), (2, "0.100"), (3, "0.200")]
    assert len(beside) == 6
    space.audit.load(AuditedQueue(0, audits=[1]))
    space.neighbours.show(None)
    assert peek._beside() == ("", [])


def test_images_of_any_size_can_show_the_same_part(image: ImageView, qtbot: QtBot) -> None:
    other = ImageView(Theme("light"))
    qtbot.addWidget(other)
    other.resize(200, 100)
    image.show_image(np.zeros((50, 100, 1), np.uint8))
    other.show_image(np.zeros((100, 200, 1), np.uint8))
    with qtbot.waitSignal(image.moved):
        image.zoom(4, QPointF(50, 25))
    other.take_pose(image.pose)
    assert other.scale == pytest.approx(4)
    middle = QPointF(100, 50)
    assert other.image_point(middle) == image.image_point(middle) * 2
    image.fit()
    other.take_pose(image.pose)
    assert other.scale == pytest.approx(1)


def test_an_image_is_fitted_and_its_pixels_stay_squares(image: ImageView) -> None:
    image.show_image(np.array([[[0], [200]]], np.uint8))
    assert image.scale == 100
    assert [shade(image, x, 50) for x in (2, 98, 101, 197)] == [0, 0, 200, 200]


def test_zooming_keeps_the_point_under_the_pointer(image: ImageView) -> None:
    image.show_image(np.zeros((100, 200, 1), np.uint8))
    at = QPointF(50, 25)
    image.zoom(4, at)
    assert image.scale == pytest.approx(4)
    assert image.image_point(at) == at
    image.fit()
    assert image.scale == pytest.approx(1)


def test_dragging_moves_the_image_and_a_double_click_fits_it_again(
    qtbot: QtBot, image: ImageView
) -> None:
    image.show_image(np.arange(200, dtype=np.uint8).reshape(1, 200, 1).repeat(100, 0))
    image.show()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(image, left, pos=QPoint(100, 50))
    qtbot.mouseMove(image, QPoint(60, 50))
    qtbot.mouseRelease(image, left, pos=QPoint(60, 50))
    assert image.image_point(QPointF(100, 50)).x() == pytest.approx(140)
    qtbot.mouseDClick(image, left)
    assert image.image_point(QPointF(100, 50)).x() == pytest.approx(100)


def test_window_and_level_stretch_a_range_of_values(image: ImageView) -> None:
    image.show_image(np.array([[[100], [110]]], np.uint8))
    image.set_window_level(10, 105)
    assert image.window_level == pytest.approx((10, 105))
    assert [shade(image, x, 50) for x in (50, 150)] == [0, 255]
    image.fit()
    assert [shade(image, x, 50) for x in (50, 150)] == [100, 110]


def test_values_of_other_types_are_shown_in_the_range_of_the_dataset(image: ImageView) -> None:
    image.show_image(np.array([[[-1.0], [1.0]]], np.float64), (-1.0, 1.0))
    assert [shade(image, x, 50) for x in (50, 150)] == [0, 255]
    image.show_image(np.array([[[0], [2000]]], np.uint16), (0.0, 4000.0))
    assert shade(image, 150, 50) == 127


def test_an_image_much_larger_than_the_view_is_shown_whole(image: ImageView) -> None:
    image.show_image(np.full((4000, 8000, 3), 90, np.uint8))
    assert shade(image, 100, 50) == 90


def test_what_cannot_be_read_is_said_in_its_place(image: ImageView) -> None:
    image.show_image(None)
    empty = image.grab().toImage()
    image.show_image("digits.npz[3]: is cut short.")
    assert image.grab().toImage() != empty
