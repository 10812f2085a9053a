"""One key for a million images: relabel, undo, redo, each on the screen and on disk; restart.

python -m benchmarks.bulk decide|restart SOURCE...   in a process of its own, for this module
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from PySide6.QtCore import Qt

from benchmarks import sources
from benchmarks.report import Row
from benchmarks.timing import Comparison, compared, rss_mb, seconds
from benchmarks.window import Figures, measured_in_child, window

N_IMAGES = 1_000_000
ROUNDS = 5


def measure() -> list[Row]:
    """Against a bare SQLite transaction of as many rows, and a start without decisions."""
    rounds, bare = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            (data := Path(folder, "data")).mkdir()
            paths = sources.npy(data, N_IMAGES)
            run = [measured_in_child("benchmarks.bulk", [what, *paths], Path(folder, "cache"))
                   for what in ("restart", "decide", "restart")]  # fmt: skip
            fresh, decided, again = run
            rounds.append({**decided, **again, "fresh_s": fresh["restart_s"]})
            bare.append(_bare_s(Path(folder)))
    steps = ("relabel", "undo", "redo")
    rows = [
        _row(f"{what} {N_IMAGES:,} images, on the screen and on disk",
             compared([r[f"{what}_s"] for r in rounds], bare), 2)
        for what in steps
    ]  # fmt: skip
    restart = compared([r["restart_s"] for r in rounds], [r["fresh_s"] for r in rounds])
    memory = [r["window_mb"] for r in rounds]
    return [
        *rows,
        _row(f"start after {len(steps)} steps of {N_IMAGES:,}, to the painted grid", restart, 3),
        Row.value_of("memory of the window then", median(memory), "MB",
                     spread=(min(memory), max(memory)), at_most=400),
    ]  # fmt: skip


def _row(what: str, found: Comparison, at_most_s: float) -> Row:
    return Row(
        what,
        found.median_a,
        "s",
        found.median_b,
        found.ratio,
        found.spread,
        f"<= {at_most_s:g} s",
        found.median_a <= at_most_s,
    )


def _bare_s(folder: Path) -> float:
    """A table of (sample, label), filled in one durable transaction."""
    given = sources.labels(N_IMAGES).tolist()
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE log (sample INTEGER PRIMARY KEY, label INTEGER)")

        def fill() -> None:
            db.execute("BEGIN")
            db.executemany("INSERT INTO log VALUES (?, ?)", enumerate(given))
            db.execute("COMMIT")

        return seconds(fill)


def _decide(paths: Sequence[str]) -> Figures:
    with window() as driver:
        driver.open(paths)
        driver.wait_for_counts()
        driver.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        relabel_s = driver.press(Qt.Key.Key_3)
        assert driver.n_with_label(3) == N_IMAGES or driver.n_with_label(2) == N_IMAGES
        undo_s = driver.press(Qt.Key.Key_Backspace)
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        return {
            "relabel_s": relabel_s,
            "undo_s": undo_s,
            "redo_s": driver.press(Qt.Key.Key_Z, both),
        }


def _restart(paths: Sequence[str]) -> Figures:
    with window() as driver:
        restart_s = driver.open(paths)
        driver.wait_for_counts()
        return {"restart_s": restart_s, "window_mb": rss_mb()}


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    print(json.dumps({"decide": _decide, "restart": _restart}[what](paths)))
