"""The bias view says what is associated, draws it by class, and leads to the images."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.errors import DatasetError
from models.review.bias import (
    EVERY,
    SUSPECTS,
    Association,
    Reviewed,
    associations,
    ends,
    report,
    spread,
)
from models.review.classes import ClassList
from models.review.ordering import Filters
from models.review.properties import PROPERTIES, Measured, Properties, unmeasured
from models.types import Progress
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.bias import BiasAsked, BiasState
from qtapp.state.properties import PropertyState
from qtapp.views.bias.panel import BiasPanel
from qtapp.views.bias.wording import words
from tests.helpers.images import FakeReader
from tests.qt.states import Review

N = 240
NAMES = ("cat", "dog", "bird")


class Shown(QObject):
    """A panel over images of which the cats are dark; test() answers as the worker would."""

    def __init__(self, qtbot: QtBot, review: Review) -> None:
        super().__init__()
        self.review, self.state, self.properties = review, BiasState(self), PropertyState(self)
        self.thumbnails = Thumbnails(self)
        self.thumbnails.attach(FakeReader())
        one = review
        self.panel = BiasPanel(
            *(one.labels, one.scores, one.selection, one.order, self.properties, self.state),
            *(self.thumbnails, one.theme),
        )
        qtbot.addWidget(self.panel)
        self.panel.resize(1000, 300)
        self.panel.show()
        self.state.asked_changed.connect(self.test)

    def measure(self) -> None:
        table, noise = unmeasured(N), np.random.default_rng(0).random(N, np.float32)
        table[PROPERTIES.index("brightness")] = noise / 2 + (np.arange(N) % 3 > 0) / 2
        table[PROPERTIES.index("warmth")] = noise[::-1]
        number = self.properties.begin()
        self.properties.accept(number, Measured(Properties(table, N)))
        self.properties.end(number, None)

    def test(self) -> None:
        labels, found = self.review.labels, self.properties.properties
        assert found is not None
        suspicion = self.review.scores.values.get("suspicion")
        about = (labels.status, suspicion, labels.classes, labels.wholesale)
        one = Reviewed(labels.labels, labels.given, *about)
        told = report(one, found, list(associations(one, found)))
        asked, strongest = self.state.asked, told.strongest()
        name, group = asked.name or "brightness", asked.group
        if not asked.name and strongest is not None:
            name, group = strongest.name, strongest.group
        self.state.accept_report(told)
        self.state.accept_view(spread(one, found, name), ends(one, found, name, group))

    @property
    def query(self) -> str:
        return self.review.order.wanted.filters.query

    def place(self, group: int, at: int) -> QPoint:
        """The middle of a bar of a cell; -1 is its name."""
        cells = self.panel.plots.cells
        cell = cells._cell(cells._groups.index(group))
        bars = cells._bars(cell)
        if at < 0:
            return QPoint(bars.center().x(), cell.top() + 3)
        edges = cells._edges(bars)
        return QPoint((edges[at] + edges[at + 1]) // 2, bars.center().y())


Show = Callable[..., Shown]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    made: list[Shown] = []

    def make(names: tuple[str, ...] = NAMES) -> Shown:
        made.append(Shown(qtbot, Review(names, {"all": N})))
        return made[-1]

    yield make
    for one in made:
        one.thumbnails.close()


@pytest.fixture
def shown(show: Show) -> Shown:
    return show()


@pytest.fixture
def tested(shown: Shown) -> Shown:
    shown.measure()
    shown.test()
    return shown


def test_it_says_what_is_missing_and_how_far_it_is(qtbot: QtBot, shown: Shown) -> None:
    panel, properties = shown.panel, shown.properties
    with qtbot.waitSignal(panel.wanted):
        panel.measure.click()
    number = properties.begin()
    properties.accept(number, Progress(60, N, "measuring the images"))
    assert "Measuring" in panel.message.text()
    assert panel.line.said.text() == "Measured 60 of 240 images"
    assert panel.line.bar.value() == 250
    with qtbot.waitSignal(panel.stopped):
        panel.line.stop.click()
    properties.accept(number, Measured(Properties(unmeasured(N), 60)))
    properties.end(number, None)
    assert panel.line.go_on.isVisible()
    assert not panel.line.stop.isVisible()


def test_nothing_is_said_of_what_was_measured_before_it_was_tested(shown: Shown) -> None:
    shown.measure()
    assert "labels follow from it…" in shown.panel.message.text()
    shown.properties.reset()
    number = shown.properties.begin()
    shown.properties.accept(number, Measured(Properties(np.zeros_like(unmeasured(N)), N)))
    shown.properties.end(number, None)
    assert shown.panel.message.text().startswith("All images are alike")


def test_what_went_wrong_is_said(shown: Shown) -> None:
    shown.properties.end(shown.properties.begin(), DatasetError("is gone", "a.npz"))
    assert "a.npz" in shown.panel.message.text()
    assert shown.panel.measure.isVisible()


def test_the_list_tells_the_strongest_first_in_words(tested: Shown) -> None:
    model = tested.panel.table.item_model
    ModelTester(None).check(model)
    assert model.index(0, 0).data() == "cat: darker"
    assert model.index(0, 1).data() == "100%"
    said = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "95% interval" in said
    assert "80 images" in said
    assert tested.panel.table.selectionModel().selectedRows()[0].row() == 0
    assert "after the first look" in tested.panel.said.text()


def test_suspects_come_before_classes(tested: Shown) -> None:
    tested.review.score()  # suspicion rises with the id, and so does nothing that was measured
    tested.test()
    assert "No property tells" in tested.panel.said.text()
    suspicion = tested.review.scores.values["suspicion"]
    suspicion[:] = tested.properties.columns["warmth"]
    tested.test()
    model = tested.panel.table.item_model
    assert model.index(0, 0).data() == "Suspects: redder"
    assert SUSPECTS in tested.panel.plots.cells._groups
    tested.panel.table.choose(0)
    assert tested.state.asked == BiasAsked("warmth", SUSPECTS)
    assert tested.panel.ends.lowest.title.text() == "Bluest: Suspects"


def test_a_click_on_a_bar_filters_and_another_one_clears(qtbot: QtBot, tested: Shown) -> None:
    cells = tested.panel.plots.cells
    at = tested.place(0, 0)
    qtbot.mouseClick(cells, Qt.MouseButton.LeftButton, pos=at)
    high = tested.state.spread.edges[1]
    assert tested.query == f'brightness < {high} and label == "cat"'
    assert tested.panel.clear.isVisible()
    qtbot.mouseClick(cells, Qt.MouseButton.LeftButton, pos=at)
    assert tested.query == ""
    assert not tested.panel.clear.isVisible()


def test_a_range_is_dragged_in_either_direction(qtbot: QtBot, tested: Shown) -> None:
    cells, edges = tested.panel.plots.cells, tested.state.spread.edges
    for start, end in ((2, 4), (4, 2)):
        qtbot.mousePress(cells, Qt.MouseButton.LeftButton, pos=tested.place(EVERY, start))
        qtbot.mouseMove(cells, tested.place(EVERY, end))
        qtbot.mouseRelease(cells, Qt.MouseButton.LeftButton, pos=tested.place(EVERY, end))
        assert tested.query == f"brightness >= {edges[2]} and brightness < {edges[5]}"
        tested.panel.clear.click()
        assert tested.query == ""


def test_the_mark_belongs_to_one_property(qtbot: QtBot, tested: Shown) -> None:
    cells, last = tested.panel.plots.cells, len(tested.state.spread.every) - 1
    qtbot.mouseClick(cells, Qt.MouseButton.LeftButton, pos=tested.place(0, last))
    assert cells._in_force is not None
    tested.state.ask(BiasAsked("warmth", 0))
    assert cells._in_force is None
    tested.state.ask(BiasAsked("brightness", 0))
    assert cells._in_force is not None


def test_a_class_that_is_taken_back_does_no_harm(tested: Shown) -> None:
    labels = tested.review.labels
    tested.state.ask(BiasAsked("brightness", 2))
    labels.load(
        labels.given, labels.given.copy(), np.zeros(N, np.uint8), ClassList.of(NAMES[:2]), 1, 0
    )
    assert not tested.panel.grab().isNull()
    tested.panel.ends.lowest.title.click()
    assert tested.query == ""


def test_the_list_stays_where_it_was_scrolled_to(qtbot: QtBot, tested: Shown) -> None:
    tested.panel.resize(1000, 200)
    bar = tested.panel.table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() >= 0)
    bar.setValue(bar.maximum())
    tested.test()
    assert bar.value() == bar.maximum()


def test_other_filters_stay(qtbot: QtBot, tested: Shown) -> None:
    tested.review.order.filter_by(Filters(statuses=frozenset({0})))
    qtbot.mouseClick(
        tested.panel.plots.cells, Qt.MouseButton.LeftButton, pos=tested.place(EVERY, 1)
    )
    filters = tested.review.order.wanted.filters
    assert (filters.statuses, bool(filters.query)) == ({0}, True)


def test_a_click_on_a_name_looks_at_the_group(qtbot: QtBot, tested: Shown) -> None:
    cells = tested.panel.plots.cells
    qtbot.mouseClick(cells, Qt.MouseButton.LeftButton, pos=tested.place(2, -1))
    assert tested.state.asked == BiasAsked("brightness", 2)
    assert tested.panel.ends.highest.title.text() == "Brightest: bird"
    assert (tested.review.given[tested.panel.ends.highest.tiles.sample_ids] == 2).all()


def test_the_keyboard_reaches_bars_cells_and_groups(qtbot: QtBot, tested: Shown) -> None:
    cells, edges = tested.panel.plots.cells, tested.state.spread.edges
    tested.state.ask(BiasAsked("brightness", EVERY))
    qtbot.keyClick(cells, Qt.Key.Key_Right)
    assert cells.accessibleDescription().startswith("Brightness")
    qtbot.keyClick(cells, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(cells, Qt.Key.Key_Return)
    assert tested.query == f"brightness >= {edges[1]} and brightness < {edges[3]}"
    tested.panel.plots.resize(150, 300)
    qtbot.keyClick(cells, Qt.Key.Key_Down)
    qtbot.keyClick(cells, Qt.Key.Key_Space)
    assert tested.state.asked.group != EVERY


def test_another_property_is_chosen_from_the_box(tested: Shown) -> None:
    box = tested.panel.property_box
    assert [box.itemText(at) for at in range(box.count())] == ["Brightness", "Warmth"]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert tested.state.asked.name == "warmth"
    assert tested.state.spread.name == "warmth"


def test_the_images_of_an_end_become_current_or_fill_the_grid(qtbot: QtBot, tested: Shown) -> None:
    tiles = tested.panel.ends.lowest.tiles
    expected = tested.state.ends.lowest
    qtbot.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=tiles._tile(1).center())
    assert tested.review.selection.current == expected[1]
    qtbot.keyClick(tiles, Qt.Key.Key_Right)
    qtbot.keyClick(tiles, Qt.Key.Key_Return)
    assert tested.review.selection.current == expected[2]
    assert tiles.accessibleDescription().startswith("cat, image")
    tested.panel.ends.lowest.title.click()
    assert tested.query.startswith("brightness <= ")
    assert tested.query.endswith(' and label == "cat"')


def test_long_names_and_many_classes_fit(show: Show) -> None:
    names = tuple(f"a class of a very long name that goes on, number {i}" for i in range(60))
    shown = show(names)
    shown.measure()
    shown.test()
    cells = shown.panel.plots.cells
    assert len(cells._groups) == 61
    assert cells._cell(60).bottom() <= cells.height()
    assert not shown.panel.grab().isNull()


@pytest.mark.parametrize("first", ["cardboard", "cardboard with a very long name"])
def test_a_list_cuts_the_name_of_a_class_and_not_what_is_said_of_it(show: Show, first: str) -> None:
    shown = show((first, "dog", "bird"))
    shown.measure()
    shown.test()
    one = Association("border", 0, 0.9, 0.8, 1.0, 0.001, 8)
    names = shown.review.class_names
    shown.panel.resize(730, 240)
    table = shown.panel.table
    table.show_associations([one] * 40, names, ("", EVERY))
    option = QStyleOptionViewItem()
    table.initViewItemOption(option)
    option.rect = table.visualRect(table.item_model.index(0, 0))
    delegate = table.itemDelegateForColumn(0)
    delegate.initStyleOption(option, table.item_model.index(0, 0))
    said = option.text
    assert said.endswith(": brighter border")
    assert ("…" in said) == (first != "cardboard")
    text = table.style().subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, table)
    assert option.fontMetrics.horizontalAdvance(said) <= text.width()


def test_an_underscore_in_a_name_is_seen(show: Show) -> None:
    pictures = []
    for name in ("____", "    "):
        shown = show((name, "dog", "bird"))
        shown.measure()
        shown.test()
        cells = shown.panel.plots.cells
        cells.mark(EVERY, None)
        pictures.append(cells.grab(cells._cell(cells._groups.index(0))).toImage())
    assert pictures[0] != pictures[1]


def test_every_property_has_words() -> None:
    said = [words(name) for name in PROPERTIES]
    assert len({one.title for one in said}) == len(PROPERTIES)
    assert all(one.less != one.more and one.least != one.most for one in said)


def test_out_of_sight_nothing_is_watched(shown: Shown) -> None:
    assert shown.state.in_sight
    shown.panel.hide()
    assert not shown.state.in_sight
