"""The classes are counted while somebody looks, and follow decisions."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from qtapp.commands.edits import Edits
from qtapp.jobs.balance import BalanceCounter
from tests.helpers.spaces import workspace


class Desk(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.space = space = workspace(self)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.counter = BalanceCounter(space.session, space.labels, space.balance, self)


def test_counts_follow_decisions_while_somebody_looks(qtbot: QtBot) -> None:
    desk = Desk()
    state, labels = desk.space.balance, desk.space.labels
    assert desk.counter.is_idle
    assert state.counts is None
    looking = QObject()
    with qtbot.waitSignal(state.changed):
        state.watch(looking, True)
    assert state.counts is not None
    assert state.counts.now.tolist() == state.counts.given.tolist() == [[8, 8, 8]]
    desk.space.selection.select(np.array([0, 3]))
    with qtbot.waitSignal(state.changed):
        desk.edits.set_class(2)
    assert state.counts.now.tolist() == [[6, 8, 10]]
    assert state.counts.given.tolist() == [[8, 8, 8]]
    state.watch(looking, False)
    before = state.counts
    labels.changed.emit(np.array([0]))
    qtbot.waitUntil(lambda: desk.counter.is_idle)
    assert state.counts is before
    desk.counter.stop()
    assert state.counts is None
