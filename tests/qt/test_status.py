"""The status bar counts the review and never claims more than is on disk."""

from __future__ import annotations

import re

import pytest
from pytestqt.qtbot import QtBot

from models.errors import ProjectError
from models.review.decisions import Status
from qtapp.views.panels.status import StatusBar
from tests.qt.states import Review


@pytest.fixture
def review() -> Review:
    return Review()


@pytest.fixture
def bar(qtbot: QtBot, review: Review) -> StatusBar:
    bar = StatusBar(review.session, review.labels)
    qtbot.addWidget(bar)
    bar.show()
    return bar


def words(bar: StatusBar) -> str:
    return re.sub(r"<[^>]+>|&nbsp;", " ", bar.counts.text())


def test_counts_follow_decisions(bar: StatusBar, review: Review) -> None:
    assert "errors per 100 looked at:  –" in words(bar)
    review.decide(0, Status.CHANGED, label=2)
    review.decide(1, Status.KEPT)
    review.decide(2, Status.EXCLUDED)
    review.decide(3, Status.KEPT)
    assert words(bar).split()[:2] == ["4", "reviewed"]
    assert "errors per 100 looked at:  50" in words(bar)


def test_the_demo_tells_how_many_were_found(bar: StatusBar, review: Review) -> None:
    truth = review.given.copy()
    truth[:3] = (truth[:3] + 1) % 3
    review.session.open(review.info, "/nowhere/demo.winnow", truth=truth)
    assert "you found  0  of 3" in words(bar)
    review.decide(0, Status.CHANGED, label=int(truth[0]))
    review.decide(1, Status.EXCLUDED)
    review.decide(9, Status.CHANGED, label=(int(truth[9]) + 1) % 3)
    assert re.search(r"you found\s+2\s+of 3", words(bar))


def test_saved_pending_and_blocked_are_words(bar: StatusBar, review: Review) -> None:
    assert bar.saved.text() == "no decision yet"
    review.decide(0, Status.KEPT)
    assert bar.saved.text() == "✓ 1 decision saved"
    review.decide(1, Status.KEPT)
    assert bar.saved.text() == "✓ all 2 decisions saved"
    review.labels.refuse(ProjectError("the disk is full", "journal.db", "Make room."))
    assert bar.saved.text() == "✕ not saving: the disk is full"
    assert bar.saved.property("role") == "danger"
    assert "Make room." in bar.saved.toolTip()


def test_nothing_is_counted_while_nothing_is_open(bar: StatusBar, review: Review) -> None:
    assert bar.counts.isVisible()
    review.session.close()
    assert not bar.counts.isVisible()
    assert not bar.saved.isVisible()
