"""What is drawn as a plot can be read in a narrow dock, and in languages read from the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from models.types import EpochEnded
from qtapp.views.blind.matrix import ConfusionMatrix
from qtapp.views.data.plots import BrightnessPlot, SizePlot
from qtapp.views.panels.cards import ClassBar, ClassBars, LabelCard
from qtapp.views.plots.curves import CurvePlot, Curves
from qtapp.views.plots.spans import SpanPlot
from qtapp.views.plots.trace import LossTrace
from qtapp.views.theme import LIGHT, Theme
from tests.helpers.seen import cut_off, painted

POINTS = [EpochEnded(n, 1 / n, n / 20, 1.2 / n, n / 30, 0.003) for n in range(1, 16)]


def curves() -> Curves:
    shown = Curves(Theme(LIGHT))
    shown.show_points(POINTS, 9)
    return shown


def spans() -> SpanPlot:
    shown = SpanPlot("Pace", Theme(LIGHT), "curve_train")
    shown.show_values(np.arange(9, dtype=np.float32), np.arange(9, dtype=np.float32) ** 2)
    return shown


def trace() -> LossTrace:
    shown = LossTrace(Theme(LIGHT))
    shown.show_trace(np.linspace(0.1, 0.9, 9, dtype=np.float32), np.zeros(9, np.int32), 0)
    return shown


def matrix() -> ConfusionMatrix:
    shown = ConfusionMatrix(Theme(LIGHT))
    shown.show_answers(np.array([0, 0, 1]), np.array([0, 1, 1]), ["cat", "a longer dog"])
    return shown


def sizes() -> SizePlot:
    shown = SizePlot(Theme(LIGHT))
    of = [{"width": 20, "height": 30, "n": 2}, {"width": 400, "height": 90, "n": 1}]
    shown.show_sizes({"sizes": of})
    return shown


def brightness() -> BrightnessPlot:
    shown = BrightnessPlot(Theme(LIGHT))
    means = {"low": 0.0, "high": 255.0, "counts": [1, 2, 3]}
    shown.show_values({"means": means, "range": (0.0, 255.0), "mean": 80.0})
    return shown


@pytest.mark.parametrize("plot", [curves, spans, trace, matrix, sizes, brightness])
def test_numbers_grow_to_the_right_where_people_read_from_the_right_too(
    qtbot: QtBot, qapp: QApplication, plot: Callable[[], QWidget]
) -> None:
    pictures = []
    try:
        for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
            qapp.setLayoutDirection(direction)
            shown = plot()
            qtbot.addWidget(shown)
            shown.resize(320, 180)
            shown.show()
            shown.grab()  # pyqtgraph lays out while it paints
            heading = 24  # stands where people begin to read
            pictures.append(shown.grab(shown.rect().adjusted(0, heading, 0, 0)).toImage())
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize(("height", "factor"), [(110, 1.0), (180, 1.0), (150, 1.5), (180, 2.0)])
def test_the_names_of_the_curves_are_not_cut_off_in_a_low_dock(
    qtbot: QtBot, height: int, factor: float
) -> None:
    shown = curves()
    qtbot.addWidget(shown)
    font = shown.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    shown.setFont(font)
    shown.show_points(POINTS[:8])
    shown.resize(700, 400)
    shown.show()
    shown.grab()
    shown.resize(700, height)
    shown.grab()
    for plot in (shown.loss, shown.accuracy):
        box = plot._item.getViewBox().sceneBoundingRect()
        for name in texts(plot):
            at = name.mapRectToScene(name.boundingRect())
            assert box.top() - 1 <= at.top() < at.bottom() <= box.bottom() + 1


@pytest.mark.parametrize("width", [260, 320, 900])
def test_the_names_of_the_curves_are_not_cut_off_in_a_narrow_dock(qtbot: QtBot, width: int) -> None:
    shown = curves()
    qtbot.addWidget(shown)
    shown.resize(width, 180)
    shown.show()
    shown.grab()
    for plot in (shown.loss, shown.accuracy):
        box = plot._item.getViewBox().sceneBoundingRect()
        for name in texts(plot):
            at = name.mapRectToScene(name.boundingRect())
            assert at.left() >= box.left()
            assert at.right() <= box.right()


def test_curves_are_not_drawn_anew_for_each_step_of_a_window_that_is_resized(qtbot: QtBot) -> None:
    shown = Curves(Theme(LIGHT))
    shown.show_points(POINTS)
    qtbot.addWidget(shown)
    shown.resize(800, 180)
    shown.show()
    shown.grab()
    drawn, across = list(shown.loss._item.items), shown.loss._item.viewRange()[0]
    shown.resize(300, 180)
    shown.grab()
    assert shown.loss._item.items == drawn
    assert shown.loss._item.viewRange()[0] != across  # the names need more of it


def test_before_its_first_epoch_a_run_has_no_numbers_of_the_run_before(qtbot: QtBot) -> None:
    shown = curves()
    qtbot.addWidget(shown)
    shown.resize(600, 180)
    shown.show()
    for points, has_numbers in ((POINTS, True), ((), False), (POINTS[:2], True)):
        shown.show_points(points)
        shown.grab()
        for plot in (shown.loss, shown.accuracy):
            numbers = [one for one in painted(plot._view) if one.text[:1].isdigit()]
            assert bool(numbers) is has_numbers


@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
def test_the_size_of_all_images_is_told_whole_in_large_letters(qtbot: QtBot, factor: float) -> None:
    shown = SizePlot(Theme(LIGHT))
    qtbot.addWidget(shown)
    font = shown.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    shown.setFont(font)
    shown.show_sizes({"sizes": [{"width": 20_000, "height": 4_000, "n": 2}]})
    shown.resize(400, 180)
    assert [line.text for line in painted(shown)] == ["20,000 px wide", "4,000 px high"]
    assert cut_off(shown) == []


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_counts_of_confusions_have_room_in_their_cells(qtbot: QtBot, factor: float) -> None:
    shown = ConfusionMatrix(Theme(LIGHT))
    qtbot.addWidget(shown)
    font = shown.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    shown.setFont(font)
    labels = np.repeat([0, 1], [400, 20]).astype(np.int32)
    shown.show_answers(labels, labels, ["cat", "dog"])
    shown.resize(shown.sizeHint())
    side = shown.sizeHint().width() - shown._names_px()
    numbers = {line.text: line.place.width() for line in painted(shown) if line.text.isdigit()}
    assert set(numbers) == {"400", "20"}
    assert max(numbers.values()) < side / 2 - 2
    assert shown.text_at(QPoint(shown.width() - 5, shown.height() - 5)).endswith(": 20")


def texts(plot: CurvePlot) -> list[Any]:
    """What is written into a plot."""
    items = plot._item.getViewBox().allChildItems()
    return [item for item in items if isinstance(item, pg.TextItem) and item.toPlainText()]


def test_an_underscore_in_a_card_or_beside_a_bar_is_seen(qtbot: QtBot) -> None:
    theme = Theme(LIGHT)
    cards, bars = LabelCard(theme), ClassBars(theme)
    for widget in (cards, bars):
        qtbot.addWidget(widget)
        font = widget.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)  # its height is rounded down
        widget.setFont(font)
        widget.resize(200, 40)
    pictures = []
    for name in ("____", "    "):
        cards.show_label("given", name, "given", "square")
        bars.show_bars([ClassBar(name, 0.5, "1")])
        pictures.append((cards.grab().toImage(), bars.grab().toImage()))
    assert pictures[0][0] != pictures[1][0]
    assert pictures[0][1] != pictures[1][1]
