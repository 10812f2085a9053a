"""The status bar counts the review and never claims more than is on disk."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.errors import ProjectError
from models.review.causes import Remark
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.remarks import remark_on
from models.review.stopping import AuditedQueue
from models.review.verdicts import Ahead
from qtapp.views.panels.status import StatusBar
from tests.qt.states import Review


@pytest.fixture
def review() -> Review:
    return Review()


@pytest.fixture
def bar(qtbot: QtBot, review: Review) -> StatusBar:
    bar = StatusBar(review.session, review.labels, review.audit, review.learning, review.agreeing)
    qtbot.addWidget(bar)
    bar.resize(1280, 26)
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


def test_a_second_look_is_no_verdict_here_as_on_the_page_of_the_session(
    bar: StatusBar, review: Review
) -> None:
    review.decide(0, Status.SECOND_LOOK)
    assert "errors per 100 looked at:  –" in words(bar)
    review.decide(1, Status.CHANGED, label=2)
    review.decide(2, Status.KEPT)
    assert words(bar).split()[:2] == ["3", "reviewed"]
    assert "errors per 100 looked at:  50" in words(bar)


def test_the_share_that_agrees_with_the_model_is_always_there(
    bar: StatusBar, review: Review
) -> None:
    assert "agree with the model:  –" in words(bar)
    agreeing = np.full(24, -1, np.int8)
    agreeing[:4] = (1, 1, 1, 0)
    review.agreeing.load(agreeing)
    assert "agree with the model:  75%" in words(bar)
    bar.resize(520, 26)
    assert "agree with the model:  75%" in words(bar)


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


def test_a_cause_is_saved_but_is_no_decision(bar: StatusBar, review: Review) -> None:
    def blurred() -> None:
        labels = review.labels
        edit = remark_on(
            np.array([3]),
            Remark("blurred"),
            labels=labels.labels,
            status=labels.status,
            step=labels.next_step,
            time_ns=0,
        )
        labels.apply(edit)
        labels.acknowledge(edit.step)

    blurred()
    assert bar.saved.text() == "✓ all saved"
    review.decide(0, Status.KEPT)
    blurred()
    assert bar.saved.text() == "✓ 1 decision saved"


def test_nothing_is_counted_while_nothing_is_open(bar: StatusBar, review: Review) -> None:
    assert bar.counts.isVisible()
    review.session.close()
    assert not bar.counts.isVisible()
    assert not bar.saved.isVisible()


def test_a_merge_of_classes_is_no_verdict_on_their_images(bar: StatusBar, review: Review) -> None:
    review.decide(0, Status.CHANGED, label=1)
    review.decide(1, Status.KEPT)
    review.decide(4, Status.KEPT)
    review.decide(7, Status.KEPT)
    labels = review.labels
    birds = np.flatnonzero(labels.given == 2)
    status = labels.status.copy()
    status[birds] = Status.CHANGED
    now = np.where(labels.labels == 2, 1, labels.labels).astype(np.int32)
    classes = ClassList(labels.class_names, {2: 1})
    labels.load(labels.given, now, status, classes, 9, 9)
    said = " ".join(words(bar).split())
    assert said == "4 reviewed 1 changed agree with the model: – errors per 100 looked at: 25"


def test_the_errors_left_come_from_audit_images_alone(bar: StatusBar, review: Review) -> None:
    review.decide(0, Status.CHANGED, label=1)
    assert "errors left" not in words(bar)
    review.audit.load(AuditedQueue(0, shown=20, audits=[3, 5]))
    assert "errors left" not in words(bar)
    review.decide(3, Status.KEPT)
    assert re.search(r"errors left: \d+ to \d+ \(95%, from 1 random image\)", words(bar))
    review.decide(5, Status.EXCLUDED)
    left = review.audit.errors_left()
    assert f"errors left: {left.low} to {left.high} (95%, from 2 random images)" in words(bar)


def test_what_comes_next_is_told_with_its_interval(bar: StatusBar, review: Review) -> None:
    assert "next" not in words(bar)
    review.learning.expect(Ahead(100, 12.4, 5.2, 19.6))
    assert re.search(r"of the next 100 about\s+12\s+will be errors \(5 to 20\)", words(bar))
    review.learning.reset()
    assert "next" not in words(bar)


def test_in_a_narrow_window_the_last_figures_are_in_the_tooltip(
    bar: StatusBar, review: Review, qtbot: QtBot
) -> None:
    review.audit.load(AuditedQueue(0, shown=20, audits=[3]))
    review.decide(3, Status.KEPT)
    bar.resize(400, 26)
    assert "1  reviewed" in words(bar)
    assert "errors left" not in words(bar)
    assert "errors left" in bar.counts.toolTip()
    bar.resize(1280, 26)
    assert "errors left" in words(bar)
    assert bar.minimumSizeHint().width() < 400
