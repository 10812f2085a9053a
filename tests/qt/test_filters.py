"""The left rail filters what its lists and brushes say, and follows decisions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.review.classes import ClassChange, ClassList
from models.review.decisions import Status
from models.review.ordering import Filters
from models.review.queues import Queue
from models.types import UNLABELLED
from qtapp.views.panels.facets import FacetList
from qtapp.views.panels.filters import FiltersPanel
from tests.helpers.seen import painted
from tests.qt.states import Review, names


def shown(qtbot: QtBot, review: Review) -> FiltersPanel:
    panel = FiltersPanel(review.session, review.labels, review.order, review.theme)
    qtbot.addWidget(panel)
    panel.resize(230, 900)
    panel.show()
    return panel


def click(qtbot: QtBot, rail: FacetList, row: int, ctrl: bool = False) -> None:
    middle = rail.visualRect(rail.item_model.index(row)).center()
    held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(rail.viewport(), Qt.MouseButton.LeftButton, held, middle)


def test_a_click_filters_and_a_second_click_shows_all(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    click(qtbot, panel.statuses, Status.CHANGED)
    assert review.order.wanted.filters.statuses == {Status.CHANGED}
    assert review.order.wanted.tab == "filtered"
    click(qtbot, panel.statuses, Status.CHANGED)
    assert review.order.wanted.filters.is_empty
    assert review.order.wanted.tab == "all"


def test_ctrl_click_adds(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    click(qtbot, panel.classes, 0)
    click(qtbot, panel.classes, 2, ctrl=True)
    assert review.order.wanted.filters.classes == {0, 2}
    click(qtbot, panel.classes, 1)
    assert review.order.wanted.filters.classes == {1}


def test_lists_answer_to_the_keyboard(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    panel.classes.setFocus()
    panel.classes.setCurrentIndex(panel.classes.item_model.index(0))
    qtbot.keyClick(panel.classes, Qt.Key.Key_Down)
    qtbot.keyClick(panel.classes, Qt.Key.Key_Space)
    assert review.order.wanted.filters.classes == {1}


def test_counts_of_review_states_follow_a_decision(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    review.decide(3, Status.EXCLUDED)
    counts = {facet.code: facet.count for facet in panel.statuses.item_model.lines}
    assert counts[Status.EXCLUDED] == 1
    assert counts[Status.PENDING] == 23


def test_clear_filters_is_offered_while_there_are_some(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    assert not panel.clear_button.isVisible()
    review.order.filter_by(Filters(classes=frozenset([1])))
    assert panel.clear_button.isVisible()
    panel.clear_button.click()
    assert review.order.wanted.filters.is_empty


def test_a_range_reaches_the_filters_and_goes_again(qtbot: QtBot) -> None:
    review = Review()
    review.score()
    review.count()
    panel = shown(qtbot, review)
    panel.histograms["loss"].chosen.emit((0.5, math.inf))
    assert review.order.wanted.filters.ranges == {"loss": (0.5, math.inf)}
    panel.histograms["loss"].chosen.emit(None)
    assert review.order.wanted.filters.is_empty


def test_splits_are_listed_when_there_are_several(qtbot: QtBot) -> None:
    assert not shown(qtbot, Review()).splits.isVisible()
    panel = shown(qtbot, Review(splits={"train": 20, "test": 4}))
    assert [facet.name for facet in panel.splits.item_model.lines] == ["train", "test"]


def test_each_of_the_first_ten_classes_shows_its_digit(qtbot: QtBot) -> None:
    panel = shown(qtbot, Review(class_names=names(12)))
    keys = [facet.key for facet in panel.classes.item_model.lines]
    assert keys == [*"1234567890", "", ""]


def test_many_classes_are_searched(qtbot: QtBot) -> None:
    panel = shown(qtbot, Review(class_names=names(1_000)))
    assert panel.search.isVisible()
    panel.search.setText("SS 99")
    found = [facet.name for facet in panel.classes.item_model.lines]
    assert found == ["class 99", *(f"class {i}" for i in range(990, 1_000))]
    click(qtbot, panel.classes, 0)
    assert panel._order.wanted.filters.classes == {99}


def test_few_classes_need_no_search(qtbot: QtBot) -> None:
    assert not shown(qtbot, Review()).search.isVisible()


def test_a_search_that_is_out_of_sight_hides_no_class(qtbot: QtBot) -> None:
    review = Review(class_names=names(21))
    panel = shown(qtbot, review)
    panel.search.setText("class 20")
    review.labels.classes = review.labels.classes.after(ClassChange(merged=(20,), into=0))
    review.labels.classes_changed.emit()
    assert not panel.search.isVisible()
    assert [facet.name for facet in panel.classes.item_model.lines] == list(names(20))


def test_what_was_searched_for_goes_with_its_dataset(qtbot: QtBot) -> None:
    review = Review(class_names=names(30))
    panel = shown(qtbot, review)
    panel.search.setText("class 2")
    given = review.given
    others = ClassList.of(tuple(f"other {code}" for code in range(30)))
    review.labels.load(given, given.copy(), np.zeros(len(given), np.uint8), others, 1, 0)
    assert panel.search.text() == ""
    assert len(panel.classes.item_model.lines) == 30


def test_images_without_a_label_are_a_line_of_their_own(qtbot: QtBot) -> None:
    review = Review()
    review.labels.labels[:5] = UNLABELLED
    review.count()
    last = shown(qtbot, review).classes.item_model.lines[-1]
    assert (last.code, last.count) == (UNLABELLED, 5)


@pytest.mark.parametrize("k", [3, 40])
def test_the_item_model_keeps_qts_rules(qtbot: QtBot, qtmodeltester: ModelTester, k: int) -> None:
    panel = shown(qtbot, Review(class_names=names(k)))
    qtmodeltester.check(panel.classes.item_model)
    panel.search.setText("1")
    assert panel.classes.item_model.rowCount(QModelIndex()) < k


def test_an_empty_place_in_a_list_chooses_nothing(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    panel.search.setText("no such class")
    qtbot.mouseClick(panel.classes.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert review.order.wanted.filters.is_empty


def test_queues_show_what_is_in_them_and_how_much_of_it_is_decided(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    assert not panel.queues.isVisible()
    review.score()
    review.decide(20, Status.KEPT)
    review.decide(22, Status.SECOND_LOOK)
    review.count()
    assert panel.queues.isVisible()
    lines = {line.name: (line.decided, line.count) for line in panel.queues.rail.item_model.lines}
    assert lines == {"Likely mislabelled": (1, 12), "Second look": (0, 1)}
    rail = panel.queues.rail.item_model
    said = rail.data(rail.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Likely mislabelled, 1 / 12"


def test_a_click_on_a_queue_shows_it_and_a_second_one_all(qtbot: QtBot) -> None:
    review = Review()
    review.score()
    review.count()
    panel = shown(qtbot, review)
    click(qtbot, panel.queues.rail, 0)
    assert review.order.wanted.filters.queues == {Queue.LIKELY_MISLABELLED}
    assert review.order.wanted.tab == "filtered"
    click(qtbot, panel.queues.rail, 0)
    assert review.order.wanted.filters.is_empty


def test_a_chosen_queue_stays_in_sight_when_it_is_empty(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    review.order.filter_by(Filters(queues=frozenset({Queue.SECOND_OPINION})))
    assert [line.name for line in panel.queues.rail.item_model.lines] == ["Second opinion"]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_names_of_review_states_are_whole_and_bars_make_room_for_them(
    qtbot: QtBot, scale: float
) -> None:
    review = Review()
    panel = shown(qtbot, review)
    font = panel.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    panel.setFont(font)
    review.theme.changed.emit()
    panel.resize(205, 600)
    panel.grab()
    said = [line.text for line in painted(panel.statuses)]
    assert {"Pending", "Kept", "Changed", "Excluded", "Second look"} <= set(said)


def test_in_a_larger_font_no_queue_is_cut_off(qtbot: QtBot) -> None:
    review = Review()
    review.score()
    review.count()
    panel = shown(qtbot, review)
    rail = panel.queues.rail
    rail.setStyleSheet("font-size: 40px")
    review.theme.changed.emit()
    assert rail.height() == rail.height_of(rail.item_model.rowCount())
