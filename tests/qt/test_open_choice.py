"""A source that can be read in several ways: the person chooses, and sees what it would be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.errors import Undecided
from models.opening import open_review, request_for
from models.types import OpenRequest
from qtapp.jobs.previewing import Previewer
from qtapp.views.open_choice import OpenChoice
from qtapp.views.theme import Theme
from tests.helpers.here import reader_here

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def request_of_two(tmp_path: Path) -> OpenRequest:
    path = tmp_path / "two.npz"
    images = np.arange(20 * 8 * 8, dtype=np.uint8).reshape(20, 8, 8)
    flat = images.reshape(20, 64)
    np.savez(path, a=images, b=255 - images, f=flat, y=np.arange(20) % 2, z=np.arange(20) % 5)
    return request_for([path])


@pytest.fixture
def page(qtbot: QtBot, request_of_two: OpenRequest) -> Iterator[OpenChoice]:
    owner = QObject()
    previewer = Previewer(owner)
    made = OpenChoice(previewer, Theme("light"))
    qtbot.addWidget(made)
    with reader_here():
        with pytest.raises(Undecided) as refused:
            open_review(request_of_two)
        with qtbot.waitSignal(previewer.shown):
            made.ask(refused.value, request_of_two)
        yield made
        previewer.stop()


def choose(box, text: str) -> None:
    box.setCurrentIndex(next(i for i in range(box.count()) if box.itemText(i).startswith(text)))
    box.activated.emit(box.currentIndex())


def test_arrays_are_offered_for_what_they_can_be(page: OpenChoice) -> None:
    offered = [page.images.itemData(i) for i in range(page.images.count())]
    assert offered == ["a", "b", "f"]
    assert [page.labels.itemData(i) for i in range(page.labels.count())] == ["", "y", "z"]


def test_a_choice_that_cannot_be_read_cannot_be_opened(page: OpenChoice, qtbot: QtBot) -> None:
    page.shape.setText("5x5")
    with qtbot.waitSignal(page._previewer.failed):
        choose(page.images, "f")
    assert page.shape.isVisibleTo(page)
    assert not page.open_button.isEnabled()
    assert page.sentence.text()


def test_the_choice_is_previewed_and_then_opened(page: OpenChoice, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page._previewer.shown):
        choose(page.images, "b")
    with qtbot.waitSignal(page._previewer.shown):
        choose(page.labels, "z")
    assert "5 classes" in page.sentence.text()
    with qtbot.waitSignal(page.chosen) as chosen:
        qtbot.mouseClick(page.open_button, LEFT)
    assert (chosen.args[0].images, chosen.args[0].labels) == ("b", "z")


def test_an_underscore_in_the_label_of_a_preview_is_seen(page: OpenChoice) -> None:
    pictures = []
    for label in ("____", "    "):
        page.preview.show_images(["not an image"], [label])
        pictures.append(page.preview.grab().toImage())
    assert pictures[0] != pictures[1]


def test_typing_a_size_goes_on_when_the_preview_arrives(page: OpenChoice, qtbot: QtBot) -> None:
    page.show()
    choose(page.images, "f")
    page.shape.setFocus()
    QTest.keyClicks(page.shape, "8x")
    with qtbot.waitSignal(page._previewer.shown):
        choose(page.labels, "z")
    assert page.shape.hasFocus()
    QTest.keyClicks(page.shape, "8")
    assert page.shape.text() == "8x8"


def test_going_back_is_possible_while_it_reads(page: OpenChoice, qtbot: QtBot) -> None:
    choose(page.images, "b")
    with qtbot.waitSignal(page.left):
        qtbot.mouseClick(page.back, LEFT)
