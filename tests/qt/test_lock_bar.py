"""The bar above the images: when it is there, what it says, and what its buttons do."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from qtapp.state.view import SINGLE
from qtapp.views.lock_bar import LockBar
from tests.qt.states import Review


@pytest.fixture
def review() -> Review:
    review = Review(splits={"train": 20, "test": 4})
    review.labels.lock.load(review.splits, "")
    return review


@pytest.fixture
def bar(qtbot: QtBot, review: Review) -> LockBar:
    bar = LockBar(
        review.labels, review.selection, review.order, review.view, review.registry, review.theme
    )
    qtbot.addWidget(bar)
    return bar


def test_it_comes_with_a_locked_image_and_stays_while_the_same_images_are_shown(
    bar: LockBar, review: Review
) -> None:
    review.selection.set_current(3)
    assert bar.isHidden()
    review.selection.set_current(21)
    assert not bar.isHidden()
    assert bar.text.text().startswith("The split test is locked:")
    review.selection.set_current(3)
    assert not bar.isHidden()  # nothing jumps below it
    review.order.accept(np.arange(24), 24)
    assert bar.isHidden()
    review.selection.set_current(22)
    review.selection.set_current(2)
    review.view.set_mode(SINGLE)
    assert bar.isHidden()


def test_it_says_how_many_of_a_selection_are_locked(bar: LockBar, review: Review) -> None:
    review.selection.select(np.arange(18, 22))
    assert "2 of the 4 selected images are locked." in bar.text.text()
    assert not bar.leave_out.isHidden()
    assert bar.accessibleName() == bar.text.text()
    review.selection.select(np.arange(2))
    assert "selected" not in bar.text.text()
    assert bar.leave_out.isHidden()


def test_its_buttons_are_commands(bar: LockBar, review: Review) -> None:
    review.selection.select(np.arange(18, 22))
    bar.leave_out.click()
    bar.unlock.click()
    assert review.pressed == ["decide.leave_out_locked", "decide.unlock_test"]


def test_unlocked_it_goes_and_never_comes_back(bar: LockBar, review: Review) -> None:
    review.selection.set_current(21)
    review.labels.lock.unlock()
    assert bar.isHidden()
    review.selection.set_current(22)
    assert bar.isHidden()


def test_without_a_test_split_it_never_comes(bar: LockBar, review: Review) -> None:
    review.labels.lock.load({"all": 24}, "")
    review.selection.set_current(21)
    assert bar.isHidden()
