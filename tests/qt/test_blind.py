"""The pages of a blind session over real states: what is shown, and what never is."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from qtapp.commands.blinding import Blinding
from qtapp.jobs.pictures import Picture
from qtapp.state.blind import ASKING, OFFER, BlindState
from qtapp.state.view import BLIND
from qtapp.views.blind.matrix import MOST, ConfusionMatrix
from qtapp.views.blind.page import BlindPage
from qtapp.views.theme import LIGHT, Theme
from tests.qt.states import Review

LONG = tuple(f"a class with quite a long name, the one of number {i}" for i in range(10))


class Images(QObject):
    """Has every image at once, as the cache does once it was read."""

    full_arrived = Signal(object, object)

    def full(self, sample_id):
        return Picture.of(np.full((8, 8, 1), sample_id % 255, np.uint8))

    def want_full(self, sample_id):
        raise AssertionError("it is there")


class Desk:
    """The page, shown, over a review of many images."""

    def __init__(self, qtbot, n=240, class_names=("cat", "dog", "bird")):
        self.review = review = Review(class_names=class_names, splits={"all": n})
        for command in ("decide.pick_class", "look.grid", "look.escape", "look.blind"):
            review.registry.add(command, command, review._noting(command))
        for digit in "1234567890":
            review.registry.add(f"digit.{digit}", digit, review._noting(f"digit.{digit}"))
        self.blind = BlindState(review.labels)
        self.now = 0.0
        self.blinding = Blinding(
            *(review.session, review.labels, review.scores, review.selection, review.order),
            *(review.view, self.blind),
            clock=lambda: self.now,
        )
        self.page = BlindPage(
            *(review.session, review.labels, review.scores, self.blind, self.blinding),
            *(review.image_look, Images(), review.registry, review.theme),
        )
        qtbot.addWidget(self.page)
        self.page.resize(1280, 700)
        review.view.set_mode(BLIND)
        self.page.show()

    def answer_all(self, wrong=()):
        """Say the given label everywhere but at some places; then the next class."""
        k = len(self.review.class_names)
        while self.blind.page == ASKING:
            place, given = self.blind.current.place, self.review.given[self.blind.sample_id]
            self.now += 3
            self.blinding.answer(int(given + (place in wrong)) % k)

    def texts(self):
        QApplication.sendPostedEvents()  # what was just put into a layout is shown by it
        shown = [w for kind in (QLabel, QPushButton) for w in self.page.findChildren(kind)]
        return " | ".join(w.text() for w in shown if w.isVisible())


@pytest.fixture(autouse=True)
def same_images(monkeypatch):
    monkeypatch.setattr("qtapp.commands.blinding.secrets.randbits", lambda _bits: 3)


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot)


def test_the_offer_says_how_sure_and_how_long(desk):
    (size,) = desk.page.offer.sizes
    assert size.button.isChecked()
    assert "88.8% to 97.8%" in desk.texts()
    assert "about 7 minutes" in desk.texts()
    assert "5 of them shown twice" in desk.texts()


def test_enter_begins_with_the_size_that_is_chosen(qtbot):
    desk = Desk(qtbot, n=900)
    assert [size.offer.n for size in desk.page.offer.sizes] == [100, 200, 400]
    desk.page.offer.sizes[1].button.setChecked(True)
    QTest.keyClick(desk.page.offer.sizes[1].button, Qt.Key.Key_Return)
    assert desk.blind.current.n_images == 200
    assert desk.page.currentWidget() is desk.page.asking


@pytest.mark.parametrize(
    ("n", "classes", "said"),
    [(12, ("cat", "dog"), "20 labelled images"), (60, ("cat",), "one class")],
)
def test_where_nothing_can_be_asked_it_says_why(qtbot, n, classes, said):
    desk = Desk(qtbot, n=n, class_names=classes)
    assert said in desk.texts()
    QTest.keyClick(desk.page, Qt.Key.Key_Return)
    assert desk.blind.page == OFFER


def test_while_asking_nothing_tells_the_label_the_prediction_or_a_score(desk):
    desk.review.score()
    desk.blinding.start(100)
    for _ in range(8):
        texts = desk.texts()
        for telling in ("given", "suggest", "loss", "suspicion", "predicted", "%"):
            assert telling not in texts.lower()
        assert desk.page.asking.image._picture.pixels[0, 0, 0] == desk.blind.sample_id % 255
        desk.blinding.answer(0)
    assert "9 of 105" in desk.texts()
    assert "Your last answer: cat" in desk.texts()


def test_a_class_is_answered_with_a_click_on_its_name_too(desk):
    desk.blinding.start(100)
    button = desk.page.asking.buttons[1]
    assert button.accessibleName() == "dog, 2"
    button.click()
    assert desk.review.pressed == ["digit.2"]


def test_long_names_stay_inside_the_panel(qtbot):
    desk = Desk(qtbot, class_names=LONG)
    desk.blinding.start(100)
    QApplication.sendPostedEvents()
    for button in desk.page.asking.buttons:
        right = button.mapTo(desk.page, button.rect().topRight()).x()
        assert right < desk.page.width()
    assert [b.toolTip() for b in desk.page.asking.buttons] == list(LONG)


def test_of_many_classes_the_first_ten_have_keys_and_the_picker_has_all(qtbot):
    desk = Desk(qtbot, n=480, class_names=tuple(f"class {i}" for i in range(40)))
    desk.blinding.start(100)
    assert len(desk.page.asking.buttons) == 10
    assert "and 30 more by name" in desk.texts()
    desk.blinding.pick_class()
    picker = desk.page.picker
    assert picker.isVisible()
    QTest.keyClicks(picker.field, "class 37")
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert desk.blind.current.answers == [37]


@pytest.mark.parametrize("key", ["Q", "W", "H", "S", "R", "N", "Space"])
def test_keys_that_decide_or_tell_do_nothing(desk, key):
    desk.review.score()
    desk.blinding.start(100)
    QTest.keyClick(desk.page.asking, getattr(Qt.Key, f"Key_{key}"))
    assert desk.review.pressed == []
    assert desk.blind.current.place == 0


def test_the_clock_can_be_hidden(desk):
    desk.blinding.start(100)
    desk.now = 75.0
    desk.page.asking._redraw_clock()
    assert desk.page.asking.clock.text() == "1:15"
    desk.page.asking.hide_clock.click()
    assert not desk.page.asking.clock.isVisible()
    assert desk.page.asking.hide_clock.text() == "Show the time"


def test_a_paused_session_goes_on_or_ends_with_what_there_is(desk):
    desk.blinding.start(100)
    desk.blinding.answer(0)
    desk.blinding.escape()
    assert "waits at image 2 of 105" in desk.texts()
    QTest.keyClick(desk.page, Qt.Key.Key_Return)
    assert desk.blind.page == ASKING
    desk.blinding.escape()
    desk.page.offer.end.click()
    assert desk.page.currentWidget() is desk.page.result
    assert "ended early, 100 were drawn" in desk.texts()


def test_the_result_in_figures_and_sentences(desk):
    desk.review.score()
    desk.blinding.start(100)
    desk.answer_all(wrong=range(5))
    result = desk.page.result.result
    texts = desk.texts()
    assert result.accuracy_given.value == pytest.approx(0.95)
    assert "95.0%" in texts
    assert "Cohen's kappa with the given labels is 0.9" in texts
    assert "You do better than the model (p < 0.001" in texts
    assert "3.0 s an image" in texts
    assert desk.page.result.show_differ.text() == (
        "Show the 5 images where you and the label disagree"
    )


def test_without_a_run_the_model_is_not_there(desk):
    desk.blinding.start(100)
    desk.answer_all()
    assert not desk.page.result.table.isVisible()
    assert "No run has scored these images yet" in desk.texts()
    assert "agree on every image" in desk.texts()
    assert not desk.page.result.show_differ.isVisible()
    desk.review.score()
    assert desk.page.result.table.isVisible()


def test_the_disagreements_are_selected_and_shown(desk):
    desk.blinding.start(100)
    desk.answer_all(wrong=(0, 1))
    wanted = desk.blind.sessions[0].shown[:2]
    desk.page.result.show_differ.click()
    assert set(desk.review.selection.sample_ids.tolist()) == set(wanted)
    assert desk.review.order.wanted.tab == "selected"


def test_sessions_of_before_stay_listed_and_can_be_seen_again(qtbot):
    desk = Desk(qtbot, n=900)
    for wrong in ((), range(10)):
        desk.blinding.start(100)
        desk.answer_all(wrong)
        desk.blinding.escape()
    assert len(desk.page.offer.results) == 2
    desk.page.offer.results[1].click()
    assert desk.blind.shown == 0
    assert desk.page.result.result.accuracy_given.value == 1


def test_the_matrix_counts_and_says_whole_names(qtbot):
    matrix = ConfusionMatrix(Theme(LIGHT))
    qtbot.addWidget(matrix)
    labels, answers = np.array([0, 0, 1, 9]), np.array([0, 1, 1, 9])
    matrix.show_answers(labels, answers, LONG)
    np.testing.assert_array_equal(matrix.counts, [[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    matrix.resize(matrix.sizeHint())
    corner = matrix.rect().bottomRight() - QPoint(3, 3)
    assert matrix.text_at(corner) == f"label {LONG[9]}, your answer {LONG[9]}: 1"
    assert f"{LONG[0]} called {LONG[1]}: 1" in matrix.accessibleDescription()
    assert matrix.text_at(matrix.rect().topLeft()) == ""


def test_of_very_many_classes_the_matrix_has_the_most_confused(qtbot):
    matrix = ConfusionMatrix(Theme(LIGHT))
    qtbot.addWidget(matrix)
    labels = np.arange(200)
    answers = labels.copy()
    answers[3] = 4
    matrix.show_answers(labels, answers, [str(i) for i in range(200)])
    assert matrix.counts.shape == (2, 2)
    answers[:100] = np.arange(1, 101)
    matrix.show_answers(labels, answers, [str(i) for i in range(200)])
    assert matrix.counts.shape == (MOST, MOST)
    assert matrix.counts.sum() >= MOST - 1  # pairs are shown whole
