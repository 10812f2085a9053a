"""Nothing is open: ways in, progress with a way out, and what went wrong."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from models.errors import DatasetError
from models.types import Progress
from qtapp.jobs.previewing import Previewer
from qtapp.jobs.worker import Cancelled
from qtapp.state.activity import ActivityState
from qtapp.views.parts import CommandButton
from qtapp.views.start_page import StartPage
from qtapp.views.theme import Theme
from tests.helpers.screens import recording_registry
from tests.helpers.seen import cut_off

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opening(owner: QObject) -> ActivityState:
    return ActivityState(owner)


@pytest.fixture
def commands() -> list[str]:
    return []


@pytest.fixture
def page(qtbot: QtBot, owner: QObject, opening: ActivityState, commands: list[str]) -> StartPage:
    registry, ran = recording_registry(owner)
    made = StartPage(opening, Previewer(owner), registry, Theme("light"))
    for button in made.welcome.findChildren(CommandButton):
        button.clicked.connect(lambda: commands.append(ran[-1]))
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


def words(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_a_first_start_offers_a_file_a_folder_and_the_demo(
    qtbot: QtBot, page: StartPage, commands: list[str]
) -> None:
    assert page.welcome.isVisible()
    for button in page.welcome.findChildren(CommandButton):
        qtbot.mouseClick(button, LEFT)
    assert commands == ["file.open", "file.open_folder", "file.demo"]
    assert "RECENT" not in words(page)


def test_recent_projects_open_with_a_click(qtbot: QtBot, page: StartPage) -> None:
    page.set_recent([("digits", "/data/digits.winnow"), ("R&D", "/data/rd.winnow")])
    page.set_recent([("R&D", "/data/rd.winnow")])
    buttons = [
        b for b in page.welcome.findChildren(QPushButton) if b.accessibleName() == "Open R&D"
    ]
    with qtbot.waitSignal(page.opened) as opened:
        qtbot.mouseClick(buttons[-1], LEFT)
    assert opened.args == [["/data/rd.winnow"]]


def test_opening_shows_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, page: StartPage, opening: ActivityState
) -> None:
    number = opening.begin()
    assert page.loading.isVisible()
    assert page.loading.bar.maximum() == 0  # nobody knows yet
    opening.accept(number, Progress(250, 1000, "reading labels"))
    assert page.loading.bar.value() / page.loading.bar.maximum() == 0.25
    assert words(page.loading) == ["Reading labels", "250 of 1,000"]
    with qtbot.waitSignal(page.cancelled):
        qtbot.mouseClick(page.loading.cancel, LEFT)
    opening.end(number, Cancelled())
    assert page.welcome.isVisible()


def test_what_cannot_be_read_says_what_where_and_what_to_do(
    qtbot: QtBot, page: StartPage, opening: ActivityState
) -> None:
    error = DatasetError("holds no image array", "/data/x.npz", "Choose another file.", "trace")
    opening.end(opening.begin(), error)
    page.show_error(error)
    said = words(page.problem)
    assert said[1:] == ["Holds no image array.", "/data/x.npz", "Choose another file."]
    qtbot.mouseClick(page.problem.more, LEFT)
    assert words(page.problem)[-1] == "trace"
    back = next(b for b in page.problem.findChildren(QPushButton) if b.text() == "Back")
    qtbot.mouseClick(back, LEFT)
    assert page.welcome.isVisible()


def test_an_error_with_little_to_say_leaves_no_gaps(page: StartPage) -> None:
    page.show_error(RuntimeError("boom"))
    assert words(page.problem)[1:] == ["Boom."]
    assert not page.problem.more.isVisible()


def test_help_is_offered_where_a_command_can_help(page: StartPage) -> None:
    page.show_error(DatasetError("is not a dataset"))
    assert not page.problem.offers["file.locate"].isVisible()
    assert page.problem.offers["file.open"].isVisible()
    page.show_error(DatasetError("is gone"), ("file.locate",))
    assert page.problem.offers["file.locate"].isVisible()


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_a_long_path_and_every_way_out_are_seen_whole(page: StartPage, factor: float) -> None:
    font = page.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    page.setFont(font)
    page.resize(1280, 800)
    where = f"/data/{'a_folder_without_an_end_' * 4}/x.npz"
    offers = ("file.locate", "file.locate_folder", "file.match")
    page.show_error(DatasetError("is gone", where, "Look for it."), offers)
    QApplication.processEvents()
    assert cut_off(page) == []
