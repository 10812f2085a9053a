"""The program as a shell starts it: broken pipes, a full disk and Ctrl+C."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pytest

from models.data.project import Project
from models.errors import WinnowError
from models.types import Events, Finished, Overfitting, TrainingEnded
from qtapp import cli, terminal
from qtapp.terminal import ready_streams, write_rows
from tests.unit.cli.conftest import Capture, run

pytestmark = pytest.mark.slow


def test_a_reader_of_the_list_may_stop_early(scored: Path) -> None:
    with winnow("rank", scored) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert (program.wait(), program.stderr.read()) == (0, "")


def test_an_audit_that_found_errors_fails_even_if_nobody_reads_it_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found(*_: Any, **__: Any) -> Events:
        yield Finished({"worst": "error"})

    monkeypatch.setattr(cli, "auditing", found)
    with nobody_reads() as left:
        monkeypatch.setattr(sys, "stdout", left)
        assert run("audit", "photos.npz", "--json", "--fail-on", "error") == 3


def test_a_training_goes_on_when_nobody_follows_it_any_more(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def trained(*_: Any, **__: Any) -> Events:
        yield Overfitting(1, "It learns by heart.")
        yield Overfitting(2, "It learns by heart.")
        yield TrainingEnded(1, {"run": 1})

    monkeypatch.setattr(cli, "training_run", trained)
    with nobody_reads() as left:
        monkeypatch.setattr(sys, "stderr", left)
        assert run("train", "photos.npz", "--json") == 0
    assert '"run": 1' in capsys.readouterr().out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no disk that is always full")
def test_a_list_that_fills_the_disk_is_told_in_words(
    scored: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    full = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", full)
    assert run("rank", scored) == 1
    assert "there is no room left on the disk" in capsys.readouterr().err
    with pytest.raises(OSError, match="No space"):
        full.close()


def test_a_list_for_a_disk_that_is_only_read_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(terminal, "open", refuse, raising=False)
    monkeypatch.setattr(Path, "unlink", refuse)  # refused even for what is not there
    with pytest.raises(WinnowError, match=r"cannot be written \(Read-only file system\)"):
        write_rows(tmp_path / "top.csv", ("id",), [])


def test_with_every_stream_closed_no_file_is_taken_for_one(scored: Path) -> None:
    words = [
        sys.executable,
        "-P",
        "-m",
        "qtapp",
        "classes",
        scored,
        "merge",
        "ant",
        "--into",
        "bee",
    ]
    done = subprocess.run(words, preexec_fn=lambda: os.closerange(0, 3))
    assert done.returncode == 0
    with Project(scored, read_only=True).journal(read_only=True) as journal:
        assert journal.last_seq() > 0
    with winnow("classes", scored) as program:
        assert program.communicate() == (
            "        0  ant  merged into bee\n        8  bee\n        4  cat\n",
            "",
        )


def test_names_that_the_terminal_cannot_show_are_escaped_and_data_is_in_utf_8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "named.npz"
    names = np.array(["café", "bee"])[np.arange(8) % 2]
    np.savez(source, images=np.arange(8 * 64, dtype=np.uint8).reshape(8, 8, 8), labels=names)

    def printed(*words: str) -> bytes:
        plain = io.BytesIO()
        with monkeypatch.context() as shell:
            shell.setattr(sys, "stdout", io.TextIOWrapper(plain, encoding="ascii"))
            ready_streams()
            assert run("info", source, *words) == 0
            return plain.getvalue()

    assert rb"caf\xe9" in printed()
    assert json.loads(printed("--json").decode())["class_counts"] == {"all": {"bee": 4, "café": 4}}


def nobody_reads() -> TextIO:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w", encoding="utf-8")


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
