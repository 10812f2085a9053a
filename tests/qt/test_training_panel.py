"""The training dock says in words what the run does and how it ended."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from models.errors import ChildDied
from models.review.decisions import Status
from models.review.intervals import wilson
from models.types import (
    EpochEnded,
    Overfitting,
    TrainingEnded,
    TrainingProgress,
    TrainingStarted,
)
from qtapp.views.panels.run_details import RunDetails
from qtapp.views.panels.training import TrainingPanel, accuracy_text
from qtapp.views.plots.curves import rate_marks
from tests.qt.states import Review


def epoch(number: int, rate: float = 0.003) -> EpochEnded:
    return EpochEnded(number, 1.0 / number, 0.5, 1.2 / number, 0.4, rate)


def class_figures(name: str, n: int, n_predicted: int, n_right: int) -> dict[str, object]:
    return {
        "class": name,
        "n": n,
        "recall": n_right / n if n else None,
        "recall_ci95": list(wilson(n_right, n)),
        "n_predicted": n_predicted,
        "precision": n_right / n_predicted if n_predicted else None,
        "precision_ci95": list(wilson(n_right, n_predicted)),
    }


RESULT = {
    "train_accuracy": 0.987,
    "heldout_accuracy": 0.9,
    "judged": {"n": 100, "majority_class": "cat", "majority_accuracy": 0.6},
    "per_class": [
        class_figures("cat", 60, 70, 60),
        class_figures("dog", 40, 30, 30),
        class_figures("bird", 0, 0, 0),
    ],
}


@pytest.fixture
def review() -> Review:
    return Review()


@pytest.fixture
def panel(qtbot: QtBot, review: Review) -> TrainingPanel:
    panel = TrainingPanel(
        review.training, review.learning, review.corrections, review.registry, review.theme
    )
    qtbot.addWidget(panel)
    panel.resize(750, 200)
    panel.show()
    return panel


def begin(review: Review, note: str = "") -> int:
    number = review.training.begin()
    started = TrainingStarted(3, "CPU, 2 threads, bfloat16", note, 20, 4, 22)
    review.training.accept(number, started)
    return number


def test_after_corrections_it_offers_to_train_again_with_them(
    panel: TrainingPanel, review: Review
) -> None:
    number = begin(review)
    review.training.end(number, None)
    review.corrections.load(review.given.copy())
    assert panel.start.isVisible()
    assert not panel.again.isVisible()
    review.decide(3, Status.CHANGED, label=2)
    assert panel.again.text() == "Train again with your correction"
    review.decide(5, Status.EXCLUDED)
    assert panel.again.text() == "Train again with your 2 corrections"
    assert not panel.start.isVisible()
    review.training.set_resumable(3)
    assert panel.again.text() == "Train again (2)"
    panel.again.click()
    assert review.pressed == ["run.again"]
    begin(review)
    assert not panel.again.isVisible()


def test_with_no_run_it_offers_to_start_one(panel: TrainingPanel, review: Review) -> None:
    assert panel.headline.text() == "No run yet"
    assert not panel.stop.isVisible()
    panel.start.click()
    assert review.pressed == ["run.start"]


def test_a_run_tells_phase_speed_time_and_device(panel: TrainingPanel, review: Review) -> None:
    number = begin(review, note="No GPU was found.")
    review.training.accept(number, TrainingProgress("training", 14, 0.63, 5_070, 130))
    assert panel.headline.text() == "Training · epoch 14 / 22"
    assert panel.numbers.text() == "5,070 images/s · 2 min 10 s left"
    assert panel.device.text() == "CPU, 2 threads, bfloat16"
    assert panel.device_note.text() == "No GPU was found."
    assert panel.device_note.isVisible()
    assert panel.bar.value() == 630
    assert not panel.start.isVisible()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(8, "8 s left"), (3_725, "1 h 2 min left"), (math.nan, "5,070 images/s")],
)
def test_time_left_in_words(
    panel: TrainingPanel, review: Review, seconds: float, words: str
) -> None:
    number = begin(review)
    review.training.accept(number, TrainingProgress("training", 1, 0.1, 5_070, seconds))
    assert panel.numbers.text().endswith(words)


def test_a_paused_run_offers_to_continue(panel: TrainingPanel, review: Review) -> None:
    number = begin(review)
    assert panel.pause.text() == "Pause"
    review.training.accept(number, TrainingProgress("paused", 2, 0.1, 0, 60))
    assert panel.pause.text() == "Continue"
    panel.pause.click()
    assert review.pressed == ["run.pause"]


def test_overfitting_is_one_sentence(panel: TrainingPanel, review: Review) -> None:
    number = begin(review)
    for at in range(1, 6):
        review.training.accept(number, epoch(at))
    review.training.accept(number, Overfitting(3, "Held-out loss rises since epoch 3."))
    assert panel.sentence.text() == "Held-out loss rises since epoch 3."
    panel.curves.grab()


def test_a_finished_run_tells_both_accuracies(panel: TrainingPanel, review: Review) -> None:
    number = begin(review)
    result = {"train_accuracy": 0.987, "heldout_accuracy": math.nan}
    review.training.accept(number, TrainingEnded(3, result))
    review.training.end(number, None)
    assert panel.headline.text() == "Run 3 is done"
    assert panel.numbers.text() == "accuracy: train 98.7%, held-out –"
    assert not panel.bar.isVisible()


def finish(review: Review, **more: object) -> None:
    number = begin(review)
    review.training.accept(number, epoch(1))
    review.training.accept(number, TrainingEnded(3, {**RESULT, **more}))
    review.training.end(number, None)


def test_accuracy_stands_beside_the_majority_baseline(panel: TrainingPanel, review: Review) -> None:
    finish(review)
    assert (
        panel.numbers.text() == "accuracy: train 98.7%, held-out 90.0%; always answering cat: 60.0%"
    )


def test_the_classes_take_the_place_of_the_curves_the_worst_first(
    panel: TrainingPanel, review: Review
) -> None:
    finish(review)
    assert panel.curves.isVisible()
    panel.by_class.click()
    assert panel.details.isVisible()
    assert not panel.curves.isVisible()
    table = panel.details.table
    rows = [
        [table.item(row, column).text() for column in range(5)]  # type: ignore[union-attr]
        for row in range(table.rowCount())
    ]
    assert rows == [
        ["dog", "40", "75.0% (60 to 86%)", "30", "100.0% (89 to 100%)"],
        ["cat", "60", "100.0% (94 to 100%)", "70", "85.7% (76 to 92%)"],
        ["bird", "0", "–", "0", "–"],
    ]
    panel.by_class.click()
    assert panel.curves.isVisible()


def test_a_long_name_of_a_class_leaves_the_curves_their_room(
    panel: TrainingPanel, review: Review
) -> None:
    finish(review)
    panel.grab()
    before, name = panel.curves.width(), "Animalia_Chordata_" * 6
    judged = {"n": 100, "majority_class": name, "majority_accuracy": 0.6}
    finish(review, judged=judged, remarks=[f"{name} is never predicted."])
    panel.grab()
    assert panel.curves.width() == before
    assert name in panel.numbers.accessibleName()


def test_names_of_classes_are_seen_beside_their_figures_in_a_narrow_dock(qtbot: QtBot) -> None:
    details = RunDetails()
    qtbot.addWidget(details)
    details.resize(340, 150)
    details.show()
    details.show_result({"per_class": [class_figures("T-shirt/top", 600, 700, 600)]}, [])
    details.grab()  # Qt divides the width when it paints
    table = details.table
    assert table.columnWidth(0) >= table.sizeHintForColumn(0)
    details.resize(1_400, 150)  # with more room they have all of it
    assert table.horizontalHeader().length() == table.viewport().width()


def test_what_a_run_found_is_said_first_and_kept_in_full(
    panel: TrainingPanel, review: Review
) -> None:
    finish(review, findings=[{"sentence": "Two are swapped."}], remarks=["One is never predicted."])
    assert panel.sentence.text() == "Two are swapped. (1 more under Classes)"
    panel.by_class.click()
    assert panel.details.sentences.text() == "Two are swapped.\nOne is never predicted."
    review.training.begin()
    assert not panel.details.isVisible()
    assert not panel.by_class.isVisible()


def test_a_run_of_an_older_version_has_no_intervals(panel: TrainingPanel, review: Review) -> None:
    old = {"train_accuracy": 0.9, "per_class": [{"class": "cat", "n": 3, "accuracy": 1.0}]}
    review.training.recall(TrainingStarted(1, "CPU", "", 20, 4, 22), [], old)
    panel.by_class.click()
    assert panel.details.table.rowCount() == 0


def test_a_crash_is_one_sentence_and_a_resume_button(panel: TrainingPanel, review: Review) -> None:
    number = begin(review)
    review.training.end(number, ChildDied("the trainer was killed", "run 3", "Resume it."))
    review.training.set_resumable(3)
    assert panel.sentence.text() == "run 3: the trainer was killed. Resume it."
    assert panel.resume.isVisible()
    panel.resume.click()
    assert review.pressed == ["run.resume"]


def test_the_learning_rate_is_marked_where_it_changes() -> None:
    rates = [0.001, 0.001, 0.0035, 0.0033, 0.0009, 0.0]
    marks = rate_marks([epoch(at, rate) for at, rate in enumerate(rates, start=1)])
    assert marks == [(3, 0.0035), (5, 0.0009)]
    assert rate_marks([]) == []


def test_the_run_of_another_dataset_has_its_own_curves(
    panel: TrainingPanel, review: Review
) -> None:
    started = TrainingStarted(1, "CPU", "", 20, 4, 22)
    for losses in ([0.9, 0.5], [0.7, 0.1]):
        points = [
            EpochEnded(at, loss, 0.5, math.nan, math.nan, 0.1) for at, loss in enumerate(losses, 1)
        ]
        review.training.recall(started, points, {})
        (line,) = panel.curves.loss._item.listDataItems()
        assert line.yData.tolist() == losses


def test_a_click_into_a_table_leaves_the_keys_to_the_grid(
    panel: TrainingPanel, review: Review
) -> None:
    tables = panel.findChildren(QTableWidget)
    assert tables
    for table in tables:
        assert table.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_curves_without_held_out_images(panel: TrainingPanel, review: Review) -> None:
    number = begin(review)
    for at in (1, 2):
        review.training.accept(number, EpochEnded(at, 1.0, 0.5, math.nan, math.nan, 0.003))
    panel.curves.grab()
    assert panel.curves.isVisible()


def test_an_accuracy_nobody_measured_is_a_dash() -> None:
    assert accuracy_text(None) == "–"
    assert accuracy_text(0.5) == "50.0%"


def test_what_decisions_taught_is_listed_in_full_the_strongest_first(
    panel: TrainingPanel, review: Review
) -> None:
    assert not panel.by_lesson.isVisible()
    review.learn()
    assert panel.by_lesson.isVisible()
    panel.by_lesson.click()
    assert panel.lessons.isVisible()
    assert panel.lessons.reason.text() == "Learned from 150 verdicts."
    table = panel.lessons.table
    assert [[table.item(row, column).text() for column in range(3)] for row in range(2)] == [
        ["counts more", "0.73", "how many neighbours carry another label"],
        ["counts less", "0.20", "how unlikely the model finds the label"],
    ]
    review.learn(better=False)
    assert panel.lessons.reason.text() == "The order stays as it is."
    assert not table.isVisible()
    review.learning.reset()
    assert not panel.lessons.isVisible()
    assert not panel.by_lesson.isVisible()


def test_classes_and_lessons_take_turns(panel: TrainingPanel, review: Review) -> None:
    number = begin(review)
    review.training.accept(number, TrainingEnded(3, RESULT))
    review.training.end(number, None)
    review.learn()
    panel.by_class.click()
    assert panel.details.isVisible()
    panel.by_lesson.click()
    assert panel.lessons.isVisible()
    assert not panel.by_class.isChecked()
    panel.by_class.click()
    assert panel.details.isVisible()
    assert not panel.by_lesson.isChecked()
    panel.by_class.click()
    assert not panel.details.isVisible()
