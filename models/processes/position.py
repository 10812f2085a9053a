"""Lets a parent see which sample a child was at when it died or fell silent.

A few bytes in an unnamed file that both have open: unlike a message they survive the child,
and cost a microsecond a sample.
"""

from __future__ import annotations

import os
import struct
import tempfile

_AT = struct.Struct("<qq")
_NOWHERE = (-1, -1)
TOGETHER = -1  # the place of a child that is at no sample in particular


class Position:
    """The number of a request and the place within it, written by one, read by the other."""

    def __init__(self, fd: int, path: str = "") -> None:
        self._fd, self.path = fd, path

    @classmethod
    def create(cls) -> Position:
        """The parent's end; `path` is for the child to adopt."""
        fd, path = tempfile.mkstemp(prefix="winnow-reader-")
        os.pwrite(fd, _AT.pack(*_NOWHERE), 0)
        return cls(fd, path)

    @classmethod
    def adopt(cls, path: str) -> Position:
        """The child's end. The file loses its name, so nothing is left behind."""
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        os.unlink(path)
        return cls(fd)

    def mark(self, request: int, place: int) -> None:
        os.pwrite(self._fd, _AT.pack(request, place), 0)

    def read(self, request: int) -> int | None:
        """The place within this request; None if it had not begun."""
        at_request, place = _AT.unpack(os.pread(self._fd, _AT.size, 0))
        return int(place) if at_request == request else None

    def close(self) -> None:
        os.close(self._fd)
        if self.path and os.path.exists(self.path):  # the child died before it came to this
            os.unlink(self.path)
