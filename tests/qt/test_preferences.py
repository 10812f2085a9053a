"""Preferences: keys are found, changed, taken and reset; appearance and name come out at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtapp.commands.keys import rebound
from qtapp.preferences import Preferences
from qtapp.settings import Settings, load_settings
from qtapp.views.dialogs.key_page import KeyPage
from qtapp.views.dialogs.preferences import PreferencesDialog
from qtapp.views.parts import CommandButton
from qtapp.views.theme import CONTRAST
from tests.qt.states import Review

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def review() -> Review:
    review = Review()
    review.registry.add("digit.1", "Set class of key 1", lambda: None)
    return review


@pytest.fixture
def dialog(qtbot: QtBot, review: Review) -> PreferencesDialog:
    dialog = PreferencesDialog(review.registry, review.theme, "ada")
    qtbot.addWidget(dialog)
    dialog.keys.chosen.connect(review.registry.bind)
    dialog.ask("")
    dialog.pages.setCurrentWidget(dialog.keys)
    dialog.keys.choose("decide.keep")
    return dialog


@pytest.fixture
def page(dialog: PreferencesDialog) -> KeyPage:
    return dialog.keys


def shown(page: KeyPage) -> list[str]:
    return [line.text(0) for line in page._lines if not line.isHidden()]


def test_a_key_pressed_is_the_key_and_every_button_shows_it(
    qtbot: QtBot, review: Review, page: KeyPage
) -> None:
    button = CommandButton(review.registry, "decide.keep", review.theme)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Keep, Q"
    qtbot.keyClick(page.field, Qt.Key.Key_K)
    assert review.registry.keys["decide.keep"] == ("K",)
    assert button.accessibleName() == "Keep, K"
    assert "(K)" in button.toolTip()
    assert page.list.currentItem().text(1) == "K"
    assert page.list.currentItem().text(2) == "Q"
    assert page.presets.currentText() == "Own"


def test_a_key_can_be_given_beside_those_there_are(
    qtbot: QtBot, review: Review, page: KeyPage
) -> None:
    page.beside.setChecked(True)
    qtbot.keyClick(page.field, Qt.Key.Key_K, CTRL | SHIFT)
    assert review.registry.keys["decide.keep"] == ("Q", "Ctrl+Shift+K")


def test_a_key_in_use_names_its_owner_and_is_taken_only_when_asked(
    qtbot: QtBot, review: Review, page: KeyPage
) -> None:
    qtbot.keyClick(page.field, Qt.Key.Key_E)
    assert review.registry.keys["decide.keep"] == ("Q",)
    assert "“Exclude”" in page.outcome.text()
    page.remedy.click()
    assert review.registry.keys["decide.keep"] == ("E",)
    assert review.registry.keys["decide.exclude"] == ()
    assert "Exclude" in page.outcome.text()
    page.remedy.click()  # undo
    assert review.registry.keys == review.registry.default_keys


def test_a_digit_cannot_be_taken(qtbot: QtBot, review: Review, page: KeyPage) -> None:
    qtbot.keyClick(page.field, Qt.Key.Key_1)
    assert "always" in page.outcome.text()
    assert not page.remedy.isVisible()
    assert review.registry.keys == review.registry.default_keys


def test_a_held_key_takes_no_modifier(qtbot: QtBot, review: Review, page: KeyPage) -> None:
    page.choose("look.peek")
    qtbot.keyClick(page.field, Qt.Key.Key_P, CTRL)
    assert "held" in page.outcome.text()
    qtbot.keyClick(page.field, Qt.Key.Key_P)
    assert list(review.registry.holds()) == ["P"]


def test_shift_that_makes_another_sign_is_in_the_sign(
    qtbot: QtBot, review: Review, page: KeyPage
) -> None:
    qtbot.keyClick(page.field, Qt.Key.Key_Exclam, SHIFT)
    assert review.registry.keys["decide.keep"] == ("!",)


def test_escape_leaves_the_field_and_shift_alone_is_no_key(
    qtbot: QtBot, review: Review, dialog: PreferencesDialog, page: KeyPage
) -> None:
    page.field.setFocus()
    qtbot.keyClick(page.field, Qt.Key.Key_Shift, SHIFT)
    qtbot.keyClick(page.field, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert page.list.hasFocus()
    assert review.registry.keys == review.registry.default_keys


def test_one_command_or_all_can_be_reset(qtbot: QtBot, review: Review, page: KeyPage) -> None:
    registry = review.registry
    assert not page.reset.isEnabled()
    registry.bind(rebound(registry.keys, "decide.accept", ("Q",)))
    assert page.list.currentItem().text(1) == "–"
    page.reset.click()
    assert registry.keys["decide.keep"] == ("Q",)
    assert registry.keys["decide.accept"] == ()
    page.reset_all.click()
    assert registry.keys == registry.default_keys
    assert page.presets.currentText() == "Winnow (default)"


def test_a_preset_is_taken_whole_and_can_be_undone(
    qtbot: QtBot, review: Review, page: KeyPage
) -> None:
    page.presets.setCurrentIndex(page.presets.findData("lightroom"))
    page.presets.activated.emit(page.presets.currentIndex())
    assert review.registry.keys["decide.keep"] == ("P",)
    assert page.presets.currentText() == "Lightroom"
    page.remedy.click()
    assert review.registry.keys == review.registry.default_keys


def test_typing_finds_a_command_by_name_or_key(qtbot: QtBot, page: KeyPage) -> None:
    qtbot.keyClicks(page.filter, "second")
    assert shown(page) == ["Second look"]
    assert page.current() == "decide.second_look"
    page.filter.clear()
    qtbot.keyClicks(page.filter, "ctrl+z")
    assert shown(page) == ["Undo"]
    page.filter.clear()
    qtbot.keyClicks(page.filter, "nothing like it")
    assert shown(page) == []
    assert not page.field.isEnabled()
    page.filter.clear()
    assert page.field.isEnabled()


def test_enter_in_the_filter_goes_to_the_list_and_presses_nothing(
    qtbot: QtBot, review: Review, dialog: PreferencesDialog, page: KeyPage
) -> None:
    review.registry.bind(rebound(review.registry.keys, "decide.keep", ("K",)))
    page.filter.setFocus()
    qtbot.keyClick(page.filter, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert page.list.hasFocus()
    assert review.registry.keys["decide.keep"] == ("K",)


def test_appearance_and_name_come_out_as_settings(
    qtbot: QtBot, review: Review, dialog: PreferencesDialog
) -> None:
    said: list[tuple[str, object]] = []
    dialog.preferred.connect(lambda name, value: said.append((name, value)))
    dialog.themes.setCurrentIndex(dialog.themes.findData(CONTRAST))
    dialog.themes.activated.emit(dialog.themes.currentIndex())
    dialog.font_size.setValue(150)
    qtbot.keyClicks(dialog.reviewer, " Ada L. ")
    dialog.reviewer.editingFinished.emit()
    assert said == [("theme", CONTRAST), ("font_percent", 150), ("reviewer", "Ada L.")]
    assert dialog.reviewer.placeholderText() == "ada"


def test_tab_walks_every_control_in_reading_order(
    qtbot: QtBot, dialog: PreferencesDialog, page: KeyPage
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    page.filter.setFocus()
    walked: list[QWidget | None] = []
    for _ in range(6):
        walked.append(dialog.focusWidget())
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    wanted = [page.filter, page.presets, page.list, page.field, page.beside, page.none]
    assert walked == wanted


def test_a_preference_that_cannot_be_saved_holds_for_now_and_is_told(
    qtbot: QtBot, review: Review, tmp_path: Path
) -> None:
    for name in ("run.auto", "look.answer_first"):
        review.registry.add(name, name, lambda: None, checkable=True)
    file = tmp_path / "winnow" / "settings.json"
    file.parent.write_text("no folder")
    nobody: Any = None
    preferences = Preferences(Settings(), file, review.registry, review.theme, nobody)
    with qtbot.waitSignal(preferences.failed) as told:
        preferences.prefer("theme", CONTRAST)
    assert "preferences cannot be saved" in str(told.args[0])
    assert review.theme.preference == preferences.settings.theme == CONTRAST
    file.parent.unlink()
    preferences.prefer("font_percent", 120)
    assert load_settings(file) == preferences.settings
