"""The share of decisions that agree with the model, decision by decision and from the log."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject

from models.review.classes import ClassList
from models.review.decisions import Action
from models.review.remedies import Step
from models.review.replay import classes_after
from models.review.session import agreeing_after, session_of
from qtapp.commands.edits import Edits
from qtapp.state.agreeing import AgreeingState
from qtapp.state.labels import LabelState
from tests.helpers.journals import Reviewer, random_review
from tests.helpers.spaces import score_set, workspace

NAMES = ("ant", "bee", "cat", "dog")


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        space.scores.show(score_set(space.labels.labels))  # the class after the given one
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)

    def decide(self, sample_id: int, action: Action) -> None:
        self.space.selection.set_current(sample_id)
        self.edits.decide(action)

    @property
    def counted(self) -> tuple[int, int]:
        share = self.space.agreeing.share
        return share.n, share.of


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_accepted_agrees_kept_does_not_and_what_is_no_class_says_nothing(desk: Desk) -> None:
    desk.decide(0, Action.ACCEPT)
    desk.decide(1, Action.KEEP)
    desk.decide(2, Action.EXCLUDE)
    desk.decide(3, Action.SECOND_LOOK)
    assert desk.counted == (1, 2)
    desk.space.selection.set_current(4)
    desk.edits.set_class(2)  # suggested, though set by its digit
    assert desk.counted == (2, 3)


def test_without_a_suggestion_in_sight_a_decision_says_nothing(desk: Desk) -> None:
    desk.space.selection.set_current(0)
    desk.edits.decide(Action.KEEP, unprompted=True)
    assert desk.counted == (0, 0)


def test_what_a_remedy_did_leaves_the_last_decision_to_count(desk: Desk) -> None:
    desk.decide(0, Action.ACCEPT)
    desk.decide(1, Action.KEEP)
    desk.edits.remedy(Step(np.array([0, 1, 2])), "leak:test")
    assert desk.counted == (1, 2)
    desk.edits.undo()
    assert desk.counted == (1, 2)


def test_undo_and_redo_take_it_back_and_forth(desk: Desk) -> None:
    desk.decide(0, Action.ACCEPT)
    desk.decide(0, Action.KEEP)
    assert desk.counted == (0, 1)
    for _ in range(2):
        desk.edits.undo()
        assert desk.counted == (1, 1)
        desk.edits.redo()
        assert desk.counted == (0, 1)
    desk.edits.undo()
    desk.edits.undo()
    assert desk.counted == (0, 0)


def test_the_page_counts_the_same_by_the_log() -> None:
    reviewer = Reviewer(np.zeros(6, np.int32))
    reviewer.decide(Action.ACCEPT, [0], suggested=1)
    reviewer.decide(Action.KEEP, [1, 2], suggested=0)
    reviewer.decide(Action.SET, [3], label=2, suggested=1)
    reviewer.decide(Action.KEEP, [4])
    session = session_of(reviewer.log, {}, reviewer.given, ClassList.of(NAMES))
    assert (session.agreement.n, session.agreement.of) == (3, 4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_following_each_step_comes_to_what_the_log_says(seed: int) -> None:
    reviewer = random_review(seed, 12, 40)
    state = LabelState()
    agreeing = AgreeingState(state)
    given_labels, classes = reviewer.given, ClassList.of(NAMES)
    state.load(given_labels, given_labels.copy(), np.zeros(12, np.uint8), classes, 1, 0)
    for edit in reviewer.steps:
        if not (edit.class_change and edit.class_change.merged):
            state.edited.emit(edit)
    if any(edit.class_change and edit.class_change.merged for edit in reviewer.steps):
        return  # classes merged later make two names one, which only the log knows
    names = classes_after(reviewer.log, reviewer.notes, NAMES)
    found = agreeing_after(reviewer.log, reviewer.notes, 12, names)
    assert (agreeing.share.n, agreeing.share.of) == ((found > 0).sum(), (found >= 0).sum())
