"""Folders that archives were unpacked into, shared between processes and kept within a bound.

Each is `archives/<key>` in the person's cache: `files/` and `facts.json`. Whoever reads one holds
a shared lock on its facts; whoever makes or removes one holds `<key>.lock`. All of it may be
deleted whenever no Winnow runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from filelock import FileLock, Timeout

from models.data.readers.archives.member_writer import Unpacked
from models.data.readers.archives.unpacking import stems_of, unpack
from models.data.readers.scratch import cache_folder, writing
from models.data.readers.source import cannot_open
from models.types import Progress

MOST_BYTES = 50 * 10**9  # of all folders together, and never more than half of the free disk
_FACTS, _FILES = "facts.json", "files"
_PART, _GONE = ".part", ".gone"  # a folder while it is made, and while it is removed
_BLOCK_BYTES = 1 << 20
_WAIT_S = 0.1
_MOST_NAMED = 1000  # members that are left out, by name
_VERSION = 1  # of what unpacking makes of an archive


@dataclass(frozen=True)
class UnpackedFolder:
    """An unpacked archive that nobody removes before close()."""

    files: str  # the folder
    left_out: tuple[str, ...]  # links and devices
    nested: tuple[str, ...]  # archives in it, which stay packed
    _fd: int

    def close(self) -> None:
        os.close(self._fd)


def unpacked(paths: Sequence[str]) -> Generator[Progress, None, UnpackedFolder]:
    """Unpack archives unless that was done before; several lie in a folder each.

    Raises
    ------
    DatasetError
        If an archive cannot be read or unpacked, or there is no room.
    """
    root, key = os.path.realpath(cache_folder("archives")), _key(paths)
    place = os.path.join(root, key)
    lock = FileLock(f"{place}.lock", thread_local=False)
    while not _acquired(lock):
        yield Progress(0, 1, "waiting for another process that unpacks it")
        time.sleep(_WAIT_S)
    try:
        folder = _held(place)
        if folder is None:
            with suppress(FileNotFoundError):
                shutil.rmtree(place)
            _make_room(root, sum(map(os.path.getsize, paths)), key)
            yield from _fill(paths, place)
            folder = _held(place)
            assert folder is not None
        return folder
    finally:
        lock.release()


def _fill(paths: Sequence[str], place: str) -> Generator[Progress, None, None]:
    """Unpack into a temporary folder, which becomes the real one when it is complete."""
    part, done = place + _PART, Unpacked()
    with suppress(FileNotFoundError):
        shutil.rmtree(part)
    try:
        for path, stem in zip(paths, stems_of(paths), strict=True):
            inner = os.path.join(part, _FILES, stem if len(paths) > 1 else "")
            with writing(inner):
                os.makedirs(inner, mode=0o700)
            yield from unpack(path, inner, done)
        n_files, n_bytes = _measure(os.path.join(part, _FILES))
        facts = {
            "files": n_files,
            "bytes": n_bytes,
            "left_out": done.left_out[:_MOST_NAMED],
            "nested": done.nested[:_MOST_NAMED],
        }
        with writing(part):
            with open(os.path.join(part, _FACTS), "x", encoding="utf-8") as file:
                json.dump(facts, file)
            os.rename(part, place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _held(place: str) -> UnpackedFolder | None:
    """The folder, locked against removal, if it is there and as it was made."""
    try:
        fd = os.open(os.path.join(place, _FACTS), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    with suppress(OSError, ValueError, KeyError, TypeError):
        fcntl.flock(fd, fcntl.LOCK_SH)
        facts = _facts(place)
        files = os.path.join(place, _FILES)
        # After a power cut files may be empty; cleaners of disks delete some of them.
        if _measure(files) == (facts["files"], facts["bytes"]):
            os.utime(fd)
            return UnpackedFolder(files, tuple(facts["left_out"]), tuple(facts["nested"]), fd)
    os.close(fd)
    return None


def _measure(folder: str) -> tuple[int, int]:
    """How many files there are, and their bytes."""
    n_files = n_bytes = 0
    for where, _, names in os.walk(folder):
        n_files += len(names)
        n_bytes += sum(os.lstat(os.path.join(where, name)).st_size for name in names)
    return n_files, n_bytes


def _make_room(root: str, wanted_bytes: int, key: str) -> None:
    """Remove what was not used for longest, beyond the bound; never what is in use."""
    kept: list[tuple[float, int, str]] = []
    for name in os.listdir(root):
        place = os.path.join(root, name.removesuffix(_PART).removesuffix(_GONE))
        if name.endswith((_PART, _GONE)) and os.path.basename(place) != key:
            _remove(place)  # left by a process that was killed
        elif not name.endswith(".lock") and name != key:
            with suppress(OSError, ValueError, KeyError, TypeError):
                used = os.stat(os.path.join(place, _FACTS)).st_mtime
                kept.append((used, int(_facts(place)["bytes"]), place))
    total = sum(n_bytes for _, n_bytes, _ in kept)
    bound = min(MOST_BYTES, (shutil.disk_usage(root).free + total) // 2)
    for _, n_bytes, place in sorted(kept):
        if total + wanted_bytes <= bound:
            return
        if _remove(place):
            total -= n_bytes


def _remove(place: str) -> bool:
    """Remove a folder and its leftovers unless someone makes or reads it."""
    lock = FileLock(f"{place}.lock", thread_local=False)
    if not _acquired(lock):
        return False
    try:
        with suppress(FileNotFoundError), open(os.path.join(place, _FACTS), "rb") as facts:
            try:
                fcntl.flock(facts, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            os.rename(place, place + _GONE)
        for leftover in (place + _GONE, place + _PART):
            shutil.rmtree(leftover, ignore_errors=True)
        with suppress(OSError):
            os.unlink(f"{place}.lock")  # who waits for it notices, and makes another
        return True
    finally:
        lock.release()


def _acquired(lock: FileLock) -> bool:
    with writing(str(lock.lock_file)):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
    return True


def _facts(place: str) -> dict[str, Any]:
    with open(os.path.join(place, _FACTS), encoding="utf-8") as file:
        facts: dict[str, Any] = json.load(file)
    return facts


def _key(paths: Sequence[str]) -> str:
    """A name for these archives as they are now: place, size, time, first and last block."""
    digest = hashlib.sha256(b"%d" % _VERSION)
    for path in paths:
        try:
            with open(path, "rb") as file:
                facts = os.fstat(file.fileno())
                digest.update(os.fsencode(os.path.realpath(path)))
                digest.update(f"\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
                digest.update(file.read(_BLOCK_BYTES))
                file.seek(max(0, facts.st_size - _BLOCK_BYTES))
                digest.update(file.read(_BLOCK_BYTES))
        except OSError as error:
            raise cannot_open(path, error) from error
    return digest.hexdigest()[:32]
