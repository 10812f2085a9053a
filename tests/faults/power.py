"""A model of a power cut: what of a trace of system calls would be on the disk afterwards.

Everything up to a file's last fsync is there, and of the 4 KiB pages written later any subset.
Creating, truncating and removing files counts as durable at once, in order, as on a journalled
file system; pages are whole; the disk does not lie about fsync.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

PAGE = 4096
_CALLS = "openat,close,write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename"
_LINE = re.compile(r"^(?:\[pid +)?\d+\]? +(\w+)\((.*)\) += +(-?\d+)")
_BYTES = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def tracer(log: Path) -> list[str] | None:
    """The command that records a program's writes; None where strace is missing."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    return [strace, "-f", "-xx", "-s", "16777216", "-e", f"trace={_CALLS}", "-o", str(log)]


@dataclass(frozen=True)
class _Call:
    """A system call that succeeded. `number` is its last argument: an offset or a size."""

    name: str
    fd: int
    data: bytes
    number: int
    result: int

    @property
    def path(self) -> str:
        return self.data.decode()

    @classmethod
    def parsed(cls, name: str, arguments: str, result: str) -> _Call:
        first, last = arguments.split(",", 1)[0], arguments.rsplit(",", 1)[-1].strip()
        text = _BYTES.search(arguments)
        return cls(
            name,
            int(first) if first.isdigit() else -1,
            bytes.fromhex(text[1].replace("\\x", "")) if text else b"",
            int(last) if last.isdigit() else 0,
            int(result),
        )


@dataclass
class _File:
    synced: bytearray = field(default_factory=bytearray)
    later: list[tuple[int, bytes]] = field(default_factory=list)  # page-wise writes

    def write(self, offset: int, data: bytes) -> None:
        while data:
            size = PAGE - offset % PAGE
            self.later.append((offset, data[:size]))
            offset, data = offset + size, data[size:]

    def sync(self) -> None:
        for offset, data in self.later:
            _put(self.synced, offset, data)
        self.later.clear()

    def truncate(self, size: int) -> None:
        self.sync()
        del self.synced[size:]
        self.synced.extend(bytes(size - len(self.synced)))

    def after_cut(self, rng: np.random.Generator) -> bytes:
        content = bytearray(self.synced)
        share = rng.choice([0.0, 0.3, 0.7, 1.0])
        for offset, data in self.later:
            if rng.random() < share:
                _put(content, offset, data)
        return bytes(content)


class Disk:
    """Replays a trace, call by call, for the files of one folder."""

    def __init__(self, trace: Path, folder: Path) -> None:
        self._folder = str(folder)
        lines = trace.read_text().splitlines()
        matches = [match for match in map(_LINE.match, lines) if match]
        self.calls = [_Call.parsed(*match.groups()) for match in matches if int(match[3]) >= 0]

    @property
    def first_write(self) -> int:
        return next(i for i, call in enumerate(self.calls) if call.name == "pwrite64")

    def cut_at(self, n_calls: int, rng: np.random.Generator, into: Path) -> int:
        """Put what would be left after the first n calls into a folder; decisions acknowledged."""
        files: dict[str, _File] = {}
        names: dict[int, str] = {}  # of open file descriptors
        said = b""
        for call in self.calls[:n_calls]:
            file = files.get(names.get(call.fd, ""))
            if call.name == "openat" and call.path.startswith(self._folder):
                names[call.result] = call.path
                files.setdefault(call.path, _File())
            elif call.name == "close":
                names.pop(call.fd, None)
            elif call.name == "write" and call.fd == 1:
                said += call.data
            elif call.name == "pwrite64" and file:
                file.write(call.number, call.data)
            elif call.name in ("fsync", "fdatasync") and file:
                file.sync()
            elif call.name == "ftruncate" and file:
                file.truncate(call.number)
            elif call.name == "unlink":
                files.pop(call.path, None)
        for path, left in files.items():
            if Path(path).name.startswith("journal.db") and not path.endswith("-shm"):
                (into / Path(path).name).write_bytes(left.after_cut(rng))
        return max((int(line) for line in said.split(b"\n")[:-1] if line.isdigit()), default=0)


def _put(content: bytearray, offset: int, data: bytes) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data
