"""The card of the guided tour: its words, its place, and that it takes neither keys nor focus."""

from __future__ import annotations

import html

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from models.review.query import equals, parse
from models.review.query_vocabulary import Vocabulary
from qtapp.state.tour import Step, TourState
from qtapp.state.view import BLIND, GRID
from qtapp.views.tour import TourCard
from tests.helpers.pseudo import PseudoLanguage
from tests.helpers.seen import cut_off
from tests.qt.states import Review

COMMANDS = {
    "look.single": "Single image",
    "look.query": "Query line",
    "look.escape": "Leave",
    "help.keys": "Keys",
}


class Shown:
    """A window with a button that has the focus, and the card over it."""

    def __init__(self, qtbot: QtBot, class_names: tuple[str, ...] = ("cat", "dog", "bird")) -> None:
        self.review = review = Review(class_names)
        for command_id, text in COMMANDS.items():
            review.registry.add(command_id, text, lambda: None)
        self.tour = TourState(
            review.session, review.labels, review.scores, review.order, review.view,
            review.training,
        )  # fmt: skip
        self.window = QMainWindow()
        self.focused = QPushButton("grid")
        self.window.setCentralWidget(self.focused)
        self.window.statusBar()
        self.card = TourCard(
            self.tour, review.labels, review.scores, review.order, review.selection,
            review.view, review.training, review.registry, review.theme, self.window,
        )  # fmt: skip
        qtbot.addWidget(self.window)
        self.window.resize(900, 600)
        self.window.show()
        self.focused.setFocus()
        self.tour.begin()

    def go_to(self, step: Step) -> None:
        while self.tour.step is not step:
            self.tour.next()


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


def test_it_lies_at_the_lower_right_and_leaves_the_focus_where_it_is(shown: Shown) -> None:
    card, window = shown.card, shown.window
    assert card.isVisible()
    assert card.geometry().right() < window.width()
    assert card.geometry().bottom() < window.height() - window.statusBar().height()
    assert card.geometry().left() > window.width() / 2
    assert QApplication.focusWidget() is shown.focused
    card.next_button.click()
    assert QApplication.focusWidget() is shown.focused
    assert card.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_it_follows_the_window_and_fits_into_a_small_one(qtbot: QtBot, shown: Shown) -> None:
    shown.window.resize(260, 300)
    qtbot.waitUntil(lambda: shown.card.geometry().right() < 260)
    assert shown.card.geometry().left() >= 0
    assert shown.card.words.height() >= shown.card.words.heightForWidth(shown.card.words.width())


def test_in_a_longer_language_nothing_is_cut_off(qtbot: QtBot, qapp: QApplication) -> None:
    language = PseudoLanguage()
    qapp.installTranslator(language)
    try:
        shown = Shown(qtbot)
        for step in Step:
            if shown.tour.step is step:
                assert shown.card.words.text().startswith("«")
                assert not cut_off(shown.card)
                shown.tour.next()
    finally:
        qapp.removeTranslator(language)


def test_it_names_the_labels_of_the_current_image(shown: Shown) -> None:
    shown.review.selection.set_current(0)
    shown.go_to(Step.DECIDE)
    assert "<b>cat</b>" in shown.card.words.text()
    assert "model" not in shown.card.words.text()
    shown.review.score()
    assert "the model would say <b>dog</b>" in shown.card.words.text()
    shown.review.view.hide_predictions(True)
    assert "model" not in shown.card.words.text()
    shown.review.view.hide_predictions(False)
    shown.review.selection.set_current(1)
    assert "Its label is <b>dog</b>, the model would say <b>bird</b>" in shown.card.words.text()


def test_it_shows_the_keys_as_they_are_bound_or_the_words_of_the_menu(shown: Shown) -> None:
    shown.go_to(Step.UNDO)
    assert "<b>Ctrl+Z</b>" in shown.card.words.text()
    registry = shown.review.registry
    registry.bind({**registry.keys, "decide.undo": ("Alt+U",)})
    assert "<b>Alt+U</b>" in shown.card.words.text()
    registry.bind({**registry.keys, "decide.undo": ()})
    assert "<b>Undo</b>" in shown.card.words.text()


def test_the_first_step_says_what_the_model_is_doing(shown: Shown) -> None:
    review = shown.review
    assert "Run menu" in shown.card.words.text()
    number = review.training.begin()
    assert "is learning" in shown.card.words.text()
    review.order.offer_newer()
    assert "<b>N</b>" in shown.card.words.text()
    review.training.end(number, None)


def test_names_of_classes_are_no_markup(qtbot: QtBot) -> None:
    shown = Shown(qtbot, ("<img src=x> {keep}", "dog", "bird"))
    shown.review.selection.set_current(0)
    shown.go_to(Step.DECIDE)
    assert "&lt;img src=x&gt; {keep}" in shown.card.words.text()


def test_the_query_to_type_is_one_that_can_be_read(qtbot: QtBot) -> None:
    shown = Shown(qtbot, ('a "cat"', "C:\\dog", "bird"))
    shown.go_to(Step.QUERY)
    typed = next(part for part in shown.card.words.text().split("<b>") if part.startswith("given"))
    query = parse(html.unescape(typed.split("</b>")[0]), Vocabulary(shown.review.class_names))
    assert query.text == equals("given", 'a "cat"')


def test_a_screen_reader_hears_which_step_it_is(shown: Shown) -> None:
    shown.go_to(Step.UNDO)
    assert shown.card.accessibleName().startswith("Guided tour, step 4 of 8: Your decision")
    assert "<b>" not in shown.card.accessibleName()


def test_the_last_step_has_nothing_to_skip(shown: Shown) -> None:
    shown.go_to(Step.EXPORT)
    assert shown.card.next_button.text() == "Done"
    assert not shown.card.skip_button.isVisible()
    shown.card.next_button.click()
    assert not shown.card.isVisible()


def test_skipped_or_in_a_blind_session_it_is_gone(shown: Shown) -> None:
    shown.review.view.set_mode(BLIND)
    assert not shown.card.isVisible()
    shown.review.view.set_mode(GRID)
    assert shown.card.isVisible()
    shown.card.skip_button.click()
    assert not shown.card.isVisible()
    assert shown.tour.is_taken
