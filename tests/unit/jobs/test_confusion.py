"""The confusion matrix follows scores and labels, but only while somebody looks at it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.classes import ClassChange
from models.review.columns import Columns
from models.review.confusion import Cell, MatrixAsked, query_for
from models.review.decisions import Action
from models.review.ordering import Filters, filtered
from models.review.stopping import AuditedQueue
from qtapp.commands.edits import Edits
from qtapp.jobs.confusion import MatrixCounter
from tests.helpers.spaces import score_set, workspace


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.counter = MatrixCounter(
            space.session, space.labels, space.scores, space.confusion, self
        )
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)

    @property
    def counts(self) -> list[list[int]]:
        assert self.space.confusion.matrix is not None
        return self.space.confusion.matrix.counts.tolist()


@pytest.fixture
def desk(qapp):
    desk = Desk()
    yield desk
    desk.counter.stop()


def look(qtbot, desk: Desk) -> None:
    """Every image is scored, and predicted to be of the class after its own."""
    desk.space.scores.show(score_set(desk.space.labels.labels))
    with qtbot.waitSignal(desk.space.confusion.changed):
        desk.space.confusion.watch(True)
    qtbot.waitUntil(lambda: desk.counter.is_idle)


def test_nothing_is_counted_out_of_sight(qtbot, desk):
    desk.space.scores.show(score_set(desk.space.labels.labels))
    assert desk.counter.is_idle
    assert desk.space.confusion.matrix is None
    look(qtbot, desk)
    assert desk.counts == [[0, 8, 0], [0, 0, 8], [8, 0, 0]]


def test_without_scores_there_is_none(qtbot, desk):
    desk.space.confusion.watch(True)
    assert desk.space.confusion.matrix is None
    desk.space.confusion.watch(False)
    look(qtbot, desk)
    desk.space.scores.show(None)
    qtbot.waitUntil(lambda: desk.counter.is_idle)
    assert desk.space.confusion.matrix is None


def test_a_decision_counts_for_the_labels_as_they_stand(qtbot, desk):
    look(qtbot, desk)
    with qtbot.waitSignal(desk.space.confusion.changed):
        desk.space.confusion.ask(MatrixAsked(corrected=True))
    desk.space.selection.set_current(0)
    with qtbot.waitSignal(desk.space.confusion.changed):
        desk.edits.set_class(1)
    assert desk.counts == [[0, 7, 0], [0, 1, 8], [8, 0, 0]]


def test_an_excluded_image_is_counted_no_longer(qtbot, desk):
    look(qtbot, desk)
    desk.space.selection.select(np.arange(3))
    with qtbot.waitSignal(desk.space.confusion.changed):
        desk.edits.decide(Action.EXCLUDE)
    assert desk.counts == [[0, 7, 0], [0, 0, 7], [7, 0, 0]]


def test_an_image_to_be_judged_blind_is_in_no_cell_as_no_click_on_a_cell_shows_it(qtbot, desk):
    space = desk.space
    space.audit.load(AuditedQueue(seed=0, audits=[0]))
    look(qtbot, desk)
    assert desk.counts == [[0, 7, 0], [0, 0, 8], [8, 0, 0]]
    found = space.confusion.matrix
    query = query_for(Cell(0, 1), found, space.labels.classes, tuple(space.session.info.splits))
    columns = Columns(
        space.labels.labels, space.labels.status, space.session.info.split_codes(), {},
        space.selection.mask, space.scores.copy_group, given=space.labels.given,
        predicted=space.scores.predicted, classes=space.labels.classes,
    )  # fmt: skip
    assert filtered(Filters(query=query), columns).sum() == 7


def test_a_class_that_is_taken_back_while_it_is_counted_does_no_harm(qtbot, desk):
    look(qtbot, desk)
    space, before = desk.space, desk.space.labels.classes
    space.labels.classes = before.after(ClassChange("owl"))
    (counted,) = desk.counter._prepared()()
    space.labels.classes = before
    desk.counter._take(counted)
    assert len(desk.counts) == 3


def test_of_a_class_that_is_taken_back_nothing_is_shown_until_it_is_counted_anew(qtbot, desk):
    look(qtbot, desk)
    space = desk.space
    space.confusion.ask(MatrixAsked(corrected=True))
    space.selection.set_current(0)
    desk.edits.add_class("owl")
    qtbot.waitUntil(lambda: desk.counter.is_idle)
    assert len(desk.counts) == 4
    desk.edits.undo()
    assert space.confusion.matrix is None
    qtbot.waitUntil(lambda: desk.counter.is_idle)
    assert len(desk.counts) == 3


def test_of_many_wishes_the_last_one_is_answered(qtbot, desk):
    look(qtbot, desk)
    for asked in (MatrixAsked(rates=False), MatrixAsked(together=True), MatrixAsked(split=0)):
        desk.space.confusion.ask(asked)
    qtbot.waitUntil(lambda: desk.counter.is_idle)
    assert desk.space.confusion.matrix.asked == MatrixAsked(split=0)


def test_what_changed_meanwhile_is_counted_on_the_next_look(qtbot, desk):
    look(qtbot, desk)
    desk.space.confusion.watch(False)
    desk.space.scores.show(score_set(desk.space.labels.labels, run=2))
    assert desk.counter.is_idle
    with qtbot.waitSignal(desk.space.confusion.changed):
        desk.space.confusion.watch(True)
