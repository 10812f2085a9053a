"""The person answers first: what is hidden, what each key does, and what is recorded."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.decisions import Action, Edit, Status
from models.review.stopping import AuditedQueue
from models.types import UNLABELLED
from qtapp.commands.edits import Edits
from qtapp.commands.first_answers import FirstAnswers
from qtapp.state.view import GRID, SINGLE
from tests.helpers.spaces import score_set, workspace

KEEP, ACCEPT, EXCLUDE, LATER = Action.KEEP, Action.ACCEPT, Action.EXCLUDE, Action.SECOND_LOOK


class Desk(QObject):
    """Image 4 is current: given bee (1), suggested cat (2)."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        space.scores.show(score_set(space.labels.labels))
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.answers = FirstAnswers(
            space.labels, space.scores, space.selection, space.view, self.edits, self
        )
        self.answers.wish(True)
        self.made: list[Edit] = []
        self.said: list[str] = []
        self.edits.decided.connect(self.made.append)
        self.answers.idle.connect(self.said.append)
        space.view.set_mode(SINGLE)
        space.selection.set_current(4)

    @property
    def is_hidden(self) -> bool:
        return self.space.view.predictions_hidden

    def recorded(self) -> tuple[Action, int, int]:
        """The action of the last decision, its label, and the suggestion it was made with."""
        (edit,) = self.made
        return Action(edit.action[0]), int(edit.new_labels[0]), int(edit.seen.suggested[0])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_first_key_shows_the_suggestion_and_decides_nothing(desk: Desk) -> None:
    assert desk.is_hidden
    desk.answers.decide(KEEP)
    assert not desk.is_hidden
    assert desk.made == []
    assert desk.answers.given is not None


def test_the_same_key_again_decides_as_one_that_saw_no_suggestion(desk: Desk) -> None:
    desk.answers.decide(KEEP)
    desk.answers.decide(KEEP)
    assert desk.recorded() == (KEEP, 1, UNLABELLED)
    assert np.isnan(desk.made[0].seen.suspicion[0])


def test_another_answer_is_recorded_with_the_suggestion_it_saw(desk: Desk) -> None:
    desk.answers.decide(KEEP)
    desk.answers.decide(ACCEPT)
    assert desk.recorded() == (ACCEPT, 2, 2)


def test_accepting_what_was_answered_first_is_that_answer(desk: Desk) -> None:
    desk.answers.set_class(2)
    desk.answers.decide(ACCEPT)
    assert desk.recorded() == (Action.SET, 2, UNLABELLED)


def test_keeping_by_digit_and_by_key_is_one_answer(desk: Desk) -> None:
    desk.answers.set_class(1)
    desk.answers.decide(KEEP)
    assert desk.recorded() == (Action.SET, 1, UNLABELLED)
    assert desk.space.labels.status[4] == Status.KEPT


def test_excluding_first_and_again(desk: Desk) -> None:
    desk.answers.decide(EXCLUDE)
    desk.answers.decide(EXCLUDE)
    assert desk.recorded()[::2] == (EXCLUDE, UNLABELLED)


def test_what_is_hidden_cannot_be_accepted(desk: Desk) -> None:
    desk.answers.decide(ACCEPT)
    assert desk.is_hidden
    assert desk.said == ["Answer first: the suggestion is shown after that"]


def test_putting_it_off_is_no_answer_and_goes_through(desk: Desk) -> None:
    desk.answers.decide(LATER)
    assert desk.space.labels.status[4] == Status.SECOND_LOOK
    assert desk.recorded()[2] == UNLABELLED
    assert desk.is_hidden


def test_what_was_seen_once_stays_seen(desk: Desk) -> None:
    desk.answers.decide(KEEP)
    desk.space.selection.set_current(5)
    assert desk.is_hidden
    desk.space.selection.set_current(4)
    assert not desk.is_hidden
    desk.answers.decide(KEEP)
    assert desk.recorded()[2] == UNLABELLED


def test_only_one_undecided_image_seen_alone_is_asked_about(desk: Desk) -> None:
    desk.space.view.set_mode(GRID)
    assert not desk.is_hidden
    desk.space.view.set_mode(SINGLE)
    desk.space.selection.select(np.array([1, 2]))
    assert not desk.is_hidden
    desk.answers.decide(EXCLUDE)
    assert len(desk.made[0]) == 2
    desk.space.selection.clear()
    assert desk.is_hidden
    desk.space.selection.set_current(1)
    assert not desk.is_hidden


def test_the_key_that_hides_is_another_matter(desk: Desk) -> None:
    desk.space.view.hide_predictions(True)
    desk.space.view.hide_predictions(False)
    assert desk.is_hidden
    desk.answers.wish(False)
    assert not desk.is_hidden
    desk.answers.decide(KEEP)
    assert desk.recorded()[2] == 2


def test_a_random_image_has_nothing_to_hide(desk: Desk) -> None:
    desk.space.audit.load(AuditedQueue(0, audits=[6]))
    desk.space.selection.set_current(6)
    desk.answers.decide(KEEP)
    assert desk.recorded() == (KEEP, 0, UNLABELLED)


def test_a_locked_image_refuses_the_first_key_too(desk: Desk) -> None:
    desk.space.labels.lock.load({"test": 24}, "")
    desk.answers.decide(KEEP)
    assert desk.is_hidden
    assert desk.said == ["test is locked: nothing was decided"]
