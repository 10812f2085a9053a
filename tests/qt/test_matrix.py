"""The confusion matrix filters by cell, row and column, and says in words what is under it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.review.confusion import N_SHADES, Cell, MatrixAsked, matrix
from models.types import TrainingEnded
from qtapp.state.confusion import ConfusionState
from qtapp.views.panels.matrix import MatrixPanel
from qtapp.views.panels.matrix_geometry import HEADER
from qtapp.views.panels.matrix_ink import MatrixInk
from qtapp.views.panels.matrix_text import figure_text
from qtapp.views.panels.pairs import fitting
from qtapp.views.theme import DARK, LIGHT, Theme
from tests.qt.states import Review, names
from tests.qt.test_theme import contrast


class Shown:
    """A panel over a small review; count() answers as the worker would."""

    def __init__(self, qtbot: QtBot, review: Review, *, seen: bool = True) -> None:
        self.review, self.state = review, ConfusionState()
        one = review
        self.panel = MatrixPanel(
            *(one.session, one.labels, one.scores, one.order, one.training),
            *(self.state, one.view, one.registry, one.theme),
        )
        qtbot.addWidget(self.panel)
        self.panel.resize(800, 320)
        if seen:
            self.panel.show()

    def count(self) -> None:
        labels, shown = self.review.labels, self.review.scores.shown
        assert shown is not None
        asked = self.state.asked
        of = labels.labels if asked.corrected else labels.given
        splits = self.review.info.split_codes()
        self.state.accept(matrix(asked, of, shown.predicted, labels.status, splits, labels.classes))

    @property
    def query(self) -> str:
        return self.review.order.wanted.filters.query

    def middle_of(self, row: int, column: int) -> QPoint:
        return self.panel.grid._geometry.rect(row, column).center()

    def click(self, qtbot: QtBot, row: int, column: int) -> None:
        viewport = self.panel.grid.viewport()
        at = self.middle_of(row, column)
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    """Every "cat" looks like "dog" to the model, every "dog" like "bird"."""
    review = Review()
    review.score()
    made = Shown(qtbot, review)
    made.count()
    return made


def test_without_scores_it_says_what_is_missing(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review())
    assert "after the first look" in shown.panel.empty.text()
    assert shown.panel.start.isVisible()
    shown.panel.start.click()
    assert shown.review.pressed == ["run.start"]


@pytest.mark.parametrize(
    ("row", "column", "query"),
    [
        (0, 1, 'given == "cat" and predicted == "dog"'),
        (0, HEADER, 'given == "cat"'),
        (HEADER, 1, 'predicted == "dog"'),
    ],
)
def test_a_click_filters_and_another_one_clears(
    qtbot: QtBot, shown: Shown, row: int, column: int, query: str
) -> None:
    shown.click(qtbot, row, column)
    assert shown.query == query
    assert shown.panel.clear.isVisible()
    shown.click(qtbot, row, column)
    assert shown.query == ""
    assert not shown.panel.clear.isVisible()


def test_the_key_that_hides_predictions_hides_the_matrix_while_it_is_held(shown: Shown) -> None:
    shown.review.view.hide_predictions(True)
    assert not shown.panel.grid.isVisible()
    assert not shown.panel.pairs.isVisible()
    assert shown.panel.empty.text() == "Predictions are hidden."
    shown.review.view.hide_predictions(False)
    assert shown.panel.grid.isVisible()


def test_other_filters_stay(qtbot: QtBot, shown: Shown) -> None:
    order = shown.review.order
    order.filter_by(type(order.wanted.filters)(statuses=frozenset({0})))
    shown.click(qtbot, 0, 1)
    assert order.wanted.filters.statuses == {0}
    shown.panel.clear.click()
    assert (shown.query, order.wanted.filters.statuses) == ("", {0})


def test_another_query_takes_the_mark_away(qtbot: QtBot, shown: Shown) -> None:
    shown.click(qtbot, 0, 1)
    assert shown.panel.pairs.selectionModel().hasSelection()
    order = shown.review.order
    order.filter_by(type(order.wanted.filters)(query='given == "cat"'))
    assert not shown.panel.clear.isVisible()
    assert not shown.panel.pairs.selectionModel().hasSelection()


def test_the_keyboard_walks_from_cell_to_cell_and_chooses(qtbot: QtBot, shown: Shown) -> None:
    grid = shown.panel.grid
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    said = "8 images labelled dog look like bird, 100% of dog."
    assert grid.accessibleDescription() == said
    assert shown.panel.said.text() == said
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert shown.query == 'given == "dog" and predicted == "bird"'
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.accessibleDescription() == "8 images are labelled dog. 0.0% of them look like it."
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert shown.query == 'given == "dog"'


def test_the_mouse_over_a_cell_says_it_in_a_sentence(qtbot: QtBot, shown: Shown) -> None:
    viewport = shown.panel.grid.viewport()
    qtbot.mouseMove(viewport, shown.middle_of(0, 1))
    assert shown.panel.said.text() == "8 images labelled cat look like dog, 100% of cat."
    qtbot.mouseMove(viewport, shown.middle_of(1, 0))
    assert shown.panel.said.text() == "No image labelled dog looks like cat."
    qtbot.mouseMove(viewport, shown.middle_of(HEADER, 0))
    assert shown.panel.said.text() == "8 images look like cat. 0.0% of them are labelled so."
    qtbot.mouseMove(viewport, QPoint(1, 1))
    assert shown.panel.said.text() == "0.0% of 24 labelled images look like their label."


def test_pairs_are_listed_with_their_interval_and_filter_too(qtbot: QtBot, shown: Shown) -> None:
    model, table = shown.panel.pairs.item_model, shown.panel.pairs
    ModelTester(qtbot).check(model)
    assert [model.index(0, column).data() for column in range(3)] == [
        *("cat → dog", "8", "100% (68–100)")
    ]
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert shown.query == 'given == "dog" and predicted == "bird"'
    place = table.visualRect(model.index(2, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.query == 'given == "bird" and predicted == "cat"'
    assert table.currentIndex().row() == 2


def test_of_two_long_names_both_are_seen(qtbot: QtBot, shown: Shown) -> None:
    metrics = QFontMetrics(shown.panel.font())
    long, other = "a very long name of a class, 1", "a very long name of a class, 2"
    assert fitting("cat", "dog", metrics, 150) == "cat → dog"
    both = fitting(long, other, metrics, 150)
    assert metrics.horizontalAdvance(both) <= 150
    first, second = both.translate({0x2068: None, 0x2069: None}).split(" → ")
    assert (first[0], first[-1], second[0], second[-1]) == (*("a", "1"), *("a", "2"))
    assert fitting(long, "dog", metrics, 150).endswith("→ dog")


def test_controls_ask_for_another_matrix(qtbot: QtBot) -> None:
    review = Review(splits={"train": 18, "test": 6})
    review.score()
    shown = Shown(qtbot, review)
    shown.count()
    panel, state = shown.panel, shown.state
    controls = panel.controls
    controls.splits.setCurrentIndex(2)
    controls.splits.activated.emit(2)
    controls.of_labels.setCurrentIndex(1)
    controls.of_labels.activated.emit(1)
    controls.counts.click()
    controls.together.click()
    assert state.asked == MatrixAsked(corrected=True, split=1, rates=False, together=True)
    shown.count()
    assert state.matrix is not None
    assert state.matrix.n == 6
    panel.grid.chosen.emit(Cell(0, 1))
    assert shown.query == 'label == "cat" and predicted == "dog" and split == "test"'


def test_it_is_counted_only_while_it_can_be_seen(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(), seen=False)
    assert not shown.state.in_sight
    with qtbot.waitSignal(shown.state.watched):
        shown.panel.show()
    shown.panel.hide()
    assert not shown.state.in_sight


def test_in_another_order_the_chosen_cell_is_found_again(qtbot: QtBot, shown: Shown) -> None:
    shown.click(qtbot, 1, 2)
    shown.state.ask(MatrixAsked(together=True))
    shown.count()
    matrix = shown.state.matrix
    assert matrix is not None
    row, column = shown.panel.grid._cursor
    assert (matrix.codes[row], matrix.codes[column]) == (1, 2)
    assert shown.panel.clear.isVisible()


def test_findings_of_the_run_stand_beside_it(qtbot: QtBot, shown: Shown) -> None:
    assert not shown.panel.findings.isVisible()
    training = shown.review.training
    number = training.begin()
    training.accept(number, TrainingEnded(3, {"findings": [{"sentence": "Two are swapped."}]}))
    training.end(number, None)
    assert shown.panel.findings.text() == "Two are swapped."
    assert shown.panel.findings.isVisible()


def test_findings_about_long_names_are_read_without_scrolling_to_the_side(shown: Shown) -> None:
    training, sentence = shown.review.training, f"{'Animalia_' * 12} is never predicted."
    number = training.begin()
    training.accept(number, TrainingEnded(3, {"findings": [{"sentence": sentence}]}))
    training.end(number, None)
    shown.panel.grab()
    assert shown.panel.findings.accessibleName() == sentence
    assert shown.panel._findings.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("k", [3, 12])  # names lie flat, or stand upright
def test_an_underscore_in_the_names_is_seen(qtbot: QtBot, k: int) -> None:
    pictures = []
    for sign in ("_", " "):
        review = Review(class_names=tuple(8 * sign + f"{i:02}" for i in range(k)))
        review.score()
        shown = Shown(qtbot, review)
        shown.count()
        pictures.append(shown.panel.grid.grab().toImage())
    area = shown.panel.grid._geometry.area
    above = QRect(area.left(), 0, area.width(), area.top())
    beside = QRect(0, area.top(), area.left(), area.height())
    for part in (above, beside):
        assert pictures[0].copy(part) != pictures[1].copy(part)


@pytest.mark.parametrize("k", [1, 40, 1_000])
def test_any_number_of_classes_is_drawn_and_scrolled(qtbot: QtBot, k: int) -> None:
    review = Review(class_names=names(k), splits={"all": 2 * k})
    review.score()
    shown = Shown(qtbot, review)
    shown.count()
    grid = shown.panel.grid
    last = k - 1
    grid.mark(Cell(last, 0))
    geometry = grid._geometry
    assert geometry.area.contains(geometry.rect(last, 0).center())
    assert geometry.at(QPointF(geometry.rect(last, 0).center())) == (last, 0)
    assert not grid.grab().isNull()
    for _ in range(9):
        qtbot.keyClick(grid, Qt.Key.Key_Minus)
    assert grid._geometry.whole.width() <= geometry.whole.width()
    assert not grid.grab().isNull()


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_figures_can_be_read_on_every_shade(qtbot: QtBot, scheme: str) -> None:
    ink = MatrixInk(Theme(scheme))
    shades = [QColor(rgb).name() for rgb in ink.colours]
    assert len(shades) == 2 * N_SHADES
    pairs = zip(ink.inks, shades, strict=True)
    assert min(contrast(figure.name(), ground) for figure, ground in pairs) >= 4.5


def test_small_shares_are_told_from_none() -> None:
    assert [figure_text(share) for share in (0, 0.0001, 0.072, 0.0996, 0.5, 1)] == [
        *("0.0", "<.1", "7.2", "10", "50", "100")
    ]


def test_excluded_images_are_not_among_those_a_cell_shows(qtbot: QtBot, shown: Shown) -> None:
    shown.review.labels.status[:] = np.where(np.arange(24) == 3, 3, 0)
    shown.count()
    shown.click(qtbot, 0, 1)
    assert shown.query == 'given == "cat" and predicted == "dog" and state != "excluded"'


def test_a_larger_font_cuts_neither_pairs_nor_words(shown: Shown) -> None:
    shown.count()
    panel = shown.panel
    font = panel.font()
    font.setPointSizeF(2 * font.pointSizeF())
    panel.setFont(font)
    shown.review.theme.changed.emit()
    line = QFontMetrics(font).height()
    assert panel.pairs.rowHeight(0) > line
    assert panel.said.height() >= 2 * line
    assert panel.grid._ink._font.pointSizeF() > 0.8 * font.pointSizeF()
    assert panel._column.width() >= panel.controls.minimumSizeHint().width()
