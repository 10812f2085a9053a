"""Starts the victim, kills it, and looks at what it said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def start(
    *arguments: str | Path, under: Sequence[str] = (), file_bytes: int = 0
) -> subprocess.Popen[bytes]:
    """Start the victim, and wait until it is at work."""
    process = subprocess.Popen(
        [*under, sys.executable, "-m", "tests.faults.victim", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=CHECKOUT,
        env={**os.environ, "VICTIM_FILE_BYTES": str(file_bytes)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def killed_after(process: subprocess.Popen[bytes], seconds: float) -> list[str]:
    """Kill the victim at a moment; what it had said in whole lines.

    Its children end by themselves, one that was just starting only then: they are waited for.
    """
    time.sleep(seconds)  # the moment is the point: it may fall anywhere in the work
    process.send_signal(signal.SIGSTOP)  # so that it starts no other while they are counted
    while _state(process.pid) not in "TZ":
        time.sleep(0.001)
    below = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    lines = said(process)
    _wait_until_buried(below)
    return lines


def said(process: subprocess.Popen[bytes]) -> list[str]:
    """What a process says until its end, in whole lines."""
    text, _ = process.communicate()
    return [line for line in text.decode().splitlines(keepends=True) if line.endswith("\n")]


def acknowledged(lines: Sequence[str]) -> int:
    """The seq of the newest decision that was shown as saved."""
    return max((int(line) for line in lines if line.strip().isdigit()), default=0)


def children_of(pid: int, module: str) -> list[int]:
    """Processes below one that run a module of ours."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if module.encode() in command:
                found.append(child)
            found += children_of(child, module)
    return found


def wait_until_gone(pids: Sequence[int], seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < until, "a child outlived its parent by 5 s"
        time.sleep(0.01)


def _wait_until_buried(pids: Sequence[int]) -> None:
    """Ended and taken note of: until then the number of a process still counts as in use."""
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until, "a child outlived its parent by 30 s"
        time.sleep(0.01)


def _children(pid: int) -> list[int]:
    """Every process directly below one."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it had ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _is_running(pid: int) -> bool:
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    """One letter, as in /proc: T is stopped, Z ended and not yet taken note of, or gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
