"""Saves what can be read of a damaged journal, and says exactly what that is."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.data import packing
from models.data.journal import Journal, closing_db, copy_journal
from models.data.placing import sync_folder
from models.review.decisions import LOG_DTYPE

_TABLES = {  # key column first
    "log": ", ".join(LOG_DTYPE.names or ()),
    "bulk": "seq, last_seq, step, rows",
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
    n_read = sum(map(len, _seqs(rows)))
    for backup in backups:
        for table, found in rows.items():
            rows[table] = {**_readable(backup, table), **found}
    replace_journal(path, lambda new: _write(new, rows))
    return _in_words(_seqs(rows), n_read, aside)


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
                if row[0] is not None and (table != "bulk" or packing.is_whole(row[-1])):
                    rows[row[0]] = row
    return rows


def _seqs(rows: dict[str, dict[Any, _Row]]) -> list[range]:
    """The seqs of all rows of the log, those that follow one another joined."""
    spans = [range(seq, seq + 1) for seq in rows["log"]]
    spans += [range(first, last + 1) for first, last, *_ in rows["bulk"].values()]
    joined: list[range] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and joined[-1].stop == span.start:
            span = range(joined.pop().start, span.stop)
        joined.append(span)
    return joined


def _write(path: Path, rows: dict[str, dict[Any, _Row]]) -> None:
    Journal(path).close()
    with closing_db(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA synchronous = FULL")
        for table, found in rows.items():
            places = ", ".join("?" * len(_TABLES[table].split(",")))
            insert = f"INSERT OR IGNORE INTO {table} ({_TABLES[table]}) VALUES ({places})"  # noqa: S608
            db.executemany(insert, (found[key] for key in sorted(found)))


def _in_words(seqs: Sequence[range], n_read: int, aside: Path) -> str:
    n_kept = sum(map(len, seqs))
    kept = f"{n_kept:,} rows of decisions are kept"
    if seqs:
        # "1 to 40, 52 to 60"
        spans = (f"{s[0]:,} to {s[-1]:,}" if len(s) > 1 else f"{s[0]:,}" for s in seqs)
        kept += f" (numbers {', '.join(spans)})"
        if n_kept > n_read:
            kept += f", {n_kept - n_read:,} of them from backups"
    return (
        f"The journal was damaged. {kept}; whatever came after or between them could not be "
        f"read. The damaged file is kept as {aside.name}."
    )
