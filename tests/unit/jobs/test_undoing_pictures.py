"""The images of a split with something undone: which are read, and what becomes of an old wish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.undoing_pictures import UndoingPictures
from tests.helpers.images import FakeReader
from tests.helpers.spaces import dataset_info, workspace

INVERT, MIRROR = {"name": "invert"}, {"name": "mirror"}
TEST = [18, 19, 20, 21, 22, 23]


class Desk(QObject):
    """An open dataset whose last six images are to test with."""

    def __init__(self) -> None:
        super().__init__()
        self.space, self.reader = workspace(self), FakeReader(side=300, broken=frozenset({20}))
        self.thumbnails = Thumbnails(self)
        self.thumbnails.attach(self.reader)
        self.pictures = UndoingPictures(self.space.session, self.thumbnails, self)
        info = replace(dataset_info(), splits={"train": 18, "test": 6})
        self.space.session.open(info, "")

    @property
    def shown(self) -> list[int]:
        return [pair.sample_id for pair in self.pictures.pairs or ()]


@pytest.fixture
def desk(qapp: object) -> Iterator[Desk]:
    made = Desk()
    yield made
    made.reader.gate.set()
    made.pictures.stop()
    made.thumbnails.close()


def test_images_of_the_split_come_with_it_undone_but_those_that_cannot_be_read(
    qtbot: QtBot, desk: Desk
) -> None:
    with qtbot.waitSignal(desk.pictures.arrived):
        desk.pictures.want("test", INVERT, 64)
    assert desk.shown == [18, 19, 21, 22, 23]
    (pair, *_rest) = desk.pictures.pairs or ()
    seen, undone = (image.pixelColor(3, 3) for image in (pair.before, pair.after))
    assert undone.red() == 255 - seen.red()
    assert pair.before.width() == 75  # of 300 pixels no more than are to be seen


def test_the_newest_wish_counts(qtbot: QtBot, desk: Desk) -> None:
    desk.reader.gate.clear()
    desk.pictures.want("train", INVERT, 64)
    desk.pictures.want("test", MIRROR, 64)
    assert desk.pictures.pairs is None
    with qtbot.waitSignal(desk.pictures.arrived):
        desk.reader.gate.set()
    assert set(desk.shown) < set(TEST)


def test_what_nobody_looks_at_any_more_does_not_arrive(qtbot: QtBot, desk: Desk) -> None:
    desk.reader.gate.clear()
    desk.pictures.want("test", INVERT, 64)
    desk.pictures.want_nothing()
    desk.reader.gate.set()
    with (
        qtbot.waitSignal(desk.thumbnails.full_arrived),
        qtbot.assertNotEmitted(desk.pictures.arrived),
    ):
        desk.thumbnails.want_full(3)
    assert desk.pictures.is_idle


def test_an_image_that_was_forgotten_among_many_is_asked_for_again(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.reader.gate.clear()
    desk.thumbnails.want_full(0)  # the reader is at this one
    desk.pictures.want("test", INVERT, 64)
    with qtbot.waitSignal(desk.pictures.arrived):
        for sample_id in range(1, 13):
            desk.thumbnails.want_full(sample_id)
        desk.reader.gate.set()
    assert len(desk.shown) == 5


@pytest.mark.parametrize(("split", "undo"), [("val", INVERT), ("test", {"name": "blur"})])
def test_what_cannot_be_undone_is_shown_on_nothing(
    desk: Desk, split: str, undo: dict[str, str]
) -> None:
    desk.pictures.want(split, undo, 64)
    assert desk.pictures.pairs == ()
    assert desk.pictures.is_idle


def test_what_fails_is_said_once(qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_about: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("qtapp.jobs.undoing_pictures.before_and_after", failing)
    with qtbot.waitSignal(desk.pictures.failed):
        desk.pictures.want("test", INVERT, 64)
    qtbot.waitUntil(lambda: desk.pictures.is_idle)
    assert desk.pictures.pairs == ()
