"""What is said before a window that could not open is tried."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from qtapp import launch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")


@pytest.fixture
def all_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_loads", lambda library: True)


def test_missing_libraries_come_with_the_line_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_loads", lambda library: library != "libEGL.so.1")
    said = launch.obstacle({"QT_QPA_PLATFORM": "offscreen"})
    assert "apt-get install -y libegl1 " in said


def test_a_real_window_needs_more_than_an_offscreen_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_loads", lambda library: False)
    offscreen = launch.missing_packages(needs_x11=False)
    assert "libxcb-cursor0" not in offscreen
    assert "libxcb-cursor0" in launch.missing_packages(needs_x11=True)


@pytest.mark.usefixtures("all_libraries")
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DISPLAY": ":4711"},
        {"DISPLAY": "nonsense"},
        {"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "/nowhere"},
        {"QT_QPA_PLATFORM": "xcb"},
    ],
)
def test_no_display_is_said_in_one_sentence(environment: dict[str, str]) -> None:
    assert launch.obstacle(environment).startswith("there is no display")


@pytest.mark.usefixtures("all_libraries")
def test_nothing_stands_in_the_way_of_an_offscreen_window() -> None:
    assert launch.obstacle({"QT_QPA_PLATFORM": "offscreen"}) == ""


@pytest.mark.usefixtures("all_libraries")
def test_a_display_that_answers_will_do(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        environment = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert launch.obstacle(environment) == ""


def test_make_can_ask_what_is_missing() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "qtapp.launch", "offscreen"], capture_output=True, check=True
    )
    assert asked.stdout == b""  # these tests run offscreen, so everything for it is here
