"""What a packed stream holds, as a file of the cache that can be read while it still grows."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from models.data.names import displayed
from models.data.readers.scratch import cache_folder, check_room, writing
from models.data.readers.source import OpenFile
from models.errors import DatasetError

KEPT_BYTES = 8 << 30  # of unpacked files; beyond it those not used for longest are deleted
_BLOCK_BYTES = 1 << 20
_POLL_S = 0.05
_STALLED_S = 5.0  # another process that unpacks nothing for so long is not waited for
_REMEDY = "Copy or download it again."


class UnpackedFile:
    """The content of a packed stream, unpacked by one process and read by any number.

    While it grows it is called KEY.part and whoever unpacks it holds its lock, which the
    system releases however that process ends; then the next one who looks starts again. Once
    complete it is called KEY.whole. Any of them may be deleted at any time: who has it open
    keeps it, and who comes later unpacks again.
    """

    def __init__(
        self, packed: OpenFile, member: str, n_bytes: int, open_packed: Callable[[], IO[bytes]]
    ) -> None:
        self._shown, self._n_bytes, self._open_packed = packed.shown, n_bytes, open_packed
        self._folder = _own_folder()
        stem = os.path.join(self._folder, _key(packed, member, n_bytes))
        self._part, self._whole = f"{stem}.part", f"{stem}.whole"
        self._fd = -1  # none
        self._is_whole = False
        self._failure: DatasetError | None = None
        self._thread: threading.Thread | None = None
        self._stopping, self._news = threading.Event(), threading.Event()
        self._seen = (-1, 0.0)  # how far another process was, and when
        self._find()

    @property
    def failure(self) -> DatasetError | None:
        """Why no more will come."""
        return self._failure

    def n_there(self) -> int:
        """How many bytes from the start can be read now."""
        if not (self._is_whole or self._failure or self._thread):
            self._look_after()
        if self._is_whole:
            return self._n_bytes
        size = os.fstat(self._fd).st_size if self._fd >= 0 else 0
        if size < self._n_bytes:
            return size
        # The sum over all of it is not compared yet; if it was wrong, any byte may be.
        return 0 if self._failure else self._n_bytes - 1

    def wait(self) -> None:
        """Wait a moment for more."""
        self._news.wait(_POLL_S)
        self._news.clear()

    def read_into(self, buffer: memoryview, offset: int) -> None:
        OpenFile(self._shown, self._fd).read_into(buffer, offset)

    def close(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()
        self._let_go()

    # -- finding out who unpacks -----------------------------------------------------------
    def _find(self) -> None:
        """Open what is there already; unpack it here if nobody else does."""
        try:
            while not (self._adopt_whole() or self._adopt_part()):
                pass  # it was finished or deleted between two looks
        except DatasetError as error:
            self._failure = error

    def _look_after(self) -> None:
        """Look again if whoever unpacks it has done so, or died, or does not get on."""
        size = os.fstat(self._fd).st_size
        if size != self._seen[0]:
            self._seen = (size, time.monotonic())
        has_stalled = time.monotonic() - self._seen[1] > _STALLED_S
        if has_stalled:
            with suppress(OSError):
                os.unlink(self._part)
        if has_stalled or _lock(self._fd):
            self._find()

    def _adopt_whole(self) -> bool:
        self._let_go()
        try:
            self._fd = os.open(self._whole, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        self._is_whole = os.fstat(self._fd).st_size == self._n_bytes
        with suppress(OSError):
            if self._is_whole:
                os.utime(self._whole)  # the latest use
            else:
                os.unlink(self._whole)
        return self._is_whole

    def _adopt_part(self) -> bool:
        self._let_go()
        with writing(_own_folder()):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._fd = os.open(self._part, flags, 0o600)
        if not _lock(self._fd):
            return True  # another process is at it
        if not self._is_current() or os.path.exists(self._whole):
            return False
        if os.fstat(self._fd).st_size:  # of one that died; others may be reading it
            os.unlink(self._part)
            return False
        make_room(self._folder, self._n_bytes)
        check_room(self._folder, self._n_bytes, self._shown)
        self._thread = threading.Thread(target=self._run, name="unpacking", daemon=True)
        self._thread.start()
        return True

    def _is_current(self) -> bool:
        """Whether the file that is open still bears its name."""
        try:
            return os.path.samestat(os.stat(self._part), os.fstat(self._fd))
        except OSError:
            return False

    def _let_go(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    # -- unpacking, on a thread of its own -------------------------------------------------
    def _run(self) -> None:
        failure = None
        is_whole = False
        try:
            is_whole = self._unpack()
        except DatasetError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - whatever a damaged stream made it raise
            failure = DatasetError("is damaged or incomplete", self._shown, _REMEDY, str(error))
        if not is_whole and self._is_current():
            os.unlink(self._part)
        self._failure, self._is_whole = failure, is_whole
        fcntl.flock(self._fd, fcntl.LOCK_UN)
        self._news.set()

    def _unpack(self) -> bool:
        """Whether all of it is there; False if it was told to stop."""
        at = 0
        with self._open_packed() as stream:
            while block := stream.read(min(_BLOCK_BYTES, self._n_bytes - at) or 1):
                if self._stopping.is_set():
                    return False
                if at + len(block) > self._n_bytes:
                    raise ValueError("it holds more than it promises")
                with writing(self._folder):
                    at = _write(self._fd, block, at)
                self._news.set()
        if at < self._n_bytes:
            raise EOFError(f"{at:,} of {self._n_bytes:,} bytes are there")
        with writing(self._folder):
            os.fsync(self._fd)  # a power cut must not leave a whole file of zeros
            if self._is_current():
                os.rename(self._part, self._whole)
        return True


def make_room(folder: str, n_bytes: int, kept_bytes: int = KEPT_BYTES) -> None:
    """Delete what was left half unpacked, and what was not used for longest, beyond a limit."""
    found = []
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        with suppress(OSError):
            if name.endswith(".part"):
                _delete_if_left(path)
            elif name.endswith(".whole"):
                about = os.stat(path, follow_symlinks=False)
                found.append((about.st_mtime, path, about.st_size))
    total = n_bytes + sum(size for _, _, size in found)
    for _, path, size in sorted(found):
        if total <= kept_bytes:
            break
        with suppress(OSError):
            os.unlink(path)
        total -= size


def _delete_if_left(part: str) -> None:
    fd = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if _lock(fd):
            os.unlink(part)
    finally:
        os.close(fd)


def _own_folder() -> str:
    """Where unpacked files lie: a folder that nobody else can write to."""
    folder = cache_folder("unpacked")
    about = os.lstat(folder)
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise DatasetError(
            "is no folder of yours, so what lies in it cannot be trusted",
            displayed(folder),
            "Remove it, or set XDG_CACHE_HOME to a folder of your own.",
        )
    if about.st_mode & 0o077:
        os.chmod(folder, 0o700)
        for name in os.listdir(folder):  # others may have put something there
            os.unlink(os.path.join(folder, name))
    return folder


def _key(packed: OpenFile, member: str, n_bytes: int) -> str:
    about = os.fstat(packed.fd)
    told = (packed.shown, about.st_ino, about.st_size, about.st_mtime_ns, member, n_bytes)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(fd: int, block: bytes, at: int) -> int:
    while block:
        n_written = os.pwrite(fd, block, at)
        at, block = at + n_written, block[n_written:]
    return at
