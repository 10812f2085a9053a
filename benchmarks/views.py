"""Looking around among a million images, and how soon the first of 60,000 are there."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import sources, views_peer
from benchmarks import views_window as look
from benchmarks.report import Row
from benchmarks.timing import alternating
from benchmarks.views_run import project_with_run
from benchmarks.window import Figures, measured_in_child

N_IMAGES, N_READY = 1_000_000, 60_000
READY_ROUNDS = 5
_AT_ONCE_MS, _GROUPED_MS, _NEAR_MS = 100, 1_000, 50
_STALL_MS = 100
_MUST: dict[str, int | None] = {
    look.CLASS: _AT_ONCE_MS,
    look.RANGE: _AT_ONCE_MS,
    look.QUERY: _AT_ONCE_MS,
    look.SORT: _AT_ONCE_MS,
    look.GROUP: _GROUPED_MS,
    look.SELECT_ALL: _AT_ONCE_MS,
    look.RELABEL_ALL: None,
    look.UNDO_ALL: None,
    look.MATRIX: None,
    look.PAN: None,
    look.LASSO: _AT_ONCE_MS,
    look.KEPT: _NEAR_MS,
    look.SEARCHED: None,
}


def measure(arguments: Sequence[str] = ()) -> list[Row]:
    """Each way to look, then the start beside FiftyOne where an interpreter is named."""
    parser = argparse.ArgumentParser("python -m benchmarks views")
    parser.add_argument(
        "--peer", metavar="PYTHON", help="an interpreter whose environment has fiftyone"
    )
    peer = parser.parse_args(arguments).peer
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        (data := Path(folder, "data")).mkdir()
        paths = sources.npy(data, N_IMAGES)
        project_with_run(paths, sources.labels(N_IMAGES), sources.N_CLASSES)
        figures = measured_in_child(look.__name__, ["look", *paths], Path(folder, "cache"))
    return [*_of_looking(figures), _ready(peer)]


def _of_looking(figures: Figures) -> list[Row]:
    rows = []
    for name, must_ms in _MUST.items():
        rows += [
            Row.value_of(
                f"{name}, to its first correct paint, p95",
                figures[f"{name}/p95"],
                "ms",
                spread=(figures[f"{name}/fastest"], figures[f"{name}/slowest"]),
                at_most=must_ms,
            ),
            Row.value_of(
                f"{name}, longest stall of the event loop",
                figures[f"{name}/stall"],
                "ms",
                at_most=_STALL_MS,
            ),
        ]
    for name in look.FIRST_LOOKS.values():
        what = f"first look at {name}, longest stall of the event loop"
        rows.append(Row.value_of(what, figures[f"{name}/stall"], "ms", at_most=_STALL_MS))
    return rows


def _ready(peer: str | None) -> Row:
    what = (
        f"{N_READY:,} JPEG in folders, known to both: process start to painted grid, against "
        "FiftyOne's to the first answer of its server, before any browser shows an image"
    )
    if peer is None:
        return Row.skipped(what, "no interpreter with fiftyone was named (--peer PYTHON)")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        (images := Path(place, "images")).mkdir()
        sources.photo_folders(images, N_READY)
        ours = _timed_child(
            [sys.executable, "-m", look.__name__, "ready", str(images)],
            {"XDG_CACHE_HOME": f"{place}/cache"},
        )
        ours()  # makes the project
        database = {"FIFTYONE_DATABASE_DIR": f"{place}/database", "FIFTYONE_DO_NOT_TRACK": "1"}
        command = [peer, views_peer.__file__]
        known = [*command, "make", str(images), "0"]
        subprocess.run(known, env={**os.environ, **database}, check=True, stdout=sys.stderr)
        theirs = _timed_child([*command, "show", str(images), str(_free_port())], database)
        theirs()  # code and database are in the system's cache from here on
        return Row.ratio_of(what, alternating(READY_ROUNDS, ours, theirs), "s", at_most=0.2)


def _timed_child(command: Sequence[str], environment: dict[str, str]) -> Callable[[], float]:
    """Seconds from the start of a process until it says that it is ready."""

    def once() -> float:
        began = time.perf_counter()
        with subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            if not any(line.strip() == look.READY for line in child.stdout):
                raise RuntimeError(f"{command[0]} was never ready")
            took = time.perf_counter() - began
            child.stdout.read()
        return took

    return once


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("localhost", 0))
        port: int = listening.getsockname()[1]
    return port
