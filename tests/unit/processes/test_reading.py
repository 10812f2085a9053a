"""The reader child: it may die, stop or loop; the next image works all the same."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import ExitStack, closing

import numpy as np
import pytest

from models.data.readers.arrays.unpacked import UnpackedFile
from models.data.readers.source import OpenFile
from models.errors import DatasetError
from models.processes.reading import ReaderClient, Unreadable, UnreadableYet
from models.types import DatasetInfo, DatasetOpened, OpenRequest, Progress
from tests.helpers import sources
from tests.helpers.packed import StoppingStream, npy_bytes
from tests.helpers.sources import images, labels

pytestmark = pytest.mark.slow

ALL = np.arange(24)


@pytest.fixture
def client():
    with closing(ReaderClient(image_s=1.0)) as made:
        yield made


@pytest.fixture
def request_npz(tmp_path):
    return sources.npz(tmp_path / "a.npz")


def test_images_thumbnails_and_paths(client, request_npz):
    opened = client.open(request_npz)
    info = DatasetInfo.from_message(opened.info)
    assert info.n == 24
    assert OpenRequest.from_message(info.request) == request_npz
    assert np.array_equal(opened.given, labels())
    ids = np.array([7, 3, 3, 23])
    for got in (client.read(ids), client.thumbnails(ids, 32)):
        assert np.array_equal(np.stack(got), images()[ids][..., None])
    assert [image.shape for image in client.thumbnails(ids, 4)] == [(4, 4, 1)] * 4
    assert client.paths(ids)[0] == "a.npz[7]"
    assert client.earlier_review() is None
    assert client.read(ids[:0]) == []


def test_what_is_open_is_not_opened_again(client, request_npz):
    first = client.open(request_npz)
    with pytest.raises(StopIteration) as at_once:
        next(client.opened(request_npz))
    assert at_once.value.value is first
    client.close()
    *_, again = client.opening(request_npz)
    assert again is not first


def test_images_still_being_unpacked_are_waited_for_or_said_to_be(client, tmp_path):
    blank = np.zeros((45, 1024, 1024), np.uint8)
    blank[44] = 7
    request = sources.npz(tmp_path / "a.npz", compressed=True, images=blank)
    content = npy_bytes(blank)
    stream = StoppingStream(content, stop_at=36 << 20)
    with ExitStack() as kept, closing(OpenFile(request.paths[0])) as file:
        another = UnpackedFile(file, "images", len(content), stream.opened)
        kept.callback(another.close)
        kept.callback(stream.may_go_on.set)
        client.open(request)
        first, last = client.thumbnails(np.array([0, 44]), 8, wait=False)
        assert not first.any()
        assert isinstance(last, UnreadableYet)
        assert "still being unpacked" in last
        threading.Timer(0.1, stream.may_go_on.set).start()
        (waited_for,) = client.read(np.array([44]))
        assert (waited_for == 7).all()


@pytest.mark.parametrize("wrong", [[-1], [24], [[1]]])
def test_ids_that_are_not_there_are_an_error_of_the_caller(client, request_npz, wrong):
    client.open(request_npz)
    with pytest.raises(ValueError, match="sample ids"):
        client.read(np.array(wrong))


def test_a_bad_image_does_not_spoil_the_batch(client, tmp_path):
    request = sources.folder(tmp_path / "d", sizes=((8, 8), (9, 20)))
    client.open(request)
    (tmp_path / "d" / "ant" / "001.png").write_bytes(b"nonsense")
    for got in (client.read(np.arange(12)), client.thumbnails(np.arange(12), 6)):
        assert isinstance(got[1], Unreadable)
        assert "ant/001.png: is not an image" in got[1]
        assert not any(isinstance(image, Unreadable) for i, image in enumerate(got) if i != 1)


def test_facts_are_found_in_the_child_and_survive_bad_images(client, tmp_path):
    client.open(sources.folder(tmp_path / "d", sizes=((8, 8), (9, 20))))
    (tmp_path / "d" / "ant" / "001.png").write_bytes(b"nonsense")
    found = client.facts(np.arange(12)[::-1])
    assert found.sample_ids.tolist() == list(range(11, -1, -1))
    assert list(found.unreadable) == [1]
    assert found.unreadable[1].startswith("ant/001.png: is not an image")
    assert found.sizes[-1].tolist() == [8, 8]
    assert found.sizes[-2].tolist() == [0, 0]
    assert found.highs[-1] == client.read(np.array([0]))[0].max()
    assert len(client.facts(np.arange(0))) == 0


def test_what_cannot_be_opened_raises_what_the_child_says(client, tmp_path):
    with pytest.raises(DatasetError, match="No such file"):
        client.open(OpenRequest((str(tmp_path / "gone.npz"),)))


def test_opening_reports_progress_and_can_be_cancelled(client, request_npz):
    events = client.opening(request_npz)
    assert isinstance(next(event for event in events if isinstance(event, Progress)), Progress)
    child = client._child
    events.close()
    assert child is not None
    assert not _is_alive(child.pid)
    assert isinstance(client.open(request_npz), DatasetOpened)


def test_names_outside_utf8_cross_the_pipe(client, tmp_path):
    root = os.fsencode(tmp_path) + b"/caf\xe9"
    sources.folder(tmp_path / "d")
    os.rename(tmp_path / "d", root)
    opened = client.open(OpenRequest((os.fsdecode(root),)))
    assert opened.info["request"]["paths"] == [os.fsdecode(root)]
    assert opened.info["name"] == r"caf\xe9"
    assert client.read(np.array([0]))[0].shape == (8, 8, 3)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_a_child_that_dies_or_stops_between_requests_is_replaced(client, request_npz, how):
    client.open(request_npz)
    os.kill(client._child.pid, how)
    began = time.monotonic()
    assert np.array_equal(np.stack(client.read(ALL)), images()[..., None])
    assert time.monotonic() - began < 6
    os.kill(client._child.pid, how)
    assert client.paths(np.array([2])) == ["a.npz[2]"]


MOODY = """
import os, signal
from models.data.readers.images import encoded_source
decode, seen = encoded_source.decode, os.path.dirname(__file__) + "/seen"
def moody(open_file, shown, *arguments):
    if shown.endswith("loop.png"):
        while True:
            pass
    if shown.endswith("crash.png"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if shown.endswith("once.png") and not os.path.exists(seen):
        open(seen, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return decode(open_file, shown, *arguments)
encoded_source.decode = moody
"""


@pytest.fixture
def moody(tmp_path, monkeypatch):
    """A folder of 12 images of which the fourth has the given name, read by a moody child."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(MOODY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    request = sources.folder(tmp_path / "d")

    def with_fourth(name):
        (tmp_path / "d" / "ant" / "003.png").rename(tmp_path / "d" / "ant" / name)
        return request

    return with_fourth


@pytest.mark.parametrize(
    ("name", "said"),
    [("crash.png", "ends the process that reads it"), ("loop.png", "took longer than 1 s")],
)
def test_an_image_that_kills_or_holds_its_reader_costs_only_itself(client, moody, name, said):
    client.open(moody(name))
    ids = np.array([1, 3, 2, 5])
    got = client.read(ids)
    assert isinstance(got[1], Unreadable)
    assert said in got[1]
    assert name in got[1]
    assert [image.shape for i, image in enumerate(got) if i != 1] == [(8, 8, 3)] * 3


def test_an_image_at_which_the_reader_was_killed_once_is_read_after_all(client, moody):
    client.open(moody("once.png"))
    assert not any(isinstance(image, Unreadable) for image in client.read(np.arange(12)))


def test_an_image_that_was_too_slow_three_times_is_not_tried_again(moody):
    with closing(ReaderClient(image_s=0.5)) as client:
        client.open(moody("loop.png"))
        for _ in range(3):
            client.read(np.array([3]))
        pid = client._child.pid
        assert isinstance(client.read(np.array([3]))[0], Unreadable)
        assert client._child.pid == pid


def test_a_source_that_changed_is_not_read_by_a_new_child(client, tmp_path, request_npz):
    client.open(request_npz)
    os.kill(client._child.pid, signal.SIGKILL)
    sources.npz(tmp_path / "a.npz", images=images(5))
    with pytest.raises(DatasetError, match="changed since it was opened"):
        client.read(ALL)


def test_other_images_in_the_place_of_as_many_are_not_read_by_a_new_child(client, tmp_path):
    client.open(sources.folder(tmp_path / "photos"))
    (tmp_path / "photos/ant/000.png").rename(tmp_path / "photos/cat/004.png")
    assert client.paths(ALL[:1]) == ["ant/000.png"]
    os.kill(client._child.pid, signal.SIGKILL)
    with pytest.raises(DatasetError, match="changed since it was opened"):
        client.read(ALL[:1])


def test_nothing_is_left_behind(tmp_path, monkeypatch, request_npz):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    client = ReaderClient()
    client.open(request_npz)
    pid = client._child.pid
    client.close()
    assert not _is_alive(pid)
    assert list((tmp_path / "t").iterdir()) == []


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
