"""The reference of `keys`: one row, one commit, as durable as the journal and nothing else."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path


def commit_ms(folder: Path, n_commits: int, pause_s: float) -> list[float]:
    """How long each of `n_commits` takes (WAL, synchronous=FULL) on the disk of `folder`.

    `pause_s` between them sets the pace, which has to be that of what it is compared with:
    measured, a commit after a rest of 20 ms took four times as long as one of a tight loop.
    """
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        closing(sqlite3.connect(Path(place, "bare.db"), isolation_level=None)) as db,
    ):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE log (seq INTEGER PRIMARY KEY, sample INTEGER, label INTEGER)")
        return [_commit_ms(db, number, pause_s) for number in range(n_commits)]


def _commit_ms(db: sqlite3.Connection, number: int, pause_s: float) -> float:
    time.sleep(pause_s)
    start = time.perf_counter()
    db.execute("INSERT INTO log (sample, label) VALUES (?, ?)", (number, number % 10))
    return (time.perf_counter() - start) * 1e3
