"""Readers that are killed, stopped or looping, at any image or while opening: one item lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models.errors import DatasetError
from models.processes.reading import ReaderClient, Unreadable
from models.types import DatasetOpened, Heartbeat, OpenRequest
from tests.helpers import sources

IMAGE_S, OPENING_S = 1.0, 1.5
WITHIN_S = 6.0
N = 12
# A child that misbehaves at an image whose name says how; "open" in it: already at its header.
MISBEHAVING = """
import os, signal
from models.data.readers.images import encoded_source

def misbehaving(function, at_opening):
    def wrapper(open_file, shown, *arguments, **options):
        name = os.path.basename(shown)
        if name.startswith("open-") == at_opening:
            if "kill" in name:
                os.kill(os.getpid(), signal.SIGKILL)
            if "stop" in name:
                os.kill(os.getpid(), signal.SIGSTOP)
            while "loop" in name:
                pass
            if "exit" in name:
                os._exit(0)
        return function(open_file, shown, *arguments, **options)
    return wrapper

encoded_source.read_header = misbehaving(encoded_source.read_header, True)
encoded_source.decode = misbehaving(encoded_source.decode, False)
"""


@pytest.fixture
def client() -> Iterator[ReaderClient]:
    with closing(ReaderClient(image_s=IMAGE_S, opening_s=OPENING_S)) as made:
        yield made


@pytest.fixture
def request_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenRequest:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(MISBEHAVING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    return sources.folder(tmp_path / "d")


def rename_one(request: OpenRequest, name: str) -> None:
    os.rename(Path(request.paths[0], "ant", "003.png"), Path(request.paths[0], "ant", name))


@pytest.mark.parametrize(("how", "size_px"), [("kill", 0), ("stop", 4), ("loop", 0), ("exit", 4)])
def test_at_an_image(
    client: ReaderClient, request_folder: OpenRequest, how: str, size_px: int
) -> None:
    rename_one(request_folder, f"{how}.png")
    client.open(request_folder)
    began, ids = time.monotonic(), np.arange(N)
    got = client.thumbnails(ids, size_px) if size_px else client.read(ids)
    assert time.monotonic() - began < WITHIN_S
    assert [i for i, image in enumerate(got) if isinstance(image, Unreadable)] == [3]
    assert f"{how}.png" in str(got[3])


@pytest.mark.parametrize("how", ["kill", "stop", "loop", "exit"])
def test_while_opening(client: ReaderClient, request_folder: OpenRequest, how: str) -> None:
    rename_one(request_folder, f"open-{how}.png")
    began = time.monotonic()
    with pytest.raises(DatasetError, match="could not be opened") as refused:
        client.open(request_folder)
    assert time.monotonic() - began < WITHIN_S
    assert refused.value.where == request_folder.paths[0]
    os.remove(Path(request_folder.paths[0], "ant", f"open-{how}.png"))
    client.open(request_folder)
    assert len(client.read(np.arange(N - 1))) == N - 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_while_opening_from_outside(
    client: ReaderClient, request_folder: OpenRequest, how: int
) -> None:
    events = client.opening(request_folder)
    next(events)
    assert client._child is not None
    os.kill(client._child.pid, how)
    with pytest.raises(DatasetError, match="could not be opened"):
        list(events)
    assert isinstance(client.open(request_folder), DatasetOpened)


def test_a_reader_that_hangs_while_opening_still_lets_it_be_cancelled(
    client: ReaderClient, request_folder: OpenRequest
) -> None:
    rename_one(request_folder, "open-loop.png")
    with closing(client.opening(request_folder)) as events:
        assert any(isinstance(event, Heartbeat) for event in events)
    assert client._child is None
