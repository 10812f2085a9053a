"""The inspector says everything about the current image, and nothing it should hide."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from models.review.classes import ClassChange
from models.review.decisions import Status
from models.review.stopping import AuditedQueue
from models.types import LabelVector, Scores
from qtapp.jobs.pictures import Picture
from qtapp.views.panels.inspector import Inspector
from tests.qt.states import Review, names


def trace_of(sample_id: int) -> tuple[Scores, LabelVector]:
    return np.array([0.2, 0.5, 0.9], np.float32), np.array([1, 0, 0], np.int32)


def shown(qtbot: QtBot, review: Review) -> Inspector:
    panel = Inspector(
        *(review.session, review.labels, review.scores, review.selection, review.view),
        *(review.image_look, review.registry, review.theme),
        *(trace_of, lambda i: f"/nowhere/{i}.png"),
        QLabel("evidence"),
        QLabel("remarks"),
    )
    qtbot.addWidget(panel)
    panel.resize(300, 720)
    panel.show()
    return panel


@pytest.fixture
def review() -> Review:
    review = Review()
    review.score()
    return review


def test_without_a_current_image_it_says_what_to_do(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    assert panel._empty.isVisible()
    review.selection.set_current(4)
    assert not panel._empty.isVisible()


def test_given_and_suggested_are_named_with_the_badge(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert panel.given.accessibleName() == "given: dog"
    assert panel.suggested.accessibleName() == "suggested · held-out: bird"
    review.selection.set_current(3)
    assert panel.suggested.accessibleName() == "suggested · in-sample: dog"


def test_a_correction_shows_at_once(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    review.decide(4, Status.CHANGED, label=2)
    assert panel.given.accessibleName() == "corrected · was dog: bird"
    assert panel.state.text() == "changed"
    review.decide(5, Status.EXCLUDED)
    assert panel.state.text() == "changed"


def test_top_classes_carry_key_and_meaning(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    best = panel.bars.bars[0]
    assert (best.name, best.key, best.token) == ("bird", "3", "suggested")
    assert best.probability == pytest.approx(0.9333, abs=1e-3)
    assert {bar.name: bar.glyph for bar in panel.bars.bars}["dog"] == "square"


def test_tooltips_show_a_class_name_as_it_is_written(qtbot: QtBot) -> None:
    review = Review(class_names=("cat", "<b>dog</b> & co", "bird"))
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert panel.given.toolTip() == "<qt>given: &lt;b&gt;dog&lt;/b&gt; &amp; co</qt>"
    review.selection.set_current(3)
    assert panel.given.toolTip() == "given: cat"


def test_five_classes_at_most(qtbot: QtBot) -> None:
    review = Review(class_names=names(20))
    review.score()
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert len(panel.bars.bars) == 5


def test_a_class_added_after_the_run_does_no_harm(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    review.labels.classes = review.labels.classes.after(ClassChange(name="fish"))
    review.labels.classes_changed.emit()
    assert len(panel.bars.bars) == 3


def test_merged_classes_are_one_bar(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    review.labels.classes = review.labels.classes.after(ClassChange(merged=(2,), into=0))
    review.labels.classes_changed.emit()
    assert [(bar.name, bar.token) for bar in panel.bars.bars] == [
        ("cat", "suggested"),
        ("dog", "given"),
    ]
    assert panel.bars.bars[0].probability == pytest.approx(0.9667, abs=1e-3)


def test_hidden_predictions_show_nothing_of_the_model(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert panel.bars.isVisible()
    review.view.hide_predictions(True)
    assert not panel.bars.isVisible()
    assert not panel.trace.isVisible()
    assert "bird" not in panel.suggested.accessibleName()
    review.view.hide_predictions(False)
    assert panel.bars.isVisible()


def test_before_the_first_look_it_says_so(qtbot: QtBot) -> None:
    review = Review()
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert not panel.bars.isVisible()
    assert "first look" in panel.no_model.text()


def test_where_no_classes_were_learnt_it_says_so(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    whole = review.scores.shown
    assert whole is not None
    review.scores.show(whole.within(0))
    assert not panel.bars.isVisible()
    assert "two classes" in panel.no_model.text()


def test_pixels_of_another_image_are_ignored(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    white = Picture.of(np.full((8, 8, 1), 255, np.uint8))
    panel.show_image(5, white)
    middle = panel.image.rect().center()
    assert panel.image.grab().toImage().pixelColor(middle).lightness() < 50
    panel.show_image(4, white)
    assert panel.image.grab().toImage().pixelColor(middle).lightness() > 200
    review.selection.set_current(6)
    assert panel.image.grab().toImage().pixelColor(middle).lightness() < 50


def test_the_trace_is_of_the_current_image(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert panel.trace.n_epochs == 3
    assert panel.trace.accessibleDescription() == "from 1.61 to 0.11"
    panel.trace.show_trace(np.empty(0, np.float32), np.empty(0, np.int32), 0)
    panel.trace.grab()
    assert panel.trace.n_epochs == 0


def test_buttons_are_commands(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    for button in panel.buttons:
        button.click()
    assert review.pressed == [
        *("decide.keep", "decide.accept", "decide.exclude", "decide.second_look"),
    ]
    assert panel.buttons[0].accessibleName() == "Keep, Q"


def test_the_split_is_named_where_there_are_several(qtbot: QtBot) -> None:
    review = Review(splits={"train": 20, "test": 4})
    panel = shown(qtbot, review)
    review.selection.set_current(21)
    assert panel.place.toolTip() == "image 21 · test"
    assert panel.path.toolTip() == "/nowhere/21.png"


def test_reasons_are_said_of_the_label_as_it_stands(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    review.selection.set_current(4)
    assert [line.accessibleName() for line in panel.reasons] == ["looks like bird (93%)", "", ""]
    review.decide(4, Status.CHANGED, label=2)
    assert not any(line.accessibleName() for line in panel.reasons)


def test_of_an_audit_image_nothing_is_told_until_it_is_decided(
    qtbot: QtBot, review: Review
) -> None:
    panel = shown(qtbot, review)
    review.audit.load(AuditedQueue(0, audits=[4]))
    review.selection.set_current(4)
    assert panel.given.accessibleName() == "given: dog"
    assert panel.suggested.accessibleName() == "suggested: –"
    assert not panel.bars.isVisible()
    assert not panel.trace.isVisible()
    assert not any(label.text() for label in panel.reasons)
    assert panel.no_model.text() == "A random audit image: judged without a suggestion."
    review.decide(4, Status.KEPT)
    assert panel.bars.isVisible()
    assert panel.suggested.accessibleName() == "suggested · held-out: bird"


def test_hiding_predictions_leaves_the_image_as_large_as_it_is(
    qtbot: QtBot, review: Review
) -> None:
    panel = shown(qtbot, review)
    panel.resize(300, 420)
    review.selection.set_current(4)
    QApplication.processEvents()
    before = panel.image.height()
    review.view.hide_predictions(True)
    QApplication.processEvents()
    assert panel.image.height() == before


def test_the_path_is_told_as_soon_as_the_image_is_here(qtbot: QtBot, review: Review) -> None:
    panel = shown(qtbot, review)
    known: dict[int, str] = {}
    panel._path_of = lambda sample_id: known.get(sample_id, "")
    review.selection.set_current(4)
    assert panel.path.toolTip() == ""
    known[4] = "dogs/4.png"
    panel.show_image(4, Picture.of(np.zeros((8, 8, 1), np.uint8)))
    assert panel.path.toolTip() == "dogs/4.png"
