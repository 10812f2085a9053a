"""The program as a shell starts it: broken pipes and Ctrl+C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def test_a_reader_of_the_list_may_stop_early(scored: Path) -> None:
    with winnow("rank", scored) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert (program.wait(), program.stderr.read()) == (0, "")


SLEEPY = """
import sys, time
if "models.processes.reader" in sys.orig_argv:
    time.sleep(60)
"""


def test_ctrl_c_ends_it_and_its_children_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLEEPY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with winnow("info", tmp_path) as program:
        assert program.stderr is not None
        _wait_for_a_child_of(program.pid)
        program.send_signal(signal.SIGINT)
        said = program.stderr.read()
        assert (program.wait(), said) == (130, "Stopped.\n")


def winnow(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qtapp", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background makes its programs ignore Ctrl+C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def _wait_for_a_child_of(pid: int) -> None:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not children.read_text().strip():
        time.sleep(0.01)
