"""The value plots: bars lead to a filter, a box to a selection, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.review.distributions import ValuesAsked
from qtapp.jobs.values import ValueCounter
from qtapp.state.values import ValuesState
from qtapp.views.values.axis import tick_text, ticks
from qtapp.views.values.panel import ValuesPanel
from tests.qt.states import Review, names

LEFT = Qt.MouseButton.LeftButton
NO_KEY, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


class Shown:
    """The panel over a small review, with the worker that counts for it."""

    def __init__(self, qtbot: QtBot, review: Review) -> None:
        self.qtbot, self.review, self.values = qtbot, review, ValuesState()
        one = review
        self.counter = ValueCounter(
            one.session, one.labels, one.scores, one.selection, one.order, self.values
        )
        self.panel = ValuesPanel(
            *(one.session, one.labels, one.scores, one.selection, one.order, one.view),
            *(self.values, self.counter, one.theme),
        )
        qtbot.addWidget(self.panel)
        self.panel.resize(900, 240)
        self.panel.show()
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.values.in_sight and self.counter.is_idle)

    def ask(self, **asked: str) -> None:
        self.values.ask(ValuesAsked(**asked))
        self.settle()


@pytest.fixture
def shown(qtbot: QtBot) -> Iterator[Shown]:
    review = Review(splits={"train": 20, "test": 4})
    review.score()  # every score is a ramp from 0 to 1
    shown = Shown(qtbot, review)
    yield shown
    shown.counter.stop()


def test_a_bar_filters_and_once_more_shows_all(shown: Shown) -> None:
    rows, order = shown.panel.rows, shown.review.order
    far_right = QPoint(rows.viewport().width() - 12, 40)
    QTest.mouseClick(rows.viewport(), LEFT, NO_KEY, far_right)
    low, high = order.wanted.filters.ranges["suspicion"]
    assert 0.97 < low < 1 < high == np.inf
    assert shown.panel.clear.isVisible()
    QTest.mouseClick(rows.viewport(), LEFT, NO_KEY, far_right)
    assert order.wanted.filters.is_empty


def test_a_range_is_dragged_in_the_row_of_a_split(shown: Shown) -> None:
    shown.ask(score="loss", by="split")
    rows, order = shown.panel.rows, shown.review.order
    middle, y = rows._plot.center().x(), rows._row_rect(1).center().y()
    QTest.mousePress(rows.viewport(), LEFT, NO_KEY, QPoint(middle, y))
    QTest.mouseMove(rows.viewport(), QPoint(rows._plot.right(), y))
    QTest.mouseRelease(rows.viewport(), LEFT, NO_KEY, QPoint(rows._plot.right(), y))
    assert order.wanted.filters.splits == {1}
    low, high = order.wanted.filters.ranges["loss"]
    assert low == pytest.approx(0.5, abs=0.02)
    assert high == np.inf
    shown.panel.clear.click()
    assert order.wanted.filters.is_empty


def test_the_keyboard_chooses_bars_too_and_says_what_they_are(shown: Shown) -> None:
    shown.ask(score="loss", by="class")
    rows = shown.panel.rows
    rows.setFocus(Qt.FocusReason.TabFocusReason)
    for key, held in (
        (Qt.Key.Key_Down, NO_KEY),
        (Qt.Key.Key_Home, NO_KEY),
        (Qt.Key.Key_End, SHIFT),
    ):
        QTest.keyClick(rows, key, held)
    assert rows.accessibleDescription() == "dog, Loss 0.00 to 1.00: 8 images"
    assert shown.panel.said.toolTip() == rows.accessibleDescription()
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert shown.review.order.wanted.filters.classes == {1}


@pytest.mark.parametrize("asked", [{"score": "learned"}, {"score": "loss", "against": "learned"}])
def test_when_nothing_is_learned_any_more_a_score_there_is_is_shown(
    shown: Shown, asked: dict[str, str]
) -> None:
    shown.review.scores.teach(np.linspace(0, 1, 24, dtype=np.float32))
    shown.settle()
    shown.ask(**asked)
    shown.review.scores.teach(None)
    shown.settle()
    assert shown.panel.rows.isVisible()
    assert shown.panel.score.currentText() == ("Loss" if "against" in asked else "Suspicion")


def test_a_box_selects_everywhere_and_control_adds(shown: Shown) -> None:
    shown.ask(score="loss", against="margin")
    cloud, selection = shown.panel.cloud, shown.review.selection
    plot = cloud._plot

    def drag(start: QPoint, end: QPoint, held: Qt.KeyboardModifier) -> None:
        with shown.qtbot.waitSignal(selection.changed):
            QTest.mousePress(cloud, LEFT, held, start)
            QTest.mouseMove(cloud, end)
            QTest.mouseRelease(cloud, LEFT, held, end)

    drag(plot.bottomLeft(), plot.center(), NO_KEY)
    assert selection.sample_ids.tolist() == list(range(12))
    drag(plot.topRight(), plot.topRight() + QPoint(-5, 5), Qt.KeyboardModifier.ControlModifier)
    assert selection.sample_ids.tolist() == [*range(12), 23]
    shown.settle()
    assert "13 selected" in shown.panel.said.toolTip()
    shown.panel.show_selected.click()
    assert shown.review.order.wanted.tab == "selected"


def test_what_is_counted_follows_the_filters(shown: Shown) -> None:
    with shown.qtbot.waitSignal(shown.values.changed):
        shown.review.order.accept(np.arange(6), 24)
    assert shown.values.answer is not None
    assert shown.values.answer.shown.sum() == 6
    assert shown.panel.said.toolTip() == "6 of 24 images shown."


def test_nothing_is_counted_while_nobody_looks(shown: Shown) -> None:
    shown.panel.hide()
    before = shown.values.answer
    shown.review.order.accept(np.arange(6), 24)
    assert shown.counter.is_idle
    assert shown.values.answer is before


def test_predictions_that_are_hidden_are_hidden_here_too(shown: Shown) -> None:
    shown.review.view.hide_predictions(True)
    assert not shown.panel.rows.isVisible()
    assert shown.panel.empty.text() == "Predictions are hidden."
    shown.review.view.hide_predictions(False)
    assert shown.panel.rows.isVisible()


def test_without_scores_it_says_when_there_will_be_some(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review())
    assert "after the first look" in shown.panel.empty.text()
    assert shown.panel.empty.isVisible()
    assert not shown.panel.controls.isVisible()
    shown.counter.stop()


def test_a_thousand_classes_are_scrolled(qtbot: QtBot) -> None:
    review = Review(class_names=names(1_000), splits={"all": 3_000})
    review.score()
    shown = Shown(qtbot, review)
    shown.ask(score="loss", by="class")
    assert shown.panel.rows.verticalScrollBar().maximum() > 10_000
    assert not shown.panel.grab().isNull()
    shown.counter.stop()


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-3.1, 9.0, ["−2.5", "0.0", "2.5", "5.0", "7.5"]),
        (0.0, 30_000.0, ["0", "5,000", "10,000", "15,000", "20,000", "25,000", "30,000"]),
    ],
)
def test_numbers_beside_a_plot_are_round(low: float, high: float, texts: list[str]) -> None:
    found = ticks(low, high, 6)
    assert [tick_text(value, found[1] - found[0]) for value in found] == texts
