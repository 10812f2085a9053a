"""What the end of a run says in notices, and a key in passing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from models.errors import ChildDied
from models.review.causes import Remark
from models.review.decisions import Action
from models.review.learning import Learned
from models.review.worth import Rise, Worth
from models.types import TrainingEnded
from qtapp.commands.edits import Edits
from qtapp.jobs.worker import Cancelled
from qtapp.notices import NoticeBar, Toast
from qtapp.state.view import COMPARE, DATA, SINGLE
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
        self.toast = toast = Toast(review.registry, self._over)
        self.pressed = review.pressed
        self._telling = Telling(self.space, self.notices, toast, review.registry, self._over)
        space = self.space
        self.edits = Edits(
            space.session, space.labels, space.scores, space.selection, parent=self._over
        )
        self.edits.decided.connect(self._telling.tell_edit)
        self._over.show()

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

    def exclude(self, *sample_ids: int) -> None:
        self.space.selection.select(np.array(sample_ids))
        self.space.selection.set_current(sample_ids[0])
        self.edits.decide(Action.EXCLUDE)

    @property
    def said(self) -> str:
        """What the toast says that is in sight."""
        return self.toast.label.text() if self.toast.isVisible() else ""

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


def test_what_a_key_did_out_of_sight_is_said(window: Window) -> None:
    window.space.view.visible_rows = 0, 4
    window.exclude(1, 2)
    assert window.said == ""
    window.exclude(3, 4)
    assert window.said == "2 images excluded"


@pytest.mark.parametrize(("mode", "said"), [(SINGLE, True), (COMPARE, False), (DATA, True)])
def test_without_the_grid_none_of_its_images_is_in_sight(
    window: Window, mode: str, said: bool
) -> None:
    view = window.space.view
    view.visible_rows, view.compared = (0, 24), (3, 4, 5)
    view.set_mode(mode)
    window.exclude(3, 4)
    assert bool(window.said) == said


def test_images_in_sight_while_comparing_are_those_compared(window: Window) -> None:
    view = window.space.view
    view.visible_rows = 0, 24
    view.compare((3, 4))
    window.exclude(3, 5)
    assert window.said == "2 images excluded"


def decide_one(window: Window) -> None:
    window.exclude(9)


def name_a_cause(window: Window) -> None:
    window.edits.remark(np.array([9]), Remark(cause="glare"))


def take_back(window: Window) -> None:
    window.edits.undo()


def leave_the_grid(window: Window) -> None:
    window.space.view.set_mode(SINGLE)


def close(window: Window) -> None:
    window.space.session.close()


@pytest.mark.parametrize(
    "what_follows", [decide_one, name_a_cause, take_back, leave_the_grid, close]
)
def test_undo_is_offered_for_the_last_step_alone(
    window: Window, what_follows: Callable[[Window], None]
) -> None:
    window.exclude(*range(8))
    assert window.said == "8 images excluded"
    what_follows(window)
    assert window.said == ""


def test_a_larger_tile_leaves_the_offer_to_undo(window: Window) -> None:
    window.exclude(*range(8))
    window.space.view.zoom(1)
    assert window.said == "8 images excluded"
