"""The map in a widget of its own: colours, lasso, moving, and what it says without a map."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.errors import WinnowError
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.positions import Positions
from models.types import Progress
from qtapp.jobs.map_pictures import NOTHING_TOLD, MapPictures
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.mapping import MapShown, MapState
from qtapp.state.selection import NOTHING
from qtapp.state.view import BLIND, GRID, SINGLE
from qtapp.views.map.panel import MapPanel
from tests.qt.states import Review

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL, NONE = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.NoModifier,
)


class Shown:
    """A map panel over a small review; image i lies in column i % 6 and row i // 6."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.review = qtbot, Review(splits={"train": 20, "test": 4})
        of, self.state = self.review, MapState()
        self.pictures = MapPictures(
            of.session, of.labels, of.scores, of.audit, of.selection, self.state
        )
        self.panel = MapPanel(
            *(of.session, of.labels, of.scores, of.selection, of.order, of.view, of.training),
            *(self.state, self.pictures, Thumbnails(), of.theme),
        )
        self.canvas = self.panel.canvas
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 320)
        self.panel.show()

    def lay_out(self) -> None:
        ids = np.arange(24)
        layout = np.stack([ids % 6, ids // 6], axis=1).astype(np.float32)
        number = self.state.begin()
        self.state.accept(number, MapShown(Positions(layout), 0, 0, 24, final=True))
        self.state.end(number, None)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.pictures.is_idle and self.canvas.picture is not None)
        QApplication.processEvents()

    def at(self, sample_id: int, dx: float = 0, dy: float = 0) -> QPoint:
        """The pixel of a place as far from an image as from its neighbours times dx, dy."""
        place = (sample_id % 6 + dx, sample_id // 6 + dy)
        size = self.canvas.width(), self.canvas.height()
        return QPointF(*self.canvas.camera.to_screen(place, *size)).toPoint()

    def drag(self, points: list[QPoint], modifier: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.canvas, LEFT, modifier, points[0])
        for point in points[1:]:
            QTest.mouseMove(self.canvas, point)
        with self.qtbot.waitSignal(self.review.selection.changed):
            QTest.mouseRelease(self.canvas, LEFT, modifier, points[-1])

    @property
    def selected(self) -> list[int]:
        return self.review.selection.sample_ids.tolist()


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    made = Shown(qtbot)
    yield made
    made.panel.hide()
    made.pictures.stop()


def test_a_lasso_selects_everywhere_and_ctrl_adds(shown: Shown) -> None:
    shown.lay_out()
    corners = [shown.at(7, -0.4, -0.4), shown.at(8, 0.4, -0.4), shown.at(8, 0.4, 0.4)]
    shown.drag([*corners, shown.at(7, -0.4, 0.4)])
    assert shown.selected == [7, 8]
    around = [shown.at(0, dx, dy) for dx, dy in ((-0.3, -0.3), (0.3, -0.3), (0.3, 0.3))]
    shown.drag([*around, shown.at(0, -0.3, 0.3)], CTRL)
    assert shown.selected == [0, 7, 8]


def test_a_box_with_shift(shown: Shown) -> None:
    shown.lay_out()
    shown.drag([shown.at(0, -0.4, -0.4), shown.at(13, 0.4, 0.4)], SHIFT)
    assert shown.selected == [0, 1, 6, 7, 12, 13]


def test_a_click_makes_an_image_the_current_one_and_two_open_it(shown: Shown) -> None:
    shown.lay_out()
    QTest.mouseClick(shown.canvas, LEFT, pos=shown.at(9))
    assert shown.review.selection.current == 9
    assert shown.selected == []
    QTest.mouseDClick(shown.canvas, LEFT, pos=shown.at(10))
    assert shown.review.selection.current == 10
    assert shown.review.view.mode == SINGLE


def test_the_image_under_the_pointer_is_shown(shown: Shown) -> None:
    shown.lay_out()
    QTest.mouseMove(shown.canvas, shown.at(4))
    assert shown.panel.card.sample_id == 4
    assert shown.panel.card.isVisible()
    QTest.mouseMove(shown.canvas, shown.at(4, 0.5, 0.5))
    assert shown.panel.card.sample_id == NOTHING
    assert shown.panel.card.isHidden()


def test_the_wheel_zooms_at_the_pointer(shown: Shown) -> None:
    shown.lay_out()
    at = shown.at(8)
    before = shown.canvas.camera.scale
    turned = QWheelEvent(
        *(at.toPointF(), at.toPointF(), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, NONE),
        *(Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(shown.canvas, turned)
    assert shown.canvas.camera.scale > before * 1.3
    assert (shown.at(8) - at).manhattanLength() <= 2


def test_keys_move_and_fit(shown: Shown) -> None:
    shown.lay_out()
    whole = shown.canvas.camera
    QTest.keyClick(shown.canvas, Qt.Key.Key_Plus)
    QTest.keyClick(shown.canvas, Qt.Key.Key_Right)
    QTest.keyClick(shown.canvas, Qt.Key.Key_Down)
    moved = shown.canvas.camera
    assert moved.scale > whole.scale
    assert moved.centre[0] > whole.centre[0]
    assert moved.centre[1] < whole.centre[1]
    QTest.keyClick(shown.canvas, Qt.Key.Key_0)
    assert shown.canvas.camera == whole


def test_enter_shows_the_selected_images(shown: Shown) -> None:
    shown.lay_out()
    assert shown.panel.show_selected.isHidden()
    shown.review.selection.select(np.array([3, 5]))
    assert shown.panel.show_selected.text() == "Show 2 selected"
    QTest.keyClick(shown.canvas, Qt.Key.Key_Return)
    assert shown.review.order.wanted.tab == "selected"
    assert shown.review.view.mode == GRID


def test_colours_by_label_state_split_and_scores(shown: Shown) -> None:
    shown.lay_out()
    legend, choice = shown.panel.legend, shown.panel.colour
    assert legend.accessibleDescription() == "cat: 8; dog: 8; bird: 8"
    assert [choice.itemData(i) for i in range(choice.count())] == ["label", "state", "split"]
    shown.review.score()
    choice.setCurrentIndex(choice.findData("split"))
    shown.settle()
    assert legend.accessibleDescription() == "train: 20; test: 4"
    choice.setCurrentIndex(choice.findData("suspicion"))
    shown.settle()
    picture = shown.canvas.picture
    assert picture is not None
    assert picture.colouring.is_scale


def test_a_class_that_was_merged_has_no_colour_of_its_own_by_prediction_either(
    shown: Shown,
) -> None:
    shown.lay_out()
    shown.review.score()
    shown.review.labels.classes = ClassList(("cat", "dog", "bird"), {1: 0})
    shown.panel.colour.setCurrentIndex(shown.panel.colour.findData("predicted"))
    shown.settle()
    assert shown.panel.legend.accessibleDescription() == "cat: 16; bird: 8"


def test_a_decision_is_seen_at_once(shown: Shown) -> None:
    shown.lay_out()
    shown.panel.colour.setCurrentIndex(shown.panel.colour.findData("state"))
    shown.settle()
    shown.review.decide(3, Status.KEPT)
    shown.settle()
    assert "Kept: 1" in shown.panel.legend.accessibleDescription()


def test_in_a_blind_session_it_tells_nothing(shown: Shown) -> None:
    shown.lay_out()
    shown.review.view.set_mode(BLIND)
    shown.settle()
    picture = shown.canvas.picture
    assert picture is not None
    assert picture.by == NOTHING_TOLD
    QTest.mouseMove(shown.canvas, shown.at(4))
    assert shown.panel.card.isHidden()


def test_without_a_map_it_says_how_to_get_one(shown: Shown, qtbot: QtBot) -> None:
    panel = shown.panel
    assert "lie together" in panel.message.text()
    with qtbot.waitSignal(panel.wanted):
        panel.make.click()
    shown.review.training.begin()
    assert "training is using" in panel.message.text()
    number = shown.state.begin()
    shown.state.accept(number, Progress(30, 100, "laying out"))
    assert panel.message.text() == "Laying out the map… 30%"
    assert panel.make.isHidden()
    with qtbot.waitSignal(panel.stopped):
        panel.stop.click()
    shown.state.end(number, WinnowError("no image can be compared with another"))
    assert panel.message.text() == "no image can be compared with another."
    assert panel.make.text() == "Try again"
    shown.review.session.close()
    assert panel.message.text().startswith("The map needs a dataset")


def test_a_map_of_a_model_that_knew_less_offers_a_new_one(shown: Shown) -> None:
    shown.lay_out()
    assert shown.panel.about.text() == "24 images · by their pixels"
    assert shown.panel.again.isHidden()
    shown.review.score()
    assert shown.panel.again.isVisible()
    assert "knows more" in shown.panel.about.text()


def test_every_control_has_a_name_and_is_reached_by_tab(shown: Shown) -> None:
    panel = shown.panel
    for control in (panel.colour, panel.make, panel.stop, panel.again, panel.all_of_it):
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control.accessibleName() or control.text()  # type: ignore[attr-defined]
    assert shown.canvas.accessibleName()
