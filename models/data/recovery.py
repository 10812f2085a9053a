"""Saves what can be read of a damaged journal, and says exactly what that is."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.data.journal import Journal, closing_db, copy_journal
from models.data.placing import sync_folder
from models.review.decisions import LOG_DTYPE

_TABLES = {  # key column first
    "log": ", ".join(LOG_DTYPE.names or ()),
    "notes": "seq, text",
    "reviewers": "id, name",
    "meta": "key, value",
}
_Row = tuple[Any, ...]


def recover(path: Path, backups: Sequence[Path]) -> str:
    """Put a sound journal in the place of a damaged one; what was kept, in words.

    The damaged file stays beside it under another name. Rows that cannot be read from it
    are taken from the backups, newest first: the log is append-only, so a row of the same
    seq is the same row.
    """
    aside = path.with_name(f"journal.damaged-{time.strftime('%Y%m%dT%H%M%S')}.db")
    copy_journal(path, aside)
    rows = {table: _readable(aside, table) for table in _TABLES}
    n_read = len(rows["log"])
    for backup in backups:
        for table, found in rows.items():
            rows[table] = {**_readable(backup, table), **found}
    replace_journal(path, lambda new: _write(new, rows))
    return _in_words(sorted(rows["log"]), n_read, aside)


def replace_journal(path: Path, write: Callable[[Path], None]) -> None:
    """Put a journal that `write` makes in the place of one that nobody has open."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    write(new)
    for suffix in ("-wal", "-shm"):  # of the old file; they must not meet the new one
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(new, path)
    sync_folder(path.parent)


def _readable(path: Path, table: str) -> dict[Any, _Row]:
    """Rows of a table by key: from the start up to the damage, and from the end down to it."""
    columns = _TABLES[table]
    key = columns.split(",")[0]
    rows: dict[Any, _Row] = {}
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error), closing_db(sqlite3.connect(path)) as db:
            query = f"SELECT {columns} FROM {table} ORDER BY {key} {order}"  # noqa: S608
            for row in db.execute(query):
                if row[0] in rows and order == "DESC":
                    break
                if row[0] is not None:
                    rows[row[0]] = row
    return rows


def _write(path: Path, rows: dict[str, dict[Any, _Row]]) -> None:
    Journal(path).close()
    with closing_db(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA synchronous = FULL")
        for table, found in rows.items():
            places = ", ".join("?" * len(_TABLES[table].split(",")))
            insert = f"INSERT OR IGNORE INTO {table} ({_TABLES[table]}) VALUES ({places})"  # noqa: S608
            db.executemany(insert, (found[key] for key in sorted(found)))


def _in_words(seqs: list[int], n_read: int, aside: Path) -> str:
    kept = f"{len(seqs):,} rows of decisions are kept"
    if seqs:
        kept += f" (numbers {_ranges(seqs)})"
        if len(seqs) > n_read:
            kept += f", {len(seqs) - n_read:,} of them from backups"
    return (
        f"The journal was damaged. {kept}; whatever came after or between them could not be "
        f"read. The damaged file is kept as {aside.name}."
    )


def _ranges(seqs: list[int]) -> str:
    """ "1 to 40, 52 to 60" """
    starts = [s for i, s in enumerate(seqs) if i == 0 or seqs[i - 1] != s - 1]
    ends = [s for i, s in enumerate(seqs) if i == len(seqs) - 1 or seqs[i + 1] != s + 1]
    return ", ".join(
        f"{a:,} to {b:,}" if a != b else f"{a:,}" for a, b in zip(starts, ends, strict=True)
    )
