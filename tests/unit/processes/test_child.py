"""A child is our own module, talks in frames, and ends when nobody listens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.errors import ChildDied
from models.processes.child import Child
from tests.helpers.sources import images, npz

pytestmark = pytest.mark.slow


def test_a_folder_called_models_in_the_working_directory_is_not_run(tmp_path: Path) -> None:
    own = tmp_path / "work" / "models"
    own.mkdir(parents=True)
    (own / "__init__.py").write_text("raise SystemExit('the wrong models')\n")
    source = npz(tmp_path / "digits.npz", images=images(4))
    winnow = Path(sys.executable).with_name("winnow")
    done = subprocess.run(
        [winnow, "info", *source.paths],
        cwd=own.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "4 grey images" in done.stdout


def test_a_killed_child_is_an_error_that_says_so() -> None:
    with Child("reader") as child:
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(ChildDied, match="reader process was ended by SIGKILL"):
            child.receive(5.0)


def test_a_child_ends_when_its_pipe_closes() -> None:
    child = Child("reader")
    begun = time.monotonic()
    child.close()
    assert time.monotonic() - begun < 4.0  # by itself: it is killed only after that
    assert not Path(f"/proc/{child.pid}").exists()
