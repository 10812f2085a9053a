"""Notices say what, where and the remedy; a toast offers to undo."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from models.errors import DatasetError
from qtapp.notices import MOST_AT_ONCE, NoticeBar, Toast
from tests.qt.states import Review


@pytest.fixture
def review() -> Review:
    return Review()


@pytest.fixture
def bar(qtbot: QtBot, review: Review) -> NoticeBar:
    bar = NoticeBar(review.theme)
    qtbot.addWidget(bar)
    bar.show()
    return bar


BROKEN = DatasetError("holds no image array", "a.npz", "Name it with --images.", "Traceback: ...")


def test_an_error_says_what_where_and_remedy(bar: NoticeBar) -> None:
    bar.show_error(BROKEN)
    (notice,) = bar.notices()
    assert notice.sentence == "a.npz: holds no image array. Name it with --images."


def test_details_are_folded_away(bar: NoticeBar) -> None:
    bar.show_error(BROKEN)
    (notice,) = bar.notices()
    details, unfold = notice.findChild(QPlainTextEdit), notice.findChild(QPushButton)
    assert details is not None
    assert unfold is not None
    assert not details.isVisible()
    unfold.click()
    assert details.isVisible()
    assert details.toPlainText() == "Traceback: ..."


def test_a_fault_of_our_own_is_told_with_its_traceback(bar: NoticeBar) -> None:
    try:
        raise KeyError("x")
    except KeyError as error:
        bar.show_error(error)
    (notice,) = bar.notices()
    assert "KeyError" in notice.sentence
    details = notice.findChild(QPlainTextEdit)
    assert details is not None
    assert "raise KeyError" in details.toPlainText()


def test_the_same_sentence_is_not_repeated(bar: NoticeBar) -> None:
    bar.show_error(BROKEN)
    bar.show_error(BROKEN)
    assert len(bar.notices()) == 1


def test_old_notices_make_room(bar: NoticeBar) -> None:
    for number in range(5):
        bar.tell(f"sentence {number}")
    assert len(bar.notices()) == MOST_AT_ONCE
    assert bar.notices()[-1].sentence == "sentence 4"


def test_a_notice_is_closed_by_its_button(bar: NoticeBar) -> None:
    bar.show_error(BROKEN)
    close = bar.notices()[0].findChild(QToolButton)
    assert close is not None
    close.click()
    assert bar.notices() == []


def test_a_command_that_helps_is_one_click_away(bar: NoticeBar, review: Review) -> None:
    bar.show_error(BROKEN, review.registry.action("run.resume"))
    buttons = bar.notices()[0].findChildren(QPushButton)
    next(button for button in buttons if button.text() == "Resume the last run").click()
    assert review.pressed == ["run.resume"]
    assert bar.notices() == []


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(600, 400)
    host.show()
    return host


def test_a_command_that_cannot_be_given_is_not_offered(bar: NoticeBar, review: Review) -> None:
    resume = review.registry.action("run.resume")
    resume.setEnabled(False)
    bar.show_error(BROKEN, resume)
    (notice,) = bar.notices()
    (button,) = [x for x in notice.findChildren(QPushButton) if x.text() == "Resume the last run"]
    assert not button.isVisible()
    resume.setEnabled(True)  # the runs were listed meanwhile
    assert button.isVisible()
    assert button.window() is bar.window()


@pytest.fixture
def toast(host: QWidget, review: Review) -> Toast:
    return Toast(review.registry, host)


def test_a_toast_can_be_undone(toast: Toast, review: Review) -> None:
    toast.say("412 images set to cat")
    assert toast.isVisible()
    toast.undo_button.click()
    assert review.pressed == ["decide.undo"]
    assert not toast.isVisible()


def test_undoing_by_key_takes_the_toast_away(toast: Toast, review: Review) -> None:
    toast.say("412 images set to cat")
    review.registry.action("decide.undo").trigger()
    assert not toast.isVisible()


def test_a_toast_stays_inside_its_window(toast: Toast, host: QWidget) -> None:
    toast.say("412 images set to cat")
    host.resize(500, 300)
    assert host.rect().contains(toast.geometry())
