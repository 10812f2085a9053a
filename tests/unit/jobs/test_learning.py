"""The thread that learns: when it fits, what it changes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from models.review.decisions import Action
from models.review.learning import MIN_VERDICTS, REFIT_EVERY
from models.review.ordering import LEARNED
from models.types import SampleIds
from qtapp.commands.edits import Edits
from qtapp.jobs import learning
from qtapp.jobs.learning import VerdictLearner
from qtapp.state.scores import RESCORED_AT_ONCE
from tests.helpers.spaces import score_set, workspace
from tests.helpers.verdicts import N_JUDGEABLE, judgeable


class Desk(QObject):
    """A review of a dataset from whose verdicts something can be learned."""

    def __init__(self) -> None:
        super().__init__()
        self.data = judgeable()
        self.space = space = workspace(self, N_JUDGEABLE)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.learner = VerdictLearner(
            *(space.session, space.labels, space.scores, space.order, space.learning), self
        )
        self.score()

    def score(self, run: int = 1) -> None:
        of = self.data
        self.space.scores.show(
            replace(
                score_set(of.given, run=run),
                probabilities=of.probabilities,
                transition=of.prior,
                prior=of.prior,
                evidence=of.evidence,
            )
        )

    def judge(self, sample_ids: SampleIds) -> None:
        """One verdict after another, as a person who is always right."""
        right = self.data.corrected()
        for sample_id in sample_ids.tolist():
            self.space.selection.set_current(sample_id)
            if self.data.wrong[sample_id]:
                self.edits.set_class(int(right[sample_id]))
            else:
                self.edits.decide(Action.KEEP)


@pytest.fixture
def desk(qapp: QObject) -> Iterator[Desk]:
    made = Desk()
    yield made
    made.learner.stop()


@pytest.fixture
def n_fits(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often the learner has fitted so far."""
    fits = []
    fit = learning.learn_from_verdicts
    monkeypatch.setattr(
        learning, "learn_from_verdicts", lambda *about: (fits.append(1), fit(*about))[1]
    )
    return lambda: len(fits)


def settled(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.learner.is_idle)


def test_it_waits_for_enough_decisions_and_then_for_every_fifty_more(
    qtbot: QtBot, desk: Desk, n_fits: Callable[[], int]
) -> None:
    order, learning_state = desk.data.order, desk.space.learning
    desk.judge(order[: MIN_VERDICTS - 1])
    settled(qtbot, desk)
    assert n_fits() == 0
    assert LEARNED not in desk.space.scores.values
    assert "it takes 100 verdicts" in learning_state.reason
    desk.judge(order[MIN_VERDICTS - 1 : MIN_VERDICTS])
    settled(qtbot, desk)
    assert n_fits() == 1
    assert learning_state.has_order
    assert "100 verdicts" in learning_state.reason
    more = order[MIN_VERDICTS : MIN_VERDICTS + REFIT_EVERY]
    desk.judge(more[:-1])
    settled(qtbot, desk)
    assert n_fits() == 1
    desk.judge(more[-1:])
    settled(qtbot, desk)
    assert n_fits() == 2
    assert "150 verdicts" in learning_state.reason


def test_what_was_learned_is_a_score_of_every_image_and_moves_nothing(
    qtbot: QtBot, desk: Desk
) -> None:
    space, data = desk.space, desk.data
    rows = space.order.rows
    desk.judge(data.order[:200])
    with qtbot.waitSignal(space.scores.taught):
        pass
    settled(qtbot, desk)
    learned = space.scores.values[LEARNED]
    rest = np.setdiff1d(np.arange(N_JUDGEABLE), data.order[:200])
    found = data.wrong[rest[np.argsort(-learned[rest])][:100]]
    assert found.mean() > 0.8
    assert (learned[space.labels.labels != data.given] == 0).all()
    assert space.order.rows is rows
    assert not space.order.has_newer


def test_whoever_sorts_by_it_is_offered_the_new_order(qtbot: QtBot, desk: Desk) -> None:
    desk.space.order.sort_by(LEARNED)
    desk.judge(desk.data.order[:200])
    with qtbot.waitSignal(desk.space.order.newer_changed):
        pass
    assert desk.space.order.has_newer


def test_a_decision_moves_its_image_to_the_end_and_undoing_it_back(
    qtbot: QtBot, desk: Desk
) -> None:
    space = desk.space
    desk.judge(desk.data.order[:200])
    settled(qtbot, desk)
    sample = int(np.flatnonzero(desk.data.wrong & (space.labels.status == 0))[0])
    before = space.scores.values[LEARNED][sample]
    assert before > 0
    desk.judge(np.array([sample]))
    assert space.scores.values[LEARNED][sample] == 0
    desk.edits.undo()
    assert space.scores.values[LEARNED][sample] == before


def test_undoing_below_the_least_number_takes_the_learned_order_away(
    qtbot: QtBot, desk: Desk
) -> None:
    space = desk.space
    desk.judge(desk.data.order[:MIN_VERDICTS])
    settled(qtbot, desk)
    space.order.sort_by(LEARNED)
    desk.edits.undo()
    settled(qtbot, desk)
    assert LEARNED not in space.scores.values
    assert not space.learning.has_order
    assert space.learning.weights == []
    assert space.order.has_newer


def test_new_scores_are_learned_from_and_what_was_learned_serves_until_then(
    qtbot: QtBot, desk: Desk
) -> None:
    space = desk.space
    desk.judge(desk.data.order[:200])
    settled(qtbot, desk)
    first = space.learning.fit
    desk.score(run=2)
    assert LEARNED in space.scores.values
    settled(qtbot, desk)
    assert space.learning.fit is not first
    assert space.learning.has_order


def test_what_comes_next_is_foretold_of_the_order_on_the_screen(qtbot: QtBot, desk: Desk) -> None:
    space = desk.space
    desk.judge(desk.data.order[:200])
    settled(qtbot, desk)
    by_source = space.learning.ahead
    assert by_source is not None
    assert by_source.n == 100
    learned = space.scores.values[LEARNED]
    space.order.accept(np.argsort(-learned), N_JUDGEABLE)
    settled(qtbot, desk)
    assert space.learning.ahead is not None
    assert space.learning.ahead.errors > by_source.errors


def test_another_dataset_begins_with_nothing_learned(qtbot: QtBot, desk: Desk) -> None:
    space = desk.space
    desk.judge(desk.data.order[:200])
    settled(qtbot, desk)
    desk.learner.stop()
    assert space.learning.fit is None
    assert space.learning.ahead is None
    given = desk.data.given.copy()
    none = np.zeros(len(given), np.uint8)
    space.labels.load(given, given.copy(), none, space.labels.classes, 1, 0)
    assert LEARNED not in space.scores.values
    desk.score()
    settled(qtbot, desk)
    assert LEARNED not in space.scores.values


def test_it_does_not_learn_from_scores_that_a_bulk_change_made_stale(
    qtbot: QtBot, desk: Desk, n_fits: Callable[[], int]
) -> None:
    desk.space.selection.select(np.arange(2 * RESCORED_AT_ONCE))
    desk.edits.decide(Action.KEEP)
    assert desk.space.scores.is_stale
    QCoreApplication.processEvents()
    assert n_fits() == 0
    assert not desk.learner.is_idle
    desk.space.scores.settle()
    settled(qtbot, desk)
    assert n_fits() == 1
