"""The journal: every decision, append-only, on disk before anyone is told it is saved."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import numpy as np

from models.data import packing
from models.data.places import is_on_network
from models.data.placing import sync_folder
from models.errors import ProjectError
from models.review.decisions import LOG_DTYPE, Edit, log_rows
from models.types import LogRows

APPLICATION_ID = 0x57_4E_57_4A  # "WNWJ"
VERSION = 2
AUDIT = "audit"  # key in meta: the queue of audit images, AuditedQueue.to_message()
BLIND = "blind"  # key in meta: the blind sessions, a list of BlindSession.to_message()
SPLIT = "split"  # key in meta: the split made here, as models/splitting.py keeps it, or None
UNDONE = "undone"  # key in meta: what is undone in images, {split of the source: [step]} or None
WEIGHTS = "class_weights"  # key in meta: how trainings weigh classes, one of CLASS_WEIGHTS
UNLOCKED = "test_unlocked"  # key in meta: when the test split was unlocked, ISO 8601 in UTC

_FIELDS = LOG_DTYPE.names or ()
_COLUMNS = ", ".join(_FIELDS)
_INSERT = f"INSERT INTO log ({_COLUMNS}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608
_REAL = "suspicion"  # NaN is stored as NULL, and comes back as NaN
_LOG_TABLE = "CREATE TABLE log (seq INTEGER PRIMARY KEY, {})".format(
    ", ".join(f"{name} {'REAL' if name == _REAL else 'INTEGER NOT NULL'}" for name in _FIELDS[1:])
)
_BULK_TABLE = (
    "CREATE TABLE bulk (seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, "
    "step INTEGER NOT NULL, rows BLOB NOT NULL)"
)
_SCHEMA = (
    _LOG_TABLE,
    _BULK_TABLE,
    "CREATE TABLE notes (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE reviewers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
_FROM_1 = (_BULK_TABLE, f"PRAGMA user_version = {VERSION}")  # what version 1 lacks
_BUSY_S = 10.0
_BULK_ROWS = 2_000  # of one step: from here on packing them is faster
_PACKED_ROWS = 1 << 20  # in one blob, which SQLite limits to 1 GB


class Journal:
    """SQLite in WAL mode with synchronous=FULL (fullfsync on macOS); one writer.

    Must be used from the thread that made it. Tables: `log` (columns of LOG_DTYPE, seq is
    the primary key), `bulk` (the rows of large steps, packed; seq is the first of them), `notes`
    (seq, text), `reviewers` (id, name), `meta` (key, JSON value). Nothing here updates or deletes
    a row of `log` or `bulk`. application_id and user_version are set
    and checked; a newer version is refused. WAL needs shared memory, so on a network file
    system a rollback journal takes its place.

    After a failed commit every further write is refused: the kernel may have dropped the
    pages it could not write, and a second fsync would call them safe.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._refusal = "it was opened for reading alone" if read_only else ""
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        try:
            self._db = self._open_to_read() if read_only else self._open_to_write()
        except sqlite3.Error as error:
            self._forget_copy()
            raise _unusable(path, error) from error

    def append(self, edit: Edit, metas: Mapping[str, Any] = MappingProxyType({})) -> int:
        """Commit one edit, and values of the meta table with it, as one transaction.

        Returns the seq of its last row. Raises ProjectError if it could not be made durable;
        nothing of it is then kept.
        """
        with self._transaction() as db:
            first_seq = self._last("seq") + 1
            rows = log_rows(edit, first_seq)
            _insert(db, rows)
            db.executemany("INSERT INTO notes VALUES (?, ?)", _notes_of(edit, rows).items())
            _write_metas(db, metas)
        return first_seq + len(rows) - 1

    def seed(self, rows: LogRows, notes: Mapping[int, str], reviewers: Sequence[str]) -> None:
        """Fill an empty journal with the log of another one, in one transaction."""
        with self._transaction() as db:
            if self._last("seq"):
                raise ValueError("only an empty journal can be seeded")
            _insert(db, rows)
            db.executemany("INSERT INTO notes VALUES (?, ?)", notes.items())
            db.executemany("INSERT OR REPLACE INTO reviewers VALUES (?, ?)", enumerate(reviewers))

    def extend(self, rows: LogRows, notes: Mapping[int, str], reviewers: Sequence[str]) -> None:
        """Commit whole steps that follow the last one, their notes, and the names of all
        reviewers there are then, as one transaction. Raises ProjectError as `append` does."""
        starts = np.flatnonzero(np.diff(rows["step"])) + 1
        with self._transaction() as db:
            for step in np.split(rows, starts):
                _insert(db, step)
            db.executemany("INSERT INTO notes VALUES (?, ?)", notes.items())
            db.executemany("INSERT OR IGNORE INTO reviewers VALUES (?, ?)", enumerate(reviewers))

    def rows(self, after_seq: int = 0) -> LogRows:
        """The log by seq, or its tail after `after_seq`. LOG_DTYPE (m,)"""
        query = f"SELECT {_COLUMNS} FROM log WHERE seq > ? ORDER BY seq"  # noqa: S608
        try:  # straight from the cursor: millions of rows, and a generator doubles the time
            single = np.fromiter(self._db.execute(query, (after_seq,)), LOG_DTYPE)
            rows = self._with_packed(single, after_seq) if self._has_bulk else single
        except (sqlite3.Error, ValueError) as error:
            raise _unusable(self.path, error) from error
        return rows[np.searchsorted(rows["seq"], after_seq, side="right") :]

    def notes(self) -> dict[int, str]:
        return dict(self._read("SELECT seq, text FROM notes ORDER BY seq"))

    def last_seq(self) -> int:
        """The seq of the newest row, 0 if there is none."""
        return self._last("seq")

    def next_step(self) -> int:
        return self._last("step") + 1

    def reviewer_id(self, name: str) -> int:
        """The number of a reviewer, adding the name if it is new."""
        names = self.reviewers()
        if name not in names:
            names.append(name)
            with self._transaction() as db:
                db.execute("INSERT INTO reviewers VALUES (?, ?)", (len(names) - 1, name))
        return names.index(name)

    def reviewers(self) -> list[str]:
        """Names, position = id."""
        return [name for (name,) in self._read("SELECT name FROM reviewers ORDER BY id")]

    def meta(self, key: str) -> Any:
        """A value of the meta table, None if it is not there."""
        found = list(self._read("SELECT value FROM meta WHERE key = ?", key))
        return json.loads(found[0][0]) if found else None

    def set_meta(self, key: str, value: Any) -> None:
        self.set_metas({key: value})

    def set_metas(self, values: Mapping[str, Any]) -> None:
        """Write several values of the meta table, all or none."""
        with self._transaction() as db:
            _write_metas(db, values)

    def back_up_to(self, path: Path) -> None:
        """Copy the journal, as of its last commit, into a new file. Raises OSError."""
        try:
            with closing_db(sqlite3.connect(path)) as copy:
                self._db.backup(copy)
        except sqlite3.Error as error:
            path.unlink(missing_ok=True)
            raise OSError(str(error)) from error

    def close(self) -> None:
        self._db.close()
        self._forget_copy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- writing ------------------------------------------------------------------------
    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._refusal:
            raise ProjectError(f"takes no more decisions: {self._refusal}", str(self.path))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._refusal = "an earlier one could not be saved"
            self._take_back()
            raise ProjectError(
                f"the last decision could not be saved ({error})",
                str(self.path),
                "Free some space or check the disk, then open the project again; "
                "everything saved before is safe.",
            ) from error
        except BaseException:
            self._take_back()
            raise

    def _take_back(self) -> None:
        """Leave nothing of a failed transaction, not even for a later recovery to find."""
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- reading ------------------------------------------------------------------------
    def _read(self, query: str, *values: Any) -> Iterator[Any]:
        try:
            yield from self._db.execute(query, values)
        except sqlite3.Error as error:
            raise _unusable(self.path, error) from error

    @property
    def _has_bulk(self) -> bool:
        return _version(self._db) > 1

    def _with_packed(self, single: LogRows, after_seq: int) -> LogRows:
        """Rows of their own and packed ones, by seq."""
        where = "WHERE last_seq > ? ORDER BY seq"
        spans = self._db.execute(f"SELECT seq, last_seq FROM bulk {where}", (after_seq,)).fetchall()  # noqa: S608
        # At most so many: of the log of another journal, rows of samples that are gone are missing.
        rows = np.empty(len(single) + sum(last + 1 - first for first, last in spans), LOG_DTYPE)
        packed = self._db.execute(f"SELECT rows FROM bulk {where}", (after_seq,))  # noqa: S608
        at = taken = 0
        for (first, last), (blob,) in zip(spans, packed, strict=True):
            before = single[taken : np.searchsorted(single["seq"], first)]
            rows[at : at + len(before)] = before
            at, taken = at + len(before), taken + len(before)
            at += packing.unpack(blob, rows[at : at + last + 1 - first])
        end = at + len(single) - taken
        rows[at:end] = single[taken:]
        return rows[:end]

    def _last(self, column: str) -> int:
        # seq and step grow together, and seq has an index.
        tables = {"log": column, "bulk": {"seq": "last_seq"}.get(column, column)}
        found = [
            next(iter(self._read(f"SELECT {name} FROM {table} ORDER BY seq DESC LIMIT 1")), (0,))[0]  # noqa: S608
            for table, name in tables.items()
            if table == "log" or self._has_bulk
        ]
        return max(found)

    # -- opening ------------------------------------------------------------------------
    def _open_to_write(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, timeout=_BUSY_S)
        try:
            is_new = _check_identity(db, self.path)
            mode = "TRUNCATE" if is_on_network(self.path) else "WAL"
            db.execute(f"PRAGMA journal_mode = {mode}")
            db.execute(f"PRAGMA synchronous = {'FULL' if mode == 'WAL' else 'EXTRA'}")
            db.execute("PRAGMA fullfsync = 1")  # macOS: through the disk's own cache
            db.execute("PRAGMA checkpoint_fullfsync = 1")
            if is_new:
                _change(db, _SCHEMA)
                sync_folder(self.path.parent)
            elif _version(db) < VERSION:
                _change(db, _FROM_1)
        except BaseException:
            db.close()
            raise
        return db

    def _open_to_read(self) -> sqlite3.Connection:
        try:
            return _connect_to_read(self.path)
        except sqlite3.OperationalError:
            if not self.path.exists():
                raise
            # WAL needs a file beside the journal, which a read-only folder does not take.
            self._copy = tempfile.TemporaryDirectory(prefix="winnow-")
            return _connect_to_read(copy_journal(self.path, Path(self._copy.name) / "journal.db"))

    def _forget_copy(self) -> None:
        if self._copy is not None:
            self._copy.cleanup()


