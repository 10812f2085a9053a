"""The thread that finds out where another reviewer should look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.opening import request_for
from models.review.decisions import Action, Seen, decide
from qtapp.jobs.agreeing import Agreeing
from tests.helpers.local import open_here
from tests.helpers.projects import small_project
from tests.helpers.spaces import dataset_info, workspace

N = 12


class Desk(QObject):
    """An open project; verdicts go straight into its journal, as another window's would."""

    def __init__(self, project: Path) -> None:
        super().__init__()
        self.project, self.space = project, workspace(self, N, ("ant", "bee", "cat"))
        self.agreeing = Agreeing(
            self.space.session, self.space.labels, self.space.scores, self.space.opinions, self
        )

    def say(self, who: str, sample: int, label: int) -> None:
        labels = self.space.labels
        review = open_here(request_for([self.project]))
        with review.project.journal() as journal:
            edit = decide(
                Action.SET,
                np.array([sample]),
                given=labels.given,
                labels=labels.labels,
                status=labels.status,
                seen=Seen.nothing(1),
                step=journal.next_step(),
                time_ns=0,
                reviewer=journal.reviewer_id(who),
                label=label,
            )
            journal.append(edit)
        review.close()

    def open(self) -> None:
        self.space.session.open(dataset_info(N), str(self.project))


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(small_project(tmp_path))
    yield desk
    desk.agreeing.stop()


def test_of_one_reviewer_no_second_opinion_is_asked(qtbot: QtBot, desk: Desk) -> None:
    desk.say("Anna", 3, 1)
    desk.open()
    qtbot.waitUntil(lambda: desk.agreeing.is_idle)
    assert len(desk.space.opinions.wanted) == 0


def test_two_who_differ_are_found_on_opening_and_after_decisions(qtbot: QtBot, desk: Desk) -> None:
    desk.say("Anna", 3, 1)
    desk.say("Ben", 3, 2)
    with qtbot.waitSignal(desk.space.opinions.changed):
        desk.open()
    assert desk.space.opinions.wanted[3]
    desk.say("Anna", 5, 1)
    desk.say("Ben", 5, 0)
    desk.agreeing._soon.setInterval(0)
    with qtbot.waitSignal(desk.space.opinions.changed):
        desk.space.labels.changed.emit(np.array([5]))
    assert desk.space.opinions.wanted[[3, 5]].all()
    desk.agreeing.stop()
    assert len(desk.space.opinions.wanted) == 0


def test_where_they_contradict_each_other_is_open_until_one_decides(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.say("Anna", 3, 1)
    desk.say("Ben", 3, 2)
    with qtbot.waitSignal(desk.space.opinions.changed):
        desk.open()
    assert np.flatnonzero(desk.space.opinions.differing.open).tolist() == [3]
    desk.say("Anna", 3, 2)
    desk.agreeing._soon.setInterval(0)
    with qtbot.waitSignal(desk.space.opinions.changed):
        desk.space.labels.changed.emit(np.array([3]))
    assert np.flatnonzero(desk.space.opinions.differing.settled).tolist() == [3]
    assert not desk.space.opinions.differing.open.any()


def test_a_journal_that_cannot_be_read_is_told(qtbot: QtBot, desk: Desk) -> None:
    (desk.project / "journal.db").unlink()
    with qtbot.waitSignal(desk.agreeing.failed):
        desk.open()
