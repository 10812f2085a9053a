"""Palette, class picker, cheat sheet, export, runs and about do what they say."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.errors import ProjectError
from models.review.decisions import Status
from models.types import ExportOptions, Progress, RunSummary, TrainingStarted
from qtapp.state.activity import ActivityState
from qtapp.views.dialogs.about import AboutDialog
from qtapp.views.dialogs.cheat_sheet import CheatSheet, columns_of
from qtapp.views.dialogs.class_picker import ClassPicker
from qtapp.views.dialogs.export import ExportDialog
from qtapp.views.dialogs.listing import Choice, best_first
from qtapp.views.dialogs.palette import Palette
from qtapp.views.dialogs.runs import RunsDialog, local_time, size_text
from tests.qt.states import Review, names

ENTER, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Down


@pytest.fixture
def review() -> Review:
    return Review()


# -- palette ---------------------------------------------------------------------------------
@pytest.fixture
def palette(qtbot: QtBot, review: Review) -> Palette:
    palette = Palette(review.registry, review.theme)
    qtbot.addWidget(palette)
    palette.ask()
    return palette


def test_enter_runs_the_command_typed(qtbot: QtBot, review: Review, palette: Palette) -> None:
    qtbot.keyClicks(palette.field, "second")
    qtbot.keyClick(palette.field, ENTER)
    assert review.pressed == ["decide.second_look"]
    assert not palette.isVisible()


def test_arrows_choose_while_typing(qtbot: QtBot, review: Review, palette: Palette) -> None:
    qtbot.keyClicks(palette.field, "train")
    texts = [choice.text for choice in palette.item_model.choices]
    others = ["Start training", "Stop training", "Pause training"]
    begun_with = ["Train again with corrections", "Train on the labels as given"]
    assert texts == [*begun_with, *others]
    qtbot.keyClick(palette.field, DOWN)
    qtbot.keyClick(palette.field, ENTER)
    assert review.pressed == ["run.baseline"]


def test_the_palette_shows_keys(palette: Palette) -> None:
    keys = {choice.text: choice.key for choice in palette.item_model.choices}
    assert keys["Keep"] == "Q"
    assert keys["Export"] == "Ctrl+E"


def test_what_cannot_be_done_now_is_not_run(qtbot: QtBot, review: Review, palette: Palette) -> None:
    review.registry.action("decide.exclude").setEnabled(False)
    qtbot.keyClicks(palette.field, "exclude")
    qtbot.keyClick(palette.field, ENTER)
    assert review.pressed == []
    assert palette.isVisible()


def test_names_that_start_with_what_was_typed_come_first() -> None:
    choices = [Choice(text, text) for text in ("red cat", "cat", "dog")]
    assert [choice.text for choice in best_first(choices, "CAT")] == ["cat", "red cat"]


# -- class picker ----------------------------------------------------------------------------
def picker_for(qtbot: QtBot, review: Review) -> ClassPicker:
    picker = ClassPicker(review.labels, review.theme)
    qtbot.addWidget(picker)
    picker.ask()
    return picker


def test_a_part_of_a_name_picks_the_class(qtbot: QtBot, review: Review) -> None:
    picker = picker_for(qtbot, review)
    qtbot.keyClicks(picker.field, "bi")
    with qtbot.waitSignal(picker.chosen) as chosen:
        qtbot.keyClick(picker.field, ENTER)
    assert chosen.args == [2]


def test_a_new_name_can_be_added(qtbot: QtBot, review: Review) -> None:
    picker = picker_for(qtbot, review)
    qtbot.keyClicks(picker.field, "duck")
    assert [choice.text for choice in picker.item_model.choices] == ["Add class “duck”"]
    with qtbot.waitSignal(picker.added) as added:
        qtbot.keyClick(picker.field, ENTER)
    assert added.args == ["duck"]


def test_a_name_that_exists_cannot_be_added_again(qtbot: QtBot, review: Review) -> None:
    picker = picker_for(qtbot, review)
    qtbot.keyClicks(picker.field, "cat")
    assert [choice.text for choice in picker.item_model.choices] == ["cat"]


def test_the_exact_name_is_first_among_many(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    picker = picker_for(qtbot, Review(class_names=(*names(1_000)[::-1],)))
    qtbot.keyClicks(picker.field, "class 1")
    assert picker.item_model.choices[0].text == "class 1"
    qtmodeltester.check(picker.item_model)


# -- cheat sheet and about -------------------------------------------------------------------
def test_the_cheat_sheet_holds_every_key(qtbot: QtBot, review: Review) -> None:
    sheet = CheatSheet(review.registry)
    qtbot.addWidget(sheet)
    sheet.ask()
    words = " ".join(label.text() for label in sheet.findChildren(QLabel))
    for line in review.registry.described():
        if line.keys:
            assert line.text in words
            assert line.keys[0] in words
    assert "first ten classes" in words


@given(st.lists(st.integers(10, 600), min_size=1, max_size=9), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_blocks_of_keys_stand_in_columns_of_about_one_height(
    heights: list[int], n_columns: int
) -> None:
    columns = columns_of(heights, n_columns)
    assert sorted(block for column in columns for block in column) == list(range(len(heights)))
    assert columns[0][0] == 0  # reading begins with the first
    assert all(column == sorted(column) for column in columns)
    if len(heights) >= n_columns:
        filled = [sum(heights[block] for block in column) for column in columns]
        assert max(filled) - min(filled) <= max(heights)


def test_about_names_the_version(qtbot: QtBot) -> None:
    about = AboutDialog("0.1.0")
    qtbot.addWidget(about)
    assert "Winnow 0.1.0" in [label.text() for label in about.findChildren(QLabel)]


# -- export ----------------------------------------------------------------------------------
@pytest.fixture
def exporting() -> ActivityState:
    return ActivityState()


@pytest.fixture
def export(qtbot: QtBot, review: Review, exporting: ActivityState, tmp_path: Path) -> ExportDialog:
    review.session.open(review.info, str(tmp_path / "tiny.winnow"))
    dialog = ExportDialog(review.session, review.labels, exporting)
    qtbot.addWidget(dialog)
    dialog.ask()
    return dialog


def test_export_asks_for_all_but_excluded(
    qtbot: QtBot, export: ExportDialog, tmp_path: Path
) -> None:
    with qtbot.waitSignal(export.asked) as asked:
        export.export_button.click()
    path, kind, options = asked.args
    assert path == str(tmp_path / "tiny-cleaned.h5")
    assert kind == "h5"
    assert options == ExportOptions(only=("pending", "kept", "changed", "second_look"))


def test_export_says_what_is_left_out(review: Review, export: ExportDialog) -> None:
    review.decide(3, Status.EXCLUDED)
    assert export.summary.text().startswith("23 of 24 images. Left out: 1 excluded.")


def test_another_format_is_another_file_name(export: ExportDialog) -> None:
    export.choices.formats["csv"].setChecked(True)
    assert export.place.text().endswith("tiny-cleaned.csv")


def test_export_never_replaces_a_file(export: ExportDialog, tmp_path: Path) -> None:
    (tmp_path / "tiny-cleaned.h5").touch()
    export.ask()
    assert export.place.text().endswith("tiny-cleaned-2.h5")
    export.place.setText(str(tmp_path / "tiny-cleaned.h5"))
    assert not export.export_button.isEnabled()
    assert "exists" in export.summary.text()


@pytest.mark.parametrize("place", ["", "/no/such/folder/x.h5"])
def test_export_needs_a_place(export: ExportDialog, place: str) -> None:
    export.place.setText(place)
    assert not export.export_button.isEnabled()
    assert export.summary.property("role") == "danger"


def test_an_export_that_is_still_asked_about_is_of_the_dataset_that_is_open_now(
    review: Review, export: ExportDialog, tmp_path: Path
) -> None:
    review.session.close()
    assert not export.export_button.isEnabled()
    assert export.summary.text() == "No dataset is open."
    review.decide(3, Status.EXCLUDED)
    review.session.open(replace(review.info, name="other"), str(tmp_path / "other.winnow"))
    assert export.place.text() == str(tmp_path / "other-cleaned.h5")
    assert export.summary.text().startswith("23 of 24 images.")
    assert export.export_button.isEnabled()


def test_progress_can_be_cancelled(
    qtbot: QtBot, export: ExportDialog, exporting: ActivityState
) -> None:
    number = exporting.begin()
    exporting.accept(number, Progress(30, 120, "writing images"))
    assert (export.bar.value(), export.bar.maximum()) == (30, 120)
    assert export.outcome.text() == "writing images"
    assert not export.export_button.isEnabled()
    with qtbot.waitSignal(export.cancel_asked):
        export.cancel_button.click()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "✓ Written and read back: "),
        (ProjectError("the disk is full", "x.h5", "Make room."), "x.h5: the disk is full."),
        (RuntimeError(), "The export ended early; nothing was left behind."),
    ],
)
def test_the_end_of_an_export_is_told(
    export: ExportDialog, exporting: ActivityState, error: BaseException | None, words: str
) -> None:
    exporting.end(exporting.begin(), error)
    assert export.outcome.text().startswith(words)
    assert not export.bar.isVisible()


# -- runs ------------------------------------------------------------------------------------
RUNS = (
    RunSummary(2, "ended", "2026-02-03T10:11:12+00:00", 22, 0.91, 123_456_789, False, True),
    RunSummary(1, "stopped", "2026-02-03T09:11:12+00:00", 3, math.nan, 12_345, True, True),
)


@pytest.fixture
def runs(qtbot: QtBot, review: Review) -> RunsDialog:
    dialog = RunsDialog(review.scores, review.training)
    qtbot.addWidget(dialog)
    dialog.ask()
    return dialog


def test_a_run_says_how_many_images_have_changed_since(runs: RunsDialog) -> None:
    runs.set_runs([replace(RUNS[0], seen_otherwise=1_200)])
    cell = runs.table.item(0, 1)
    assert cell is not None
    assert cell.text() == "done · 1,200 images have changed"


def test_runs_are_listed_with_what_they_cost(review: Review, runs: RunsDialog) -> None:
    assert runs.empty.isVisible()
    review.score()
    runs.set_runs(RUNS)
    assert not runs.empty.isVisible()
    cells = [runs.table.item(1, column) for column in (0, 1, 3, 4, 5)]
    assert [cell.text() for cell in cells if cell] == ["1 · shown", "stopped", "3", "–", "12 kB"]


def test_a_run_whose_program_was_ended_is_not_called_running(
    review: Review, runs: RunsDialog
) -> None:
    runs.set_runs([replace(RUNS[0], state="running")])

    def state() -> str:
        cell = runs.table.item(0, 1)
        return cell.text() if cell else ""

    assert state() == "broken off"
    number = review.training.begin()
    review.training.accept(number, TrainingStarted(RUNS[0].run, "CPU", "", 10, 2, 3))
    assert state() == "running"
    review.training.end(number, None)
    assert state() == "broken off"


def test_a_run_is_used_at_one_click_and_deleted_at_two(qtbot: QtBot, runs: RunsDialog) -> None:
    runs.set_runs(RUNS)
    with qtbot.waitSignal(runs.use_asked) as used:
        runs.use_button.click()
    assert used.args == [2]
    with qtbot.assertNotEmitted(runs.delete_asked):
        runs.delete_button.click()
    assert runs.delete_button.text() == "Delete run 2 for good"
    with qtbot.waitSignal(runs.delete_asked) as deleted:
        runs.delete_button.click()
    assert deleted.args == [2]


def test_choosing_another_run_takes_the_first_click_back(runs: RunsDialog) -> None:
    runs.set_runs(RUNS)
    runs.delete_button.click()
    runs.table.selectRow(1)
    assert runs.delete_button.text() == "Delete…"


def test_a_run_is_deleted_while_another_trains(
    qtbot: QtBot, review: Review, runs: RunsDialog
) -> None:
    runs.set_runs(RUNS)
    number = review.training.begin()
    review.training.accept(number, TrainingStarted(3, "CPU", "", 20, 4, 5))
    runs.delete_button.click()
    review.training.accept(number, Progress(1, 5, "training"))
    runs.set_runs([replace(RUNS[0], run=3), *RUNS])  # the new one is listed
    with qtbot.waitSignal(runs.delete_asked) as deleted:
        runs.delete_button.click()
    assert deleted.args == [2]


def test_a_run_that_begins_to_train_is_not_deleted_by_the_second_click(
    review: Review, runs: RunsDialog
) -> None:
    runs.set_runs(RUNS)
    runs.delete_button.click()
    number = review.training.begin()
    review.training.accept(number, TrainingStarted(2, "CPU", "", 20, 4, 5))
    assert not runs.delete_button.isEnabled()
    review.training.end(number, None)
    assert runs.delete_button.text() == "Delete…"


def test_opening_the_runs_again_takes_the_first_click_back(runs: RunsDialog) -> None:
    runs.set_runs(RUNS)
    runs.delete_button.click()
    runs.close()
    runs.ask()
    assert runs.delete_button.text() == "Delete…"


def test_sizes_and_times_read_well() -> None:
    assert [size_text(n) for n in (12, 12_345, 4_200_000_000)] == ["12 B", "12 kB", "4.2 GB"]
    assert local_time("not a time") == "not a time"
