"""A thousand decisions beside a training, a kill -9 in the middle of it all, and a restart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Row
from benchmarks.session_window import N_CLASSES, N_DECISIONS, WARM_AFTER

N_IMAGES = 60_000
_SIDE_PX = 28
_STALL_MS, _GROWTH_MB = 100.0, 50.0


def measure() -> list[Row]:
    """The figures of one session; the bare loop runs at the same time."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        source, kept = _source(Path(folder)), Path(folder, "expected.npz")
        found = _review(source, kept)
        began = time.perf_counter()
        with _child("restart", str(source), str(kept)) as child:
            _line(child)
            found["restart_s"] = time.perf_counter() - began
            found["restart_identical"] = json.loads(_line(child))
            child.wait()
    return _rows(found)


def _source(folder: Path) -> Path:
    """Images of ten classes that a net can learn, a tenth of them under another label."""
    rng = np.random.default_rng(0)
    classes = rng.integers(0, N_CLASSES, N_IMAGES)
    shapes = rng.integers(0, 160, (N_CLASSES, 7, 7), np.uint8).repeat(4, 1).repeat(4, 2)
    noise = rng.integers(0, 96, (N_IMAGES, _SIDE_PX, _SIDE_PX), np.uint8)
    wrong = rng.random(N_IMAGES) < 0.1
    labels = np.where(wrong, rng.integers(0, N_CLASSES, N_IMAGES), classes)
    path = folder / "images.npz"
    np.savez(path, images=shapes[classes] + noise, labels=labels)
    return path


def _review(source: Path, kept: Path) -> dict[str, Any]:
    """Decide, then kill the window; what it leaves behind ends by itself."""
    with _child("idle") as idle, _child("decide", str(source), str(kept)) as child:
        assert idle.stdin is not None
        _line(child)  # it begins to decide
        idle.stdin.write("begin\n")
        idle.stdin.flush()
        found: dict[str, Any] = json.loads(_line(child))
        child.kill()
        idle.stdin.close()
        found["machine_gap_ms"] = json.loads(_line(idle))
    return found


def _rows(found: dict[str, Any]) -> list[Row]:
    gap_ms, identical = found["machine_gap_ms"], found["restart_identical"]
    stall = Row.value_of(
        "longest stall of the event loop",
        found["longest_stall_ms"],
        "ms",
        reference=gap_ms,
        at_most=max(_STALL_MS, 2 * gap_ms),
    )
    beside = "beside a training" if found["trained_throughout"] else "training ended meanwhile"
    rows = {
        "decisions": Row(f"decisions on {N_IMAGES:,} images, {beside}", found["decisions"], ""),
        "longest_stall_ms": stall,
        "machine_gap_ms": _plain("longest gap of a bare event loop", gap_ms, "ms"),
        "p95_key_to_paint_ms": _plain(
            "key to painted window, p95", found["p95_key_to_paint_ms"], "ms"
        ),
        "p95_key_to_saved_ms": _plain("key to saved, p95", found["p95_key_to_saved_ms"], "ms"),
        "restart_identical": Row(
            "labels and states after kill -9 and restart are those that the driver kept",
            identical,
            "",
            must="1",
            met=identical,
        ),
        "memory_growth_mb": Row.value_of(
            f"growth of the window's memory after the first {WARM_AFTER} of {N_DECISIONS:,}",
            found["memory_growth_mb"],
            "MB",
            at_most=_GROWTH_MB,
        ),
        "cache_growth_mb": _plain(
            "of it the images that it keeps, up to a fixed amount",
            found["cache_growth_mb"],
            "MB",
        ),
        "mapped_growth_mb": _plain(
            "files of the run that it maps, besides", found["mapped_growth_mb"], "MB"
        ),
        "restart_s": _plain("restart, process start to painted grid", found["restart_s"], "s"),
    }
    return [replace(row, name=name) for name, row in rows.items()]


def _plain(what: str, value: float, unit: str) -> Row:
    return Row.value_of(what, value, unit)


@contextmanager
def _child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command: Sequence[str] = (sys.executable, "-m", "benchmarks.session_window", *arguments)
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(
            command,
            env={**os.environ, "XDG_CACHE_HOME": home, "XDG_DATA_HOME": home},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise RuntimeError(f"{' '.join(map(str, child.args))} ended too soon")  # type: ignore[arg-type]
    return line
