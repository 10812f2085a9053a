"""What the end of a run says in notices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from models.errors import ChildDied
from models.review.learning import Learned
from models.review.worth import Rise, Worth
from models.types import TrainingEnded
from qtapp.jobs.worker import Cancelled
from qtapp.notices import NoticeBar, Toast
from qtapp.state.workspace import Workspace
from qtapp.telling import Telling
from tests.helpers.spaces import workspace
from tests.qt.states import Review


class Window:
    """Notices of a workspace, without the rest of the window."""

    def __init__(self, qtbot: QtBot) -> None:
        review, self._over = Review(), QWidget()
        qtbot.addWidget(self._over)
        self.notices = NoticeBar(review.theme, self._over)
        self.space: Workspace = workspace(self._over)
        toast = Toast(review.registry, self._over)
        self.pressed = review.pressed
        self._telling = Telling(self.space, self.notices, toast, review.registry, self._over)

    def end_run(self, sentences: Sequence[str], error: BaseException | None = None) -> None:
        training = self.space.training
        number = training.begin()
        result = {"findings": [{"sentence": sentence} for sentence in sentences], "remarks": ["-"]}
        training.accept(number, TrainingEnded(1, result))
        training.end(number, error)

    def learn(self, *, better: bool = True) -> None:
        scores = np.linspace(-2, 2, 24, dtype=np.float32)
        weights = {"disagreement": 0.7, "loss": -0.2}
        self.space.learning.accept(Learned(scores, better, "-", weights if better else {}))

    def told(self) -> list[str]:
        return [notice.sentence for notice in self.notices.notices()]


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return Window(qtbot)


def test_a_run_without_findings_ends_quietly(window: Window) -> None:
    window.end_run([])
    assert window.told() == []


def test_findings_are_told_when_the_run_ends(window: Window) -> None:
    window.end_run(["Two classes are swapped.", "Labels are random."])
    assert window.told() == ["Two classes are swapped.", "Labels are random."]


def test_many_findings_are_two_and_a_number(window: Window) -> None:
    window.end_run(["a", "b", "c", "d", "e"])
    assert window.told() == ["a", "b", "3 more findings: under Classes in the training panel."]


def test_a_crash_is_told_and_a_cancelled_run_is_not(window: Window) -> None:
    window.end_run([], Cancelled())
    assert window.told() == []
    window.end_run([], ChildDied("the trainer was killed"))
    assert window.told() == ["the trainer was killed."]


def test_lessons_are_told_once_with_a_way_to_use_them(window: Window) -> None:
    window.learn()
    assert window.told() == [
        "Your decisions taught an order that predicts them better: how many neighbours carry "
        "another label counts more, how unlikely the model finds the label counts less."
    ]
    (notice,) = window.notices.notices()
    button = notice.findChild(QPushButton)
    assert button.text() == "Sort by what was learned"
    button.click()
    assert window.pressed == ["look.learned"]
    window.learn()
    assert window.told() == []


def test_nothing_is_told_of_verdicts_that_taught_nothing_or_are_followed_already(
    window: Window,
) -> None:
    window.learn(better=False)
    assert window.told() == []
    window.space.order.sort_by("learned")
    window.learn()
    assert window.told() == []


def test_labels_that_seem_to_follow_the_model_are_told_once(window: Window) -> None:
    edited, flat = Rise(20, 70, 80, 0.4, 0.8), Rise(170, 169, 200, -0.04, 0.03)
    window.space.worth.accept(Worth(1, 2, 210, flat, edited))
    (said,) = window.told()
    assert said.startswith("The labels may be following the model.")
    assert "on 87.5% instead of 25.0%; on 200 trusted ones" in said
    assert "on 84.5% instead of 85.0% (-4.0 to +3.0 points, 95%)" in said
    window.notices.clear()
    window.space.worth.accept(Worth(1, 2, 211, flat, edited))
    assert window.told() == []
    window.space.worth.accept(Worth(1, 3, 211, flat, edited))
    assert len(window.told()) == 1


def test_corrections_offer_to_train_again(window: Window) -> None:
    window.space.corrections.worth_training.emit()
    (notice,) = window.notices.notices()
    button = notice.findChild(QPushButton)
    assert button is not None
    assert "labels are others now" in notice.sentence
