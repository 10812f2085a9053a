"""The confusion matrix follows scores and labels, but only while somebody looks at it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.confusion import MatrixAsked
from models.review.decisions import Action
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
