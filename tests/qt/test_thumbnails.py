"""Images are read on a thread, nearest first, and forgotten when memory is full."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from models.errors import DatasetError
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails, as_qimage
from tests.helpers.images import FakeReader


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader(side=30, broken=frozenset({3}))


@pytest.fixture
def thumbnails(qtbot: QtBot, reader: FakeReader) -> Iterator[Thumbnails]:
    made = Thumbnails(cache_bytes=40 * 32 * 32 * 4)
    made.attach(reader)
    yield made
    reader.gate.set()
    made.close()


def ids(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def get(qtbot: QtBot, thumbnails: Thumbnails, wanted: np.ndarray, size_px: int = 32) -> None:
    """Want thumbnails and wait until the last one is here."""
    thumbnails.want(wanted, size_px)
    last = int(wanted[-1])
    qtbot.waitUntil(lambda: thumbnails.image(last) is not None)


def test_what_is_wanted_arrives_as_images(qtbot: QtBot, thumbnails: Thumbnails) -> None:
    assert thumbnails.image(7) is None
    with qtbot.waitSignal(thumbnails.arrived) as arrived:
        thumbnails.want(ids(7, 9), 32)
    assert arrived.args is not None
    assert arrived.args[0].tolist() == [7, 9]
    image = thumbnails.image(9)
    assert isinstance(image, QImage)
    assert image.pixelColor(4, 4).red() == 9


def test_an_unreadable_sample_says_why(qtbot: QtBot, thumbnails: Thumbnails) -> None:
    get(qtbot, thumbnails, ids(3))
    assert thumbnails.image(3) == "tiny.npz[3]: is cut short."


def test_what_is_not_unpacked_yet_is_asked_for_again_while_it_is_wanted(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtapp.jobs.thumbnails._AGAIN_S", 0.05)
    reader.not_yet = {7, 8}
    get(qtbot, thumbnails, ids(7, 8, 9))
    assert thumbnails.image(7) is None  # the tile shows that it is loading, and no error
    qtbot.waitUntil(lambda: [7, 8] in reader.asked)
    thumbnails.want(ids(8, 9), 32)
    reader.asked.clear()
    qtbot.waitUntil(lambda: len(reader.asked) == 3)
    assert reader.asked_ids == [8, 8, 8]
    reader.not_yet.clear()
    get(qtbot, thumbnails, ids(8))


def test_a_whole_image_that_is_not_unpacked_yet_follows(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtapp.jobs.thumbnails._AGAIN_S", 0.05)
    reader.not_yet = {7}
    thumbnails.want_full(7)
    get(qtbot, thumbnails, ids(1))  # meanwhile others are read
    assert thumbnails.full(7) is None
    with qtbot.waitSignal(thumbnails.full_arrived):
        reader.not_yet.clear()


def test_what_is_here_or_on_its_way_is_not_read_again(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    get(qtbot, thumbnails, ids(1, 2))
    reader.gate.clear()
    thumbnails.want(ids(1, 5), 32)
    qtbot.waitUntil(lambda: [5] in reader.asked)
    thumbnails.want(ids(1, 5, 6), 32)
    reader.gate.set()
    qtbot.waitUntil(lambda: thumbnails.image(6) is not None)
    assert sorted(reader.asked_ids) == [1, 2, 5, 6]


def test_what_scrolled_away_is_never_read(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    reader.gate.clear()
    thumbnails.want(np.arange(100, 140), 32)
    qtbot.waitUntil(lambda: len(reader.asked) == 1)
    thumbnails.want(ids(1), 32)
    reader.gate.set()
    qtbot.waitUntil(lambda: thumbnails.image(1) is not None)
    assert reader.asked_ids == [*reader.asked[0], 1]
    assert len(reader.asked[0]) < 40


def test_memory_is_bounded_and_the_longest_unused_goes_first(
    qtbot: QtBot, thumbnails: Thumbnails
) -> None:
    for start in range(0, 168, 24):  # grey images take a quarter of what coloured ones do
        get(qtbot, thumbnails, np.arange(start, start + 24) + 10)
    thumbnails.image(10)
    get(qtbot, thumbnails, ids(200, 201, 202))
    assert thumbnails.image(10) is not None
    assert thumbnails.image(11) is None


def test_a_larger_tile_reads_reduced_images_again_and_small_ones_not(qtbot: QtBot) -> None:
    reader = FakeReader(side=100)
    thumbnails = Thumbnails()
    thumbnails.attach(reader)
    get(qtbot, thumbnails, ids(1), 64)
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.want(ids(1), 96)
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.want(ids(1), 128)
    thumbnails.want(ids(1), 256)
    get(qtbot, thumbnails, ids(1, 2), 256)
    assert list(zip(reader.sizes, reader.asked, strict=True)) == [
        (64, [1]),
        (96, [1]),
        (128, [1]),
        (256, [2]),
    ]
    thumbnails.close()


def test_a_whole_image_comes_before_thumbnails_with_its_path(
    qtbot: QtBot, thumbnails: Thumbnails
) -> None:
    assert thumbnails.path_of(4) == ""
    with qtbot.waitSignal(thumbnails.full_arrived) as arrived:
        thumbnails.want_full(4)
    assert arrived.args is not None
    assert arrived.args[0] == 4
    assert arrived.args[1].pixels.shape == (30, 30, 1)
    assert not arrived.args[1].pixels.flags.writeable
    assert thumbnails.path_of(4) == "tiny.npz[4]"
    with qtbot.waitSignal(thumbnails.full_arrived, timeout=0):  # at once: it is here
        thumbnails.want_full(4)


def test_what_is_wanted_beside_the_screen_is_read_first(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    reader.gate.clear()
    thumbnails.want(np.arange(10, 40), 32)
    thumbnails.want_beside(np.array([90, 91]), 32, "strip")
    reader.gate.set()
    qtbot.waitUntil(lambda: thumbnails.image(39) is not None)
    assert reader.asked_ids.index(90) < reader.asked_ids.index(39)
    assert sorted(reader.asked_ids) == [*range(10, 40), 90, 91]


def test_only_the_newest_whole_images_are_read(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    seen: list[int] = []
    thumbnails.full_arrived.connect(lambda sample_id, _: seen.append(sample_id))
    reader.gate.clear()
    for sample_id in range(20, 40):
        thumbnails.want_full(sample_id)
    reader.gate.set()
    qtbot.waitUntil(lambda: 31 in seen)
    assert [i for i in seen if i > 30] == list(range(39, 30, -1))


def test_a_source_that_is_gone_is_told_once_and_the_tiles_say_it(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    reader.error = DatasetError("changed since it was opened", "tiny.npz")
    told: list[object] = []
    thumbnails.failed.connect(told.append)
    get(qtbot, thumbnails, ids(1))
    get(qtbot, thumbnails, ids(2))
    assert told == [reader.error]
    assert thumbnails.image(2) == str(reader.error)


def test_detaching_forgets_everything_and_drops_what_still_comes(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    get(qtbot, thumbnails, ids(1))
    reader.gate.clear()
    thumbnails.want(ids(2), 32)
    qtbot.waitUntil(lambda: [2] in reader.asked)
    with qtbot.assertNotEmitted(thumbnails.arrived, wait=20):
        reader.gate.set()
        thumbnails.detach()  # its thread has sent what it read, and nobody has taken it
    assert thumbnails.image(1) is None
    assert thumbnails.image(2) is None


def test_a_read_that_hangs_does_not_keep_the_window_from_closing(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    reader.gate.clear()
    thumbnails.want(ids(1), 32)
    qtbot.waitUntil(lambda: reader.asked == [[1]])
    begun = time.monotonic()
    thumbnails.close()
    assert time.monotonic() - begun < 5
    assert reader.was_aborted


def test_colours_keep_their_order(qtbot: QtBot) -> None:
    image = as_qimage(np.array([[[10, 20, 30]]], np.uint8))
    colour = image.pixelColor(0, 0)
    assert (colour.red(), colour.green(), colour.blue()) == (10, 20, 30)


def test_what_lies_beside_the_screen_has_a_size_of_its_own(qtbot: QtBot) -> None:
    reader = FakeReader(side=200)
    thumbnails = Thumbnails()
    thumbnails.attach(reader)
    get(qtbot, thumbnails, ids(1), 32)
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.want_beside(ids(1), 84, "strip")

    def width(size_px: int = 0) -> int:
        image = thumbnails.image(1, size_px)
        assert isinstance(image, QImage)
        return image.width()

    assert (width(), width(84), width(60), width(150)) == (32, 84, 84, 84)
    thumbnails.want(ids(1), 32)  # both are here
    get(qtbot, thumbnails, ids(2), 32)
    assert reader.sizes == [32, 84, 32]
    thumbnails.close()


def test_an_image_that_could_not_be_read_for_a_moment_is_there_when_it_comes_back_into_sight(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    thumbnails.want(ids(3), 32)
    qtbot.waitUntil(lambda: thumbnails.image(3) is not None)
    reader.broken = frozenset()  # the disk or the network was slow, and no longer is
    thumbnails.want(ids(3), 32)  # it stays in sight: nothing flickers
    assert isinstance(thumbnails.image(3), str)
    thumbnails.want(ids(4), 32)
    thumbnails.want(ids(3), 32)
    qtbot.waitUntil(lambda: isinstance(thumbnails.image(3), QImage))


def test_a_large_image_that_could_not_be_read_for_a_moment_is_read_when_it_is_shown_again(
    qtbot: QtBot, thumbnails: Thumbnails, reader: FakeReader
) -> None:
    thumbnails.want_full(3)
    qtbot.waitUntil(lambda: thumbnails.full(3) is not None)
    reader.broken = frozenset()
    shown: list[object] = []
    thumbnails.full_arrived.connect(lambda _id, picture: shown.append(picture))
    thumbnails.want_full(3)
    assert isinstance(shown[0], str)  # until it is here
    qtbot.waitUntil(lambda: isinstance(thumbnails.full(3), Picture))
