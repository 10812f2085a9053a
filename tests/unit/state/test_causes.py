"""Causes and notes follow each step and its undo, and touch no label."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.review.causes import MOST_CAUSES
from models.review.decisions import Action
from models.review.remarks import remarks_after
from qtapp.commands.edits import Edits
from qtapp.commands.tagging import Tagging
from tests.helpers.journals import Reviewer
from tests.helpers.spaces import workspace


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.tagging = Tagging(self.edits, space.causes, space.selection, self)
        self.committed = []
        space.labels.committing.connect(self.committed.append)
        space.selection.set_current(3)


@pytest.fixture
def desk(qapp):
    return Desk()


def test_a_cause_of_the_selection_is_one_step_that_decides_nothing(desk):
    labels, causes = desk.space.labels, desk.space.causes
    desk.space.selection.select(np.array([1, 2]))
    desk.tagging.toggle("blurred")
    assert [causes.of(i) for i in (1, 2, 3)] == [("blurred",), ("blurred",), ()]
    assert desk.edits.stack.count() == len(desk.committed) == 1
    assert labels.n_reviewed == 0
    desk.edits.undo()
    assert causes.of(1) == ()


def test_those_that_lack_it_get_it_and_an_undo_leaves_the_others(desk):
    causes = desk.space.causes
    desk.tagging.toggle("cropped")
    desk.space.selection.select(np.array([3, 4]))
    desk.tagging.toggle("cropped")
    assert desk.committed[-1].sample_ids.tolist() == [4]
    desk.edits.undo()
    assert [causes.of(i) for i in (3, 4)] == [("cropped",), ()]
    desk.edits.redo()
    desk.tagging.toggle("cropped")
    assert [causes.of(i) for i in (3, 4)] == [(), ()]


def test_a_note_takes_the_place_of_the_one_before_until_it_is_undone(desk):
    causes, said = desk.space.causes, []
    causes.changed.connect(lambda ids: said.append(ids.tolist()))
    desk.tagging.note("first")
    desk.tagging.note("second")
    desk.tagging.note("second")  # says nothing new
    assert (causes.note(3), said) == ("second", [[3], [3]])
    desk.edits.undo()
    assert causes.note(3) == "first"
    desk.edits.redo()
    desk.tagging.note("")
    assert causes.note(3) == ""


def test_what_cannot_be_saved_is_taken_back(desk):
    desk.tagging.toggle("blurred")
    desk.tagging.note("a note")
    desk.space.labels.refuse(ProjectError("disk full"))
    assert desk.space.causes.of(3) == ()
    assert desk.space.causes.note(3) == ""
    desk.tagging.toggle("other")
    assert desk.space.causes.of(3) == ()


def test_the_undo_stack_of_the_journal_takes_remarks_back(desk):
    review = Reviewer(desk.space.labels.given)
    for _ in range(2):
        desk.tagging.toggle("blurred")
    desk.edits.decide(Action.KEEP)
    known = list(desk.committed)
    for edit in known:
        review._do(edit)
    space = desk.space
    space.causes.load(remarks_after(review.log, review.notes, len(review.given)))
    desk.edits.restore(known, len(known))
    desk.edits.undo()
    desk.edits.undo()
    assert space.causes.of(3) == ("blurred",)


def test_there_is_room_for_so_many_causes(desk):
    told = []
    desk.tagging.idle.connect(told.append)
    for at in range(MOST_CAUSES):
        desk.tagging.toggle(f"cause {at}")
    assert len(desk.space.causes.names) == MOST_CAUSES
    assert told == [f"There is room for {MOST_CAUSES} causes"] * 5
