"""Properties are tested against labels and suspicion, but only while somebody looks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.bias import EVERY, SUSPECTS
from models.review.decisions import Action
from models.review.properties import PROPERTIES, Measured, Properties, unmeasured
from models.review.stopping import AuditedQueue
from qtapp.commands.edits import Edits
from qtapp.jobs.bias import BiasTester
from qtapp.state.bias import BiasAsked
from tests.helpers.spaces import score_set, workspace

N = 240


class Desk(QObject):
    """Images of class 0 are dark."""

    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self, N)
        self.state = space.bias
        self.tester = BiasTester(
            space.session, space.labels, space.scores, space.audit, space.properties, space.bias,
            self,
        )  # fmt: skip
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)

    def measure(self) -> None:
        table = unmeasured(N)
        noise = np.random.default_rng(0).random(N, np.float32)
        table[PROPERTIES.index("brightness")] = noise + (np.arange(N) % 3 > 0)
        table[PROPERTIES.index("warmth")] = noise[::-1]
        number = self.space.properties.begin()
        self.space.properties.accept(number, Measured(Properties(table, N)))
        self.space.properties.end(number, None)

    def settle(self, qtbot) -> None:
        qtbot.waitUntil(lambda: self.tester.is_idle)


@pytest.fixture
def desk(qapp):
    desk = Desk()
    yield desk
    desk.tester.stop()


@pytest.fixture
def looking(qtbot, desk):
    desk.measure()
    desk.state.watch(True)
    desk.settle(qtbot)
    return desk


def test_nothing_is_tested_out_of_sight(qtbot, desk):
    desk.measure()
    assert desk.tester.is_idle
    assert desk.state.report is None
    desk.state.watch(True)
    desk.settle(qtbot)
    assert desk.state.report is not None


def test_the_strongest_is_looked_at_until_something_is_asked_for(qtbot, looking):
    state = looking.state
    assert (state.spread.name, state.ends.group) == ("brightness", 0)
    before = state.report
    state.ask(BiasAsked("warmth", EVERY))
    looking.settle(qtbot)
    assert (state.spread.name, state.ends.group) == ("warmth", EVERY)
    assert state.report is before


def test_scores_bring_suspects_and_images_judged_blind_are_none(qtbot, looking):
    space = looking.space
    scores = score_set(space.labels.labels)
    suspected = int((scores.values["suspicion"] > 0.5).sum())
    space.scores.show(scores)
    looking.settle(qtbot)
    assert looking.state.report.n_suspects == suspected
    blind = np.flatnonzero(scores.values["suspicion"] > 0.5)[:5]
    space.audit.load(AuditedQueue(0, audits=blind.tolist()))
    space.scores.show(scores)
    looking.settle(qtbot)
    assert looking.state.report.n_suspects == suspected - 5
    looking.state.ask(BiasAsked("brightness", SUSPECTS))
    looking.settle(qtbot)
    assert not np.isin(looking.state.ends.lowest, blind).any()


def test_a_decision_is_taken_in(qtbot, looking):
    looking.space.selection.select(np.array([0]))
    looking.space.selection.set_current(0)
    looking.edits.decide(Action.EXCLUDE)
    looking.settle(qtbot)
    assert looking.state.spread.every.sum() == N - 1


def test_closing_forgets(looking):
    looking.tester.stop()
    assert looking.state.report is None
    assert looking.state.spread is None