def copy_journal(path: Path, to: Path) -> Path:
    """Copy the files of a journal that nobody is writing."""
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{suffix}", f"{to}{suffix}")
    return to


@contextmanager
def closing_db(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    finally:
        db.close()


def is_sound(path: Path) -> bool:
    """Whether SQLite finds a journal's structure whole (it keeps no checksums of values), and
    packed rows are as they were written."""
    try:
        with closing_db(sqlite3.connect(path, timeout=_BUSY_S)) as db:
            whole = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            packed = db.execute("SELECT rows FROM bulk") if whole and _version(db) > 1 else ()
            return whole and all(packing.is_whole(blob) for (blob,) in packed)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise _unusable(path, error) from error  # busy or out of reach, not damaged
        return False


def _check_identity(db: sqlite3.Connection, path: Path) -> bool:
    """Whether the database is new and empty; refuse one that is not ours to read."""
    (identity,) = db.execute("PRAGMA application_id").fetchone()
    version = _version(db)
    (n_tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if n_tables == 0 and identity in (0, APPLICATION_ID):
        return True
    if identity != APPLICATION_ID:
        raise ProjectError("is not a Winnow journal", str(path), "Choose another project folder.")
    if version > VERSION:
        raise ProjectError(
            f"was written by a newer version of Winnow (journal format {version}, "
            f"this one knows {VERSION})",
            str(path),
            "Update Winnow to open this project.",
        )
    return False


def _change(db: sqlite3.Connection, statements: Sequence[str]) -> None:
    db.execute("BEGIN IMMEDIATE")
    for statement in statements:
        db.execute(statement)
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _insert(db: sqlite3.Connection, rows: LogRows) -> None:
    """Write rows by seq: one a row, or, if they are the many of one step, packed."""
    if len(rows) < _BULK_ROWS:
        db.executemany(_INSERT, rows.tolist())
        return
    for start in range(0, len(rows), _PACKED_ROWS):
        part = rows[start : start + _PACKED_ROWS]
        ends = (int(part["seq"][0]), int(part["seq"][-1]), int(part["step"][-1]))
        db.execute("INSERT INTO bulk VALUES (?, ?, ?, ?)", (*ends, packing.pack(part)))


def _write_metas(db: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    pairs = [(key, json.dumps(value)) for key, value in values.items()]
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", pairs)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=_BUSY_S
    )
    try:
        if _check_identity(db, path):
            raise ProjectError("holds no decisions yet", str(path), "Open the project first.")
    except BaseException:
        db.close()
        raise
    return db


def _notes_of(edit: Edit, rows: LogRows) -> dict[int, str]:
    """What goes into `notes` with the rows of an edit, by seq."""
    seqs = rows["seq"]  # as it is: a list of a million keeps every other thread waiting for .1 s
    head, n_heads = edit.head, len(rows) - len(edit)
    notes = {int(seqs[n_heads + position]): text for position, text in edit.notes.items()}
    if head and rows["action"][0] == head[0]:  # not where it is undone or done again
        notes[int(seqs[0])] = head[1]
    return notes


def _unusable(path: Path, error: Exception) -> ProjectError:
    return ProjectError(
        f"the journal cannot be read ({error})",
        str(path),
        "Check that the disk is there and the folder may be read.",
    )
