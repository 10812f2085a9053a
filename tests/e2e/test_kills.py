"""The window is killed at work: nothing it showed as saved is lost, and nobody is left behind."""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest

from models.opening import request_for
from tests.helpers.driver import pid_of_child
from tests.helpers.local import open_here
from tests.helpers.sources import images, labels

N_IMAGES = 400
CHILDREN_END_S = 5.0


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "tiny.npz"
    path.parent.mkdir()
    np.savez(path, images=images(N_IMAGES), labels=labels(N_IMAGES))
    return path


@pytest.fixture
def window_of(source: Path) -> Iterator[Callable[[str], Window]]:
    """Start windows; none outlives its test."""
    windows: list[Window] = []

    def start(mode: str) -> Window:
        windows.append(Window(mode, source))
        return windows[-1]

    yield start
    for window in windows:
        window.kill()


class Window:
    """The driver in a process of its own, and what it claimed."""

    def __init__(self, mode: str, source: Path) -> None:
        self.claims: list[dict] = []
        self._rest = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.driver", mode, str(source)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            cwd=Path(__file__).parents[2],
        )
        os.set_blocking(self.process.stdout.fileno(), False)

    def read(self) -> None:
        """Take what it claimed by now; it never falls silent, so only once."""
        if self._ready():
            chunk = os.read(self.process.stdout.fileno(), 1 << 20)
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            self.claims += [json.loads(line) for line in lines]

    def _ready(self) -> bool:
        return bool(select.select([self.process.stdout], [], [], 0.05)[0])

    def wait_for(self, key: str, timeout_s: float = 60) -> dict:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            self.read()
            for claim in self.claims:
                if key in claim:
                    return claim
            if self.process.poll() is not None:
                break
        self.process.kill()  # else its stderr has no end
        raise AssertionError(f"no {key!r}: {self.claims[-3:]} {self.process.stderr.read()!r}")

    def work(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read()

    def kill(self) -> None:
        if self.process.stdout.closed:
            return
        self.process.kill()
        self.process.wait()
        self.read()  # a pipe holds less than one read takes
        self.process.stdout.close()
        self.process.stderr.close()

    @property
    def saved(self) -> int:
        return max((claim["saved"] for claim in self.claims if "saved" in claim), default=0)

    @property
    def children(self) -> set[int]:
        return {pid for claim in self.claims for pid in claim.get("children", ())}


def fingerprint(path: Path) -> tuple[str, int]:
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end_of(pids: set[int]) -> None:
    until = time.monotonic() + CHILDREN_END_S
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not [pid for pid in pids if alive(pid)], "a child outlived the window"


@pytest.mark.parametrize(
    ("mode", "soak_rounds"), [("label", 100), ("fold", 100), ("export", 100), ("train", 50)]
)
def test_a_killed_window_loses_nothing_it_showed_as_saved(
    mode, soak_rounds, source, window_of, request
):
    rounds = soak_rounds if request.config.getoption("--soak") else 2
    chance = random.Random(mode)
    before = fingerprint(source)
    saved_so_far = 0
    for _ in range(rounds):
        window = window_of(mode)
        opened = window.wait_for("opened")
        assert opened["opened"] - 1 >= saved_so_far, "a saved decision was lost"
        if mode == "train":
            window.wait_for("did")
        window.work(chance.uniform(0.05, 1.5))
        window.kill()
        saved_so_far = max(saved_so_far, window.saved)
        wait_for_end_of(window.children)
    assert saved_so_far > 0
    with closing(open_here(request_for([source]))) as review:
        assert review.labelling.next_step - 1 >= saved_so_far
        published = review.project.corrected_path
        if published.exists():
            with h5py.File(published, "r") as file:
                assert len(file["labels/corrected"]) == N_IMAGES
    for export in source.parent.glob("out-*.h5"):
        with h5py.File(export, "r") as file:
            assert len(file["images"]) == len(file["labels/corrected"])
    assert fingerprint(source) == before


@pytest.mark.parametrize("child", ["reader", "trainer"])
def test_a_killed_child_costs_neither_the_window_nor_a_decision(child, window_of, request):
    rounds = 50 if request.config.getoption("--soak") else 1
    window = window_of("train" if child == "trainer" else "label")
    window.wait_for("opened")
    chance = random.Random(child)
    for _ in range(rounds):
        victim = wait_for_child(window, child)
        window.work(chance.uniform(0.0, 4.0 if child == "trainer" else 0.2))  # boot, read, train
        window.claims.clear()
        os.kill(victim, signal.SIGKILL)
        if child == "trainer":
            assert "SIGKILL" in window.wait_for("problem")["problem"]
        window.claims.clear()
        window.wait_for("saved")  # it goes on deciding, and saving
    children = window.children
    window.kill()
    wait_for_end_of(children)


def wait_for_child(window: Window, name: str) -> int:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        window.work(0.05)
        pid = pid_of_child(name, window.process.pid)
        if pid:
            return pid
    raise AssertionError(f"no {name} process")
