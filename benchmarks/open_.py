"""Opening: from the command in a running window to the first painted grid, and its memory.

python -m benchmarks.open_ SOURCE     one opening in a process of its own, for this module
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Row
from benchmarks.timing import compared, rss_mb

MANY, FEW = 1_000_000, 10_000
ROUNDS = 5
SIDE_PX, N_CLASSES = 28, 10
_PATIENCE_S = 60.0


def measure() -> list[Row]:
    """The figures of issue 2, section 7: a million images against ten thousand, warm file."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        many, few = (_write_source(Path(folder), n) for n in (MANY, FEW))
        _opened(many), _opened(few)  # files and programs are in the system's cache from here on
        rounds = [(_opened(many), _opened(few)) for _ in range(ROUNDS)]
    what = f"{MANY:,} images of {SIDE_PX}x{SIDE_PX} (.npy) against {FEW:,}"
    seconds = compared([a["seconds"] for a, _ in rounds], [b["seconds"] for _, b in rounds])
    more_mb = sorted(a["rss_mb"] - b["rss_mb"] for a, b in rounds)
    return [
        Row.ratio_of(f"open command to first painted grid, {what}", seconds, "s", at_most=1.5),
        Row.value_of(
            f"memory of the window more, {what}",
            more_mb[len(more_mb) // 2],
            "MB",
            spread=(more_mb[0], more_mb[-1]),
            at_most=150,
        ),
    ]


def _write_source(folder: Path, n: int) -> list[Path]:
    """Random images and labels as two .npy files in a folder of their own."""
    rng = np.random.default_rng(n)
    place = folder / str(n)
    place.mkdir()
    images = np.lib.format.open_memmap(
        place / "images.npy", mode="w+", dtype=np.uint8, shape=(n, SIDE_PX, SIDE_PX)
    )
    for start in range(0, n, FEW):
        images[start : start + FEW] = rng.integers(0, 256, images[start : start + FEW].shape)
    images.flush()
    np.save(place / "labels.npy", rng.integers(0, N_CLASSES, n, dtype=np.int32))
    return [place / "images.npy", place / "labels.npy"]


def _opened(source: list[Path]) -> dict[str, float]:
    """Open a source for the first time, in a window of its own."""
    for project in source[0].parent.glob("*.winnow"):
        shutil.rmtree(project)
    command = [sys.executable, "-m", "benchmarks.open_", *map(str, source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _open_once(paths: list[str]) -> dict[str, Any]:
    """Seconds until every tile on the screen shows its image, and memory then."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from qtapp.app import Application
    from qtapp.settings import Settings

    qt = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        settings_file = Path(folder, "settings.json")
        app = Application(qt, Settings(train_on_opening=False), settings_file)
        app.window.show()
        qt.processEvents()

        def is_painted() -> bool:
            view, order = app.space.view, app.space.order
            ids = order.rows[slice(*view.visible_rows)].tolist()
            ready = app.review_page.isVisible() and ids
            return bool(ready) and all(app.jobs.thumbnails.image(i) is not None for i in ids)

        start = time.perf_counter()
        app.open_paths(paths)
        _process(qt, is_painted)
        app.grid.viewport().repaint()
        seconds = time.perf_counter() - start
        _process(qt, lambda: app.jobs.arranger.is_idle)
        memory = rss_mb()
        closed: list[bool] = []
        app.left.connect(lambda: closed.append(True))
        app.leave()
        _process(qt, lambda: bool(closed))
    return {"seconds": seconds, "rss_mb": memory}


def _process(qt: Any, until: Any) -> None:
    """Let the window work until something is so."""
    deadline = time.monotonic() + _PATIENCE_S
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there")
        qt.processEvents()


if __name__ == "__main__":
    print(json.dumps(_open_once(sys.argv[1:])))
