"""A range can be kept by pointer and by keyboard, and given back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.review.ordering import N_BINS, Histogram
from qtapp.views.panels.histogram import RangeHistogram, number_text
from qtapp.views.theme import LIGHT, Theme

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def brush(qtbot: QtBot) -> RangeHistogram:
    """Values from 0 to 4 on 200 pixels."""
    widget = RangeHistogram("Loss", Theme(LIGHT))
    qtbot.addWidget(widget)
    counts = np.arange(N_BINS, dtype=np.int64)
    widget.show_counts(Histogram(0.0, 4.0, counts, counts // 2), None)
    widget.resize(200, 60)
    widget.show()
    return widget


def test_dragging_the_low_handle_keeps_what_is_above(qtbot: QtBot, brush: RangeHistogram) -> None:
    qtbot.mousePress(brush, LEFT, pos=QPoint(2, 10))
    qtbot.mouseMove(brush, QPoint(100, 10))
    with qtbot.waitSignal(brush.chosen) as chosen:
        qtbot.mouseRelease(brush, LEFT, pos=QPoint(100, 10))
    low, high = chosen.args[0]
    assert low == pytest.approx(2.0)
    assert high == math.inf


def test_handles_never_cross(qtbot: QtBot, brush: RangeHistogram) -> None:
    brush.show_counts(Histogram(0.0, 4.0, np.ones(N_BINS, int), np.ones(N_BINS, int)), (1.0, 2.0))
    qtbot.mousePress(brush, LEFT, pos=QPoint(50, 10))
    qtbot.mouseMove(brush, QPoint(190, 10))
    qtbot.mouseRelease(brush, LEFT, pos=QPoint(190, 10))
    assert brush.range == (2.0, 2.0)


def test_arrows_move_the_low_handle_and_shift_arrows_the_high_one(
    qtbot: QtBot, brush: RangeHistogram
) -> None:
    brush.setFocus()
    qtbot.keyClick(brush, Qt.Key.Key_Right)
    assert brush.range is not None
    assert brush.range == pytest.approx((0.1, math.inf))
    qtbot.keyClick(brush, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert brush.range == pytest.approx((0.1, 3.9))


def test_a_handle_back_at_its_end_filters_nothing(qtbot: QtBot, brush: RangeHistogram) -> None:
    brush.setFocus()
    qtbot.keyClick(brush, Qt.Key.Key_Right)
    qtbot.keyClick(brush, Qt.Key.Key_Left)
    assert brush.range is None


@pytest.mark.parametrize("way", ["double click", "Delete"])
def test_everything_comes_back(qtbot: QtBot, brush: RangeHistogram, way: str) -> None:
    brush.setFocus()
    qtbot.keyClick(brush, Qt.Key.Key_Right)
    with qtbot.waitSignal(brush.chosen) as chosen:
        if way == "Delete":
            qtbot.keyClick(brush, Qt.Key.Key_Delete)
        else:
            qtbot.mouseDClick(brush, LEFT, pos=QPoint(20, 20))
    assert chosen.args == [None]
    assert brush.range is None


def test_the_range_is_told_to_screen_readers(qtbot: QtBot, brush: RangeHistogram) -> None:
    brush.setFocus()
    qtbot.keyClick(brush, Qt.Key.Key_Right)
    assert brush.accessibleDescription() == "from 0.10 to 4.00"


def test_filtered_out_bins_stay_grey(qtbot: QtBot, brush: RangeHistogram) -> None:
    every = np.full(N_BINS, 8)
    kept = np.where(np.arange(N_BINS) < N_BINS // 2, 8, 0)
    brush.show_counts(Histogram(0.0, 4.0, every, kept), None)
    image = brush.grab().toImage()
    theme = Theme(LIGHT)
    assert image.pixelColor(11, 30) == theme.color("accent")
    assert image.pixelColor(186, 30) == theme.color("bar_muted")


@pytest.mark.parametrize(
    ("value", "text"), [(0.714, "0.71"), (-0.5, "−0.50"), (11.26, "11.3"), (1204.4, "1,204")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number_text(value) == text


def test_its_numbers_stand_under_its_bars_for_those_too_who_read_from_the_right(
    qapp: QApplication, brush: RangeHistogram
) -> None:
    before = brush.grab().toImage()
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert brush.grab().toImage() == before
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
