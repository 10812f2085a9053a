"""Part of a file as a stream that knows its end, and can pass over bytes without reading them."""

from __future__ import annotations

from models.data.readers.source import OpenFile

_BLOCK_BYTES = 1 << 18


class ByteStream:
    """Reads part of a file from front to back, in pieces of any size.

    Raises EOFError if more is asked for than is there.
    """

    def __init__(self, file: OpenFile, start: int, stop: int) -> None:
        self._file, self._stop = file, min(stop, file.size)
        self._block, self._in_block, self._block_end = b"", 0, start

    @property
    def at(self) -> int:
        return self._block_end - len(self._block) + self._in_block

    def take(self, n_bytes: int) -> bytes:
        end = self._in_block + n_bytes
        if end > len(self._block):
            self._fill(n_bytes)
            end = n_bytes
        taken = self._block[self._in_block : end]
        self._in_block = end
        return taken

    def line(self) -> bytes:
        """Up to the next line end, without it."""
        wanted = _BLOCK_BYTES
        while (end := self._block.find(b"\n", self._in_block)) < 0:
            left = self._stop - self.at
            if len(self._block) - self._in_block >= left:
                raise EOFError("a line does not end")
            self._fill(min(wanted, left))
            wanted *= 2
        taken = self._block[self._in_block : end]
        self._in_block = end + 1
        return taken

    def skip(self, n_bytes: int) -> int:
        """Pass over bytes; where they begin."""
        self.check(n_bytes)
        start = self.at
        self._block, self._in_block, self._block_end = b"", 0, start + n_bytes
        return start

    def check(self, n_bytes: int) -> None:
        if n_bytes > self._stop - self.at:
            raise EOFError(f"{n_bytes:,} bytes are promised that are not there")

    def _fill(self, n_bytes: int) -> None:
        """Have at least so many bytes at the beginning of the block."""
        self.check(n_bytes)
        start = self.at
        size = min(max(n_bytes, _BLOCK_BYTES), self._stop - start)
        self._block, self._in_block = self._file.read(size, start), 0
        self._block_end = start + size
