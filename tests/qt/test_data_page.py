"""The data page says what was found, and leads to the images behind each figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.review.balance import counted_twice
from models.review.classes import ClassChange
from models.review.decisions import Status, merge_classes
from models.types import UNLABELLED, Described, Finished, Progress
from qtapp.state.balance import BalanceState
from qtapp.state.describing import DescribingState
from qtapp.state.view import DATA, GRID
from qtapp.views.data.class_table import ClassItemModel
from qtapp.views.data.figures import Figure
from qtapp.views.data.items import ItemsItemModel
from qtapp.views.data.page import DataPage
from qtapp.views.data.plots import BrightnessPlot, SizePlot
from qtapp.views.parts import ElidedLabel
from qtapp.views.theme import LIGHT, Theme
from tests.helpers.screens import undress
from tests.qt.states import Review, names

SHAPES = {
    "n": 2,
    "height": [8, 9],
    "width": [8, 20],
    "sizes": [{"height": 8, "width": 8, "n": 20}, {"height": 9, "width": 20, "n": 4}],
}


def described(**changed: Any) -> dict[str, Any]:
    """A page of 24 images with nothing wrong."""
    page: dict[str, Any] = {
        "class_names": ["cat", "dog", "bird"],
        "balance": None,
        "spellings": [],
        "probably_missing": [],
        "shapes": SHAPES,
        "values": {
            "range": [0.0, 255.0],
            "mean": 101.5,
            "means": {"low": 0.0, "high": 255.0, "counts": [0, 20, 4]},
        },
        "bytes_on_disk": 2_000_000,
        "bytes_in_memory": 4_000_000,
        "broken": [],
        "broken_ids": [],
        "blank": {"n": 0, "sample_ids": [], "items": []},
        "looked_at": {"n": 24, "of": 24},
        "warnings": [],
    }
    return {**page, **changed}


class Shown:
    """A page over a small review."""

    def __init__(self, qtbot: QtBot, review: Review | None = None) -> None:
        self.review = review or Review()
        for command in ("look.grid", "look.data"):
            self.review.registry.add(command, command, lambda: None)
        self.state, self.balance = DescribingState(), BalanceState()
        self.recount()
        self.review.view.set_mode(DATA)
        one = self.review
        self.page = DataPage(
            one.session,
            one.labels,
            self.state,
            self.balance,
            one.selection,
            one.order,
            one.view,
            one.registry,
            one.theme,
        )
        qtbot.addWidget(self.page)
        self.page.resize(1200, 760)
        self.page.show()

    def recount(self) -> None:
        """What the worker would count."""
        one = self.review
        self.balance.accept(
            counted_twice(
                one.labels.given,
                one.labels.labels,
                one.info.split_codes(),
                len(one.splits),
                one.labels.classes,
            )
        )

    def finish(self, **changed: Any) -> None:
        number = self.state.begin()
        self.state.accept(number, Finished(described(**changed)))
        self.state.end(number, None)

    def said(self) -> list[str]:
        return [line.sentence.text() for line in self.page.trouble.lines]

    def press(self, sentence: str) -> None:
        line = next(one for one in self.page.trouble.lines if sentence in one.sentence.text())
        assert line.button is not None
        line.button.click()


def click_class(qtbot: QtBot, page: DataPage, row: int, column: int) -> None:
    table = page.balance.table
    middle = table.visualRect(table.item_model.index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def test_labels_are_shown_before_any_image_was_looked_at(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    assert shown.page.balance.table.item_model.rowCount() == 3
    assert "8 images each" in shown.page.balance.said.text()
    assert "appears here" in shown.said()[0]


def test_a_click_on_a_class_shows_it_in_the_grid(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    click_class(qtbot, shown.page, 1, 1)
    assert shown.review.order.wanted.filters.classes == {1}
    assert shown.review.order.wanted.tab == "filtered"
    assert shown.review.view.mode == GRID


def test_a_click_under_a_split_shows_that_split_alone(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(splits={"train": 20, "test": 4}))
    click_class(qtbot, shown.page, 0, 3)
    assert shown.review.order.wanted.filters.splits == {1}


def test_enter_chooses_the_class_under_the_keyboard(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    table = shown.page.balance.table
    table.setCurrentIndex(table.item_model.index(2, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert shown.review.order.wanted.filters.classes == {2}


def test_the_labels_as_given_are_counted_too_and_lead_to_their_images(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.review.decide(0, Status.CHANGED, label=2)
    shown.recount()
    balance, model = shown.page.balance, shown.page.balance.table.item_model
    tip = model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole)
    assert tip == "bird\ngiven: 8 images\nClick to see these images"
    balance.of_labels.setCurrentIndex(1)
    balance.of_labels.activated.emit(1)
    assert [model.count(row, 0) for row in range(3)] == [8, 8, 8]
    click_class(qtbot, shown.page, 2, 1)
    assert shown.review.order.wanted.filters.query == 'given == "bird"'
    shown.review.view.set_mode(DATA)


def test_tooltips_show_names_as_they_are_written(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(class_names=("<b>cat</b>", "dog", "bird")))
    model = shown.page.balance.table.item_model
    tips = [model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(3)]
    assert "<qt>&lt;b&gt;cat&lt;/b&gt;<br>Click to see these images</qt>" in tips
    items = ItemsItemModel()
    items.set_items([(9, "<i>/9.png", "cut off")])
    assert "&lt;i&gt;/9.png" in str(items.index(0, 1).data(Qt.ItemDataRole.ToolTipRole))


def test_a_second_click_on_a_class_in_the_dock_shows_all_again(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    for filtered in ({1}, set(), {1}):
        click_class(qtbot, shown.page, 1, 1)
        assert shown.review.order.wanted.filters.classes == filtered
        assert shown.review.view.mode == GRID


def test_a_size_and_a_bar_of_brightness_lead_to_their_images(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    ids = np.arange(24)
    sizes = np.where(ids[:, None] < 4, (9, 20), (8, 8)).astype(np.int32)
    means = np.where(ids < 4, 250, 100).astype(np.float32)
    number = shown.state.begin()
    shown.state.accept(number, Described(described(), ids[::-1], sizes[::-1], means[::-1]))
    page, selection = shown.page, shown.review.selection
    page.sizes.setFocus()
    qtbot.keyClick(page.sizes, Qt.Key.Key_Right)
    assert page.sizes.accessibleDescription().startswith("20 × 9: 4 images")
    qtbot.keyClick(page.sizes, Qt.Key.Key_Return)
    assert selection.sample_ids.tolist() == [0, 1, 2, 3]
    assert shown.review.order.wanted.tab == "selected"
    bars = page.brightness
    middle = bars.rect().center()
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=middle)
    assert selection.sample_ids.tolist() == list(range(4, 24))
    assert shown.review.view.mode == GRID


def test_classes_are_sorted_by_any_column(qtbot: QtBot) -> None:
    model = ClassItemModel()
    counts = np.array([[5, 1], [9, 0], [2, 7]])
    model.set_counts(("b", "c", "a"), ("train", "test"), counts, counts, "given")
    ModelTester(qtbot).check(model)
    assert [model.code(row) for row in range(3)] == [1, 0, 2]
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert [model.code(row) for row in range(3)] == [1, 0, 2]
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert [model.code(row) for row in range(3)] == [2, 0, 1]
    model.sort(0, Qt.SortOrder.AscendingOrder)
    assert [model.code(row) for row in range(3)] == [0, 1, 2]


def test_counts_follow_the_labels_as_they_stand(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.review.decide(0, Status.CHANGED, label=2)
    shown.recount()
    model = shown.page.balance.table.item_model
    counts = {model.code(row): model.count(row, 0) for row in range(3)}
    assert counts == {0: 7, 1: 8, 2: 9}
    assert "“bird” has 1.3 times as many images as “cat”" in shown.page.balance.said.text()


def test_broken_and_blank_images_lead_to_the_grid(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.finish(
        broken=[{"sample_id": 3, "path": "ant/3.png", "why": "is damaged."}],
        broken_ids=[3],
        blank={"n": 1, "sample_ids": [7], "items": [{"sample_id": 7, "path": "ant/7.png"}]},
    )
    assert shown.said()[:2] == [
        "1 image cannot be read.",
        "1 image is blank: all of its pixels are alike.",
    ]
    items = shown.page.items.item_model
    assert [item[:2] for item in items.items] == [(3, "ant/3.png"), (7, "ant/7.png")]
    shown.press("cannot be read")
    assert shown.review.selection.sample_ids.tolist() == [3]
    assert shown.review.order.wanted.tab == "selected"
    assert shown.review.view.mode == GRID


def test_enter_on_one_broken_image_shows_that_one(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    broken = [{"sample_id": i, "path": f"{i}.png", "why": "is damaged."} for i in (3, 9)]
    shown.finish(broken=broken, broken_ids=[3, 9])
    table = shown.page.items
    table.setCurrentIndex(table.item_model.index(1, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert shown.review.selection.sample_ids.tolist() == [9]


def test_images_without_a_label_lead_to_the_grid(qtbot: QtBot) -> None:
    review = Review()
    review.labels.labels[:5] = UNLABELLED
    shown = Shown(qtbot, review)
    shown.finish()
    assert "5 without a label" in shown.page.figures.classes.accessibleName()
    shown.press("5 images have no label")
    assert review.order.wanted.filters.classes == {UNLABELLED}


def test_what_was_labelled_since_is_not_said_to_be_missing(qtbot: QtBot) -> None:
    review = Review(class_names=("nan", "dog", "bird", "fish"))
    review.labels.labels[review.labels.labels == 0] = 3
    shown = Shown(qtbot, review)
    balance = {"largest": {}, "smallest": {}, "ratio": 1.0, "empty": ["fish"]}
    shown.finish(balance=balance, probably_missing=[{"class": "nan", "n": 6}])
    assert not [said for said in shown.said() if "fish" in said or "nan" in said]
    review.labels.labels[:] = review.given
    shown.page.hide()
    shown.page.show()
    assert "Class “nan” (6 images) probably means that there is no label." in shown.said()
    assert "No image is labelled “fish”." not in shown.said()  # six are


def test_a_class_that_is_taken_back_while_nobody_looks_does_no_harm(qtbot: QtBot) -> None:
    review = Review()
    before = review.labels.classes
    review.labels.classes = before.after(ClassChange("owl"))
    shown = Shown(qtbot, review)
    shown.finish()
    review.labels.classes = before
    shown.page.balance.of_labels.activated.emit(0)
    shown.page.hide()
    shown.page.show()
    assert shown.page.balance.table.isVisible()


def test_spellings_are_listed_with_their_reason_and_can_be_merged(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(class_names=("T-shirt", "tshirt", "bag")))
    (line,) = shown.page.spellings.lines
    assert "“tshirt” · 8 images" in line.sentence.text()
    assert line.button is not None
    line.button.click()
    assert shown.review.order.wanted.filters.classes == {0, 1}
    with qtbot.waitSignal(shown.page.merge_wanted) as merge:
        line.offered.click()
    assert merge.args == [[1], 0]


def test_long_names_that_are_spelt_alike_leave_the_page_its_width(qtbot: QtBot) -> None:
    name = "Animalia_Chordata_" * 8
    shown = Shown(qtbot, Review(class_names=(f"<b>{name}</b>", f"<b>{name.lower()}</b>", "bag")))
    assert shown.page.widget().minimumSizeHint().width() <= shown.page.viewport().width()
    (line,) = shown.page.spellings.lines
    assert line.offered.toolTip().startswith("<qt>Merge &lt;b&gt;")


def test_spellings_that_were_merged_are_gone(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(class_names=("T-shirt", "tshirt", "bag")))
    labels = shown.review.labels
    labels.apply(
        merge_classes(
            [1],
            0,
            given=labels.given,
            labels=labels.labels,
            status=labels.status,
            step=1,
            time_ns=1,
        )
    )
    shown.recount()
    assert shown.page.spellings.lines == []


def test_figures_and_what_is_worth_a_look_follow_a_merge_on_the_page(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(class_names=("nan", "NaN", "bag")))
    shown.finish(probably_missing=[{"class": "nan", "n": 8}])
    assert shown.page.figures.classes.accessibleName().startswith("Classes: 3")
    labels = shown.review.labels
    about = {"given": labels.given, "labels": labels.labels, "status": labels.status}
    merged = merge_classes([1], 0, **about, step=1, time_ns=1)
    labels.apply(merged)
    shown.recount()
    assert shown.page.figures.classes.accessibleName().startswith("Classes: 2")
    assert "Class “nan” (16 images) probably means that there is no label." in shown.said()
    labels.apply(merged.inverse(2, 2))
    shown.recount()
    assert shown.page.figures.classes.accessibleName().startswith("Classes: 3")


def test_all_well_is_said_too(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.finish()
    assert shown.said() == [
        "Every image can be read, and none is blank.",
        "No class seems to be spelt in two ways.",
    ]
    assert not shown.page.items.isVisible()


def test_progress_can_be_stopped_and_taken_up_again(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    number = shown.state.begin()
    shown.state.accept(number, Described(described(looked_at={"n": 0, "of": 24})))
    shown.state.accept(number, Progress(6, 24, "looking at the images"))
    assert "6 of 24 images looked at" in shown.page.doing.text()
    with qtbot.waitSignal(shown.page.stopped):
        shown.page.stop.click()
    shown.state.accept(number, Described(described(looked_at={"n": 6, "of": 24})))
    shown.state.end(number, None)
    assert not shown.page.bar.isVisible()
    with qtbot.waitSignal(shown.page.wanted):
        shown.page.go_on.click()


def test_a_dataset_without_labels_says_what_to_do(qtbot: QtBot) -> None:
    review = Review()
    review.labels.labels[:] = UNLABELLED
    shown = Shown(qtbot, review)
    assert not shown.page.balance.table.isVisible()


def test_a_thousand_classes_are_scrolled(qtbot: QtBot) -> None:
    shown = Shown(qtbot, Review(class_names=names(1_000)))
    assert shown.page.balance.table.item_model.rowCount() == 1_000
    assert shown.page.balance.table.height() < shown.page.height()


@pytest.mark.parametrize("shapes", [None, SHAPES, {**SHAPES, "sizes": SHAPES["sizes"][:1]}])
def test_plots_draw_nothing_one_size_and_many(qtbot: QtBot, shapes: Any) -> None:
    review = Review()
    for plot in (SizePlot(review.theme), BrightnessPlot(review.theme)):
        qtbot.addWidget(plot)
        if isinstance(plot, SizePlot):
            plot.show_sizes(shapes)
        else:
            plot.show_values(described()["values"] if shapes else None)
        plot.resize(300, 180)
        assert not plot.grab().isNull()


def test_classes_do_not_run_into_each_other_when_letters_grow(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    font = shown.page.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    shown.page.setFont(font)
    shown.review.theme.changed.emit()
    table = shown.page.balance.table
    assert table.rowHeight(0) >= QFontMetrics(table.font()).height()
    assert table.viewport().height() >= 3 * table.rowHeight(0)  # all of them are in sight


def test_a_figure_grows_with_the_letters_and_is_never_cut(qtbot: QtBot, qapp: QApplication) -> None:
    figure = Figure("Size in pixels")
    qtbot.addWidget(figure)
    figure.say("1,296 × 972", "all alike")
    figure.show()
    try:
        for percent in (100, 200):
            Theme(LIGHT, font_percent=percent).apply(qapp)
            for width in (240, 420):
                figure.resize(width, 140)
                (value,) = (one for one in figure.findChildren(ElidedLabel) if "×" in one.text())
                assert value.text() == "1,296 × 972"
            assert value.font().pointSizeF() > 1.5 * figure.font().pointSizeF()
    finally:
        undress(qapp)


def test_the_list_of_wrong_images_is_a_sound_model(qtbot: QtBot) -> None:
    model = ItemsItemModel()
    model.set_items([(3, "ant/3.png", "is damaged.")])
    ModelTester(qtbot).check(model)
