"""The dialog for a new split: what it asks for, what it shows of it, and when it can be made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from models.errors import ProjectError
from models.review.remedies import Settled
from models.types import Progress
from qtapp.state.remedying import Division, Proposed, RemedyState
from qtapp.views.dialogs.split import SplitDialog
from tests.qt.states import Review

SPLITS = {"train": 18, "test": 6}
REPORT: dict[str, Any] = {
    "splits": {"train": 18, "test": 6},
    "kept": [],
    "deviation": {"before": 0.25, "after": 0.01, "split": "test", "class": "cat"},
    "missing": [],
    "groups": {"n": 2, "images": 5, "largest": 3, "too_large": 0},
    "leaks": {"before": {"groups": 2, "images": 5}, "after": {"groups": 0, "images": 0}},
    "left_out": 0,
    "unlabelled_into": {},
}


class Shown:
    """The dialog over 24 images in two splits, and what it asked for."""

    def __init__(self, qtbot: QtBot, splits: dict[str, int], kept: tuple[str, ...] = ()) -> None:
        self.review = Review(splits=splits)
        self.state = RemedyState()
        n = sum(splits.values())
        usual = {name: size / n for name, size in splits.items() if name not in kept}
        shares = usual if len(splits) > 1 else {"train": 0.8, "test": 0.2}
        self.state.load(Settled(), Division(shares, kept))
        self.dialog = SplitDialog(self.review.session, self.state)
        qtbot.addWidget(self.dialog)
        self.asked: list[Division] = []
        self.dialog.thought_of.connect(self.asked.append)
        self.dialog.ask()

    def answer(self, division: Division, **report: Any) -> None:
        number = self.state.begin()
        self.state.accept(number, Proposed(division, {**REPORT, **report}))
        self.state.end(number, None)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot, SPLITS)


def test_it_opens_with_the_splits_there_are_and_asks_for_them_at_once(shown: Shown) -> None:
    (asked,) = shown.asked
    assert asked == Division({"train": 75.0, "test": 25.0})
    assert list(shown.dialog.shares) == ["train", "test", "validation"]
    assert not shown.dialog.make_button.isEnabled()
    assert "belongs together" in shown.dialog.outcome.text()


def test_it_does_not_stay_once_the_dataset_it_asks_about_is_closed(
    qtbot: QtBot, shown: Shown
) -> None:
    with qtbot.waitSignal(shown.dialog.dropped):
        shown.review.session.close()
    assert not shown.dialog.isVisible()


def test_tab_goes_through_it_as_it_is_read(shown: Shown) -> None:
    dialog = shown.dialog
    met, widget = [], dialog.by_shares.nextInFocusChain()
    while widget is not dialog.by_shares:
        met.append(widget)
        widget = widget.nextInFocusChain()
    fields = [dialog.shares["train"], dialog.kept["train"], dialog.shares["test"]]
    read = [*fields, dialog.by_folds, dialog.folds, dialog.seed, dialog.make_button]
    assert [widget for widget in met if widget in read] == read


def test_what_comes_of_it_is_said_and_only_that_can_be_made(qtbot: QtBot, shown: Shown) -> None:
    dialog = shown.dialog
    shown.answer(shown.asked[0])
    said = dialog.outcome.text()
    assert "train 18, test 6" in said
    assert "1.00%; before, 25.00%" in said
    assert "Torn across splits: 5 images before, 0 then" in said
    assert dialog.make_button.isEnabled()
    with qtbot.waitSignal(dialog.thought_of) as asked:
        dialog.seed.setValue(7)
        assert not dialog.make_button.isEnabled()
    assert asked.args[0] == replace(shown.asked[0], seed=7)
    shown.answer(asked.args[0])
    with qtbot.waitSignal(dialog.wanted):
        dialog.make_button.click()
    assert not dialog.isVisible()


def test_a_split_that_stays_has_no_share(shown: Shown) -> None:
    dialog = shown.dialog
    dialog.kept["test"].setChecked(True)
    dialog.shares["validation"].setValue(12.5)
    assert dialog.division() == Division({"train": 75.0, "validation": 12.5}, ("test",))
    assert not dialog.shares["test"].isEnabled()


def test_splits_without_labels_stay_unless_somebody_says_otherwise(qtbot: QtBot) -> None:
    shown = Shown(qtbot, {"train": 6, "test": 3, "unlabeled": 15}, ("unlabeled",))
    (asked,) = shown.asked
    assert (list(asked.shares), asked.kept) == (["train", "test"], ("unlabeled",))
    shown.dialog.kept["unlabeled"].setChecked(False)
    assert shown.dialog.division().shares["unlabeled"] == pytest.approx(62.5)
    shown.answer(shown.dialog.division(), unlabelled_into={"train": 4, "test": 2})
    assert "into splits that had none: train 4, test 2" in shown.dialog.outcome.text()


def test_folds_are_equal_and_take_the_place_of_shares(shown: Shown) -> None:
    dialog = shown.dialog
    dialog.by_folds.setChecked(True)
    dialog.folds.setValue(3)
    assert dialog.division().shares == {"fold1": 1.0, "fold2": 1.0, "fold3": 1.0}
    assert not dialog.shares["train"].isEnabled()


def test_one_split_is_divided_as_most_people_do(qtbot: QtBot) -> None:
    shown = Shown(qtbot, {"all": 24})
    assert shown.dialog.division().shares == {"train": 80.0, "test": 20.0}
    assert not shown.dialog.kept


def test_what_it_does_and_what_is_wrong_are_said(shown: Shown) -> None:
    number = shown.state.begin()
    shown.state.accept(number, Progress(1, 2, "reading images"))
    assert shown.dialog.outcome.text().strip() == "Reading images…"
    shown.state.end(number, ProjectError("there must be two splits at least"))
    assert "two splits" in shown.dialog.outcome.text()
    assert not shown.dialog.make_button.isEnabled()


def test_splits_of_the_source_come_back_where_others_were_made(qtbot: QtBot, shown: Shown) -> None:
    dialog = shown.dialog
    assert not dialog.source_button.isVisible()
    shown.state.load(Settled(divided="2026-01-01T00:00:00+00:00"), Division({"train": 1.0}))
    assert dialog.source_button.isVisible()
    with qtbot.waitSignals([dialog.source_wanted, dialog.dropped]):
        dialog.source_button.click()


def test_every_control_has_a_name_and_the_keyboard_reaches_it(shown: Shown) -> None:
    dialog = shown.dialog
    named = [*dialog.shares.values(), *dialog.kept.values(), dialog.folds]
    assert all(control.accessibleName() for control in named)
    reached, at = set(), dialog.by_shares
    while at not in reached:
        reached.add(at)
        at = at.nextInFocusChain()
    assert {*named, dialog.seed, dialog.make_button, dialog.cancel_button} <= reached


def test_classes_that_are_missing_and_images_left_out_are_told(shown: Shown) -> None:
    missing = [{"split": "test", "class": "cat"}, {"split": "test", "class": "dog"}]
    groups = {**REPORT["groups"], "n": 0}
    shown.answer(shown.asked[0], missing=missing, groups=groups, left_out=3, deviation=None)
    said = shown.dialog.outcome.text()
    assert "No image of cat in test, and 1 more" in said
    assert "No image has a copy." in said
    assert "3 excluded or unreadable" in said


def test_one_image_left_out_and_one_group_are_told_as_one(shown: Shown) -> None:
    shown.answer(shown.asked[0], groups={**REPORT["groups"], "n": 1, "images": 2}, left_out=1)
    said = shown.dialog.outcome.text()
    assert "1 group of copies" in said
    assert "1 excluded or unreadable image not" in said
