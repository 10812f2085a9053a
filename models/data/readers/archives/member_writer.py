"""Writes what comes out of an archive into a folder, within bounds and never outside of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from models.data.names import displayed
from models.data.readers.scratch import SPARE_BYTES, check_room, writing
from models.errors import DatasetError

SUFFIXES = (
    *(".zip", ".tar", ".tar.gz", ".tgz"),
    *(".tar.bz2", ".tbz2", ".tar.xz", ".txz"),
)
MOST_MEMBERS = 2_000_000
MOST_BYTES = 200 * 10**9
MOST_RATIO = 1_100  # deflate reaches 1,032 on zeros
SMALL_BYTES = 64 << 20  # what unpacks to less may have any ratio
BLOCK_BYTES = 1 << 20
BOMB = "Unpack it yourself if you trust it, and open the folder."
_DEEPEST = 32
_DRIVE = re.compile(r"[A-Za-z]:")
_JUNK = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini"))


@dataclass
class Unpacked:
    """What came out of an archive so far."""

    n_members: int = 0
    n_bytes: int = 0
    left_out: list[str] = field(default_factory=list)  # links and devices
    nested: list[str] = field(default_factory=list)  # archives, which stay packed


def is_archive(path: str) -> bool:
    """Whether a name is that of an archive."""
    return path.lower().endswith(SUFFIXES)


class MemberWriter:
    """Writes members into the folder and refuses what is out of bounds."""

    def __init__(self, path: str, folder: str, done: Unpacked) -> None:
        self.shown, self.folder, self.done = displayed(path), folder, done
        self._from_bytes = os.path.getsize(path)
        free = shutil.disk_usage(folder).free - SPARE_BYTES
        self._most_bytes = min(MOST_BYTES, done.n_bytes + max(0, free))
        self._start = done.n_bytes

    def count(self, n_members: int = 1) -> None:
        """Refuse to have this many members more."""
        self.done.n_members += n_members
        if self.done.n_members > MOST_MEMBERS:
            raise DatasetError(f"holds more than {MOST_MEMBERS:,} files", self.shown, BOMB)

    def leave_out(self, name: str) -> None:
        self.done.left_out.append(displayed(name))

    def check(self, n_bytes: int) -> None:
        """Refuse to have this many bytes out of the archive."""
        self.check_ratio(n_bytes, self._from_bytes)
        if self._start + n_bytes > MOST_BYTES:
            raise DatasetError(f"unpacks to more than {MOST_BYTES / 1e9:,.0f} GB", self.shown, BOMB)
        if self._start + n_bytes > self._most_bytes:
            check_room(self.folder, n_bytes, self.shown)

    def check_ratio(self, n_bytes: int, from_bytes: int, name: str = "") -> None:
        """Refuse what is much larger than it was packed: the archive, or one member of it."""
        if n_bytes > max(SMALL_BYTES, MOST_RATIO * from_bytes):
            what = f"“{displayed(name[:200])}” in it unpacks" if name else "unpacks"
            raise DatasetError(
                f"{what} to more than {MOST_RATIO:,} times its size", self.shown, BOMB
            )

    def write(self, name: str, size: int, packed: IO[bytes]) -> Iterator[int]:
        """Write a member; yields how many bytes were written."""
        parts = safe_parts(name, self.shown)
        if not parts or any(part.startswith(".") or part in _JUNK for part in parts):
            return
        self.check(self.done.n_bytes - self._start + size)
        if is_archive(name):
            self.done.nested.append("/".join(parts))
        with self._created(parts, name) as file:
            left = size
            while left:
                block = packed.read(min(left, BLOCK_BYTES))
                if not block:
                    raise EOFError(f"{name} is cut short")
                self.put(block, file)
                left -= len(block)
                yield len(block)

    def put(self, block: bytes, file: IO[bytes]) -> None:
        """Write a block to an unbuffered file."""
        self.done.n_bytes += len(block)
        with writing(self.folder):
            while block:
                block = block[file.write(block) :]

    @contextmanager
    def _created(self, parts: list[str], name: str) -> Iterator[IO[bytes]]:
        path = os.path.join(self.folder, *parts)
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            file = self.create(path)
        except (FileExistsError, NotADirectoryError) as error:
            raise DatasetError(
                f"holds “{displayed(name)}” twice, or as a file and a folder",
                self.shown,
                "Unpack it yourself and see which of the two is meant.",
            ) from error
        except OSError as error:
            raise DatasetError(
                f"holds “{displayed(name[:200])}”, which cannot be written "
                f"({error.strerror or error})",
                self.shown,
            ) from error
        with file:
            yield file

    def create(self, path: str) -> IO[bytes]:
        """A new file; what is there already is neither opened nor followed."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)


def safe_parts(name: str, where: str) -> list[str]:
    """The steps of a member's path. Raises DatasetError if it leads out of the folder."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if (
        name.startswith(("/", "\\"))
        or _DRIVE.match(name)
        or "\0" in name
        or ".." in parts
        or len(parts) > _DEEPEST
    ):
        raise DatasetError(
            f"holds a file whose path leads out of it or is too deep: “{displayed(name[:200])}”"
            if "\0" not in name
            else "holds a file whose name hides a part of it",
            where,
            "It may be an attack; ask where it comes from before you unpack it.",
        )
    return parts
