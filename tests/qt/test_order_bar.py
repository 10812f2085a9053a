"""The bar above the grid shows and changes the order, and offers a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from models.review.ordering import SOURCE_ORDER, Filters
from models.types import Progress
from qtapp.state.view import THUMB_SIZES_PX
from qtapp.views.order_bar import OrderBar
from tests.qt.states import Review


@pytest.fixture
def review() -> Review:
    review = Review()
    review.score()
    return review


@pytest.fixture
def bar(qtbot: QtBot, review: Review) -> OrderBar:
    bar = OrderBar(
        *(review.session, review.labels, review.scores, review.order, review.selection),
        *(review.view, review.learning, review.clusters, review.registry, review.theme),
    )
    qtbot.addWidget(bar)
    bar.resize(750, 40)
    bar.show()
    return bar


def test_tabs_count(bar: OrderBar, review: Review) -> None:
    assert [tab.text() for tab in bar.tabs.values()] == ["All 24", "Filtered 24", "Selected 0"]
    assert not bar.tabs["filtered"].isEnabled()
    review.order.filter_by(Filters(classes=frozenset([1])))
    review.count()
    review.selection.select(np.array([1, 2]))
    assert [tab.text() for tab in bar.tabs.values()] == ["All 24", "Filtered 8", "Selected 2"]
    assert bar.tabs["filtered"].isChecked()


def test_what_is_put_aside_is_still_among_the_selected(bar: OrderBar, review: Review) -> None:
    review.selection.select(np.array([1, 2]))
    review.selection.put_aside()
    assert bar.tabs["selected"].text() == "Selected 2"
    review.selection.drop_aside()
    assert bar.tabs["selected"].text() == "Selected 0"


def test_a_tab_is_shown_by_a_click(bar: OrderBar, review: Review) -> None:
    review.selection.select(np.array([1, 2]))
    bar.tabs["selected"].click()
    assert review.order.wanted.tab == "selected"
    bar.tabs["all"].click()
    assert review.order.wanted.tab == "all"


def test_clusters_are_asked_for_by_their_number(bar: OrderBar, review: Review) -> None:
    assert not bar.clusters.menuAction().isEnabled()  # of no embedding
    scores = replace(review.scores.shown, embedding=np.zeros((24, 2), np.float32))
    review.scores.show(scores)
    assert bar.clusters.menuAction().isEnabled()
    few, some, many = bar.clusters.choices.values()
    assert [few.text(), few.isVisible()] == ["About 2 clusters", True]
    assert not some.isVisible()  # of 24 images there are no more
    with bar_asked(review) as asked:
        many.trigger()
    assert asked == [5]
    assert review.order.wanted.group_by == "cluster"
    assert [few.isChecked(), some.isChecked(), many.isChecked()] == [False, False, True]
    assert bar.group_button.text() == "Group: Cluster"
    review.order.group_by("")
    assert not many.isChecked()


def test_a_way_to_group_that_is_chosen_again_is_left(bar: OrderBar, review: Review) -> None:
    by_class, none = bar._group_actions["class"], bar._group_actions[""]
    for wanted in ("class", "", "class"):
        by_class.trigger()
        assert review.order.wanted.group_by == wanted
        assert [by_class.isChecked(), none.isChecked()] == [bool(wanted), not wanted]
    none.trigger()
    none.trigger()
    assert review.order.wanted.group_by == ""
    assert none.isChecked()


def test_the_search_for_clusters_tells_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot, bar: OrderBar, review: Review
) -> None:
    assert not bar.clustering.isVisible()
    number = review.clusters.begin()
    review.clusters.accept(number, Progress(3, 4, "looking for clusters"))
    label, stop = bar.clustering.findChild(QLabel), bar.clustering.findChild(QPushButton)
    assert label.text() == "75%"
    assert label.accessibleName() == "Clusters: 75%"
    with qtbot.waitSignal(bar.clustering.stopped):
        stop.click()
    review.clusters.end(number, None)
    assert not bar.clustering.isVisible()


@contextmanager
def bar_asked(review: Review) -> Iterator[list[int]]:
    """What is asked for meanwhile."""
    asked: list[int] = []

    def note() -> None:
        asked.append(review.clusters.per_class)

    review.clusters.asked.connect(note)
    yield asked
    review.clusters.asked.disconnect(note)


def test_a_newer_order_waits_for_its_key(bar: OrderBar, review: Review) -> None:
    assert not bar.offer.isVisible()
    review.order.offer_newer()
    assert bar.offer.isVisible()
    button = bar.offer.findChild(type(bar.tabs["all"]))
    assert button is not None
    assert button.accessibleName() == "Apply, N"
    button.click()
    assert review.pressed == ["look.new_order"]
    review.order.accept(np.arange(24), 24)
    assert not bar.offer.isVisible()


def test_sorting_by_a_score_and_turning_it(bar: OrderBar, review: Review) -> None:
    assert bar.sort_button.text() == "Sort: Suspicion"
    bar._sort_actions["anomaly"].trigger()
    assert review.order.wanted.sort_by == "anomaly"
    bar.reverse.trigger()
    assert review.order.wanted.reverse
    assert bar.sort_button.text() == "Sort: Anomaly ↑"
    review.order.sort_by(SOURCE_ORDER)
    assert bar.sort_button.text() == "Sort: Source order"
    assert not bar.reverse.isChecked()


def test_what_was_learned_is_one_more_order(bar: OrderBar, review: Review) -> None:
    entry = bar._sort_actions["learned"]
    assert not entry.isEnabled()
    assert "it takes 100 verdicts" in entry.toolTip()
    review.learn()
    assert entry.isEnabled()
    assert entry.toolTip().splitlines() == [
        "Learned from 150 verdicts.",
        "how many neighbours carry another label counts more",
        "how unlikely the model finds the label counts less",
    ]
    entry.trigger()
    assert review.order.wanted.sort_by == "learned"
    assert bar.sort_button.text() == "Sort: Learned"
    bar._sort_actions["suspicion"].trigger()
    assert bar.sort_button.text() == "Sort: Suspicion"


def test_where_nothing_is_learned_any_more_the_bar_says_what_stands_in(
    bar: OrderBar, review: Review
) -> None:
    review.learn()
    bar._sort_actions["learned"].trigger()
    review.learn(better=False)
    assert bar.sort_button.text() == "Sort: Suspicion"
    assert bar.sort_button.toolTip() == "The order stays as it is."
    assert not bar._sort_actions["learned"].isEnabled()


def test_images_like_one_are_an_order_with_a_way_back(bar: OrderBar, review: Review) -> None:
    assert not bar.back.isVisible()
    review.order.sort_by_likeness(7)
    assert bar.sort_button.text() == "Sort: Like #7"
    assert bar._sort_actions["similar"].isChecked()
    assert bar.back.isVisible()
    bar.reverse.trigger()
    assert review.order.wanted.similar_to == 7
    bar.back.click()
    assert review.pressed == ["look.before_similar"]
    bar._sort_actions["loss"].trigger()
    assert not bar.back.isVisible()
    assert review.order.wanted.similar_to == -1


def test_slider_and_keys_change_one_tile_size(bar: OrderBar, review: Review) -> None:
    bar.slider.setValue(len(THUMB_SIZES_PX) - 1)
    assert review.view.thumb_px == 512
    review.view.zoom(-1)
    assert bar.slider.value() == len(THUMB_SIZES_PX) - 2


def test_rows_are_grouped_from_the_menu_beside_the_sort_menu(bar: OrderBar, review: Review) -> None:
    menu = bar.group_button.menu()
    entries = {action.text(): action for action in menu.actions()}
    entries["Class"].trigger()
    assert review.order.wanted.group_by == "class"
    assert bar.group_button.text() == "Group: Class"
    entries["None"].trigger()
    assert review.order.wanted.group_by == ""
    assert bar.group_button.accessibleName() == "Group: None"


def test_a_random_sample_says_its_batch_and_a_chosen_order_ends_it(
    bar: OrderBar, review: Review
) -> None:
    assert not bar.montage.isVisible()
    review.order.show_sample(60)
    review.order.turn_to(1)
    assert bar.montage.isVisible()
    assert bar.sort_button.text() == "Random: batch 2"
    entries = {action.text(): action for action in bar.sort_button.menu().actions()}
    entries["Suspicion"].trigger()
    assert review.order.wanted.sample is None
    assert not bar.montage.isVisible()


def test_a_narrow_bar_keeps_what_no_key_does(bar: OrderBar, review: Review) -> None:
    review.order.show_sample(10, each_class=True)
    bar.resize(700, 40)
    assert not bar.tabs["selected"].isVisible()  # nothing is selected
    bar.resize(560, 40)
    assert not bar.slider.isVisible()
    inside = bar.rect()
    usable = [tab for tab in bar.tabs.values() if tab.isEnabled()]
    for button in (*usable, bar.group_button, bar.sort_button):
        assert inside.contains(button.geometry())
    bar.resize(1200, 40)
    assert bar.slider.isVisible()


def test_a_tab_that_gave_way_comes_back_when_it_can_be_used(bar: OrderBar, review: Review) -> None:
    bar.resize(480, 40)
    assert not bar.tabs["selected"].isVisible()
    review.selection.select(np.array([1, 2]))
    assert bar.tabs["selected"].isVisible()
