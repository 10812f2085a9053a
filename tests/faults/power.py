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
        self.calls = [match.groups() for match in map(_LINE.match, lines) if match]

    @property
    def first_write(self) -> int:
        return next(i for i, (name, _, _) in enumerate(self.calls) if name == "pwrite64")

    def cut_at(self, n_calls: int, rng: np.random.Generator, into: Path) -> int:
        """Put what would be left after the first n calls into a folder; decisions acknowledged."""
        files: dict[str, _File] = {}
        names: dict[int, str] = {}  # of open file descriptors
        said = b""
        for name, arguments, result in self.calls[:n_calls]:
            if int(result) < 0:
                continue
            texts = [bytes.fromhex(t.replace("\\x", "")) for t in _BYTES.findall(arguments)]
            fd = int(arguments.split(",")[0]) if arguments[:1].isdigit() else -1
            file = files.get(names.get(fd, ""))
            if name == "openat" and texts[0].decode().startswith(self._folder):
                names[int(result)] = texts[0].decode()
                files.setdefault(names[int(result)], _File())
            elif name == "close":
                names.pop(fd, None)
            elif name == "write" and fd == 1:
                said += texts[0]
            elif name == "pwrite64" and file:
                file.write(int(arguments.rsplit(",", 1)[1]), texts[0])
            elif name in ("fsync", "fdatasync") and file:
                file.sync()
            elif name == "ftruncate" and file:
                file.truncate(int(arguments.rsplit(",", 1)[1]))
            elif name == "unlink":
                files.pop(texts[0].decode(), None)
        for path, left in files.items():
            if Path(path).name.startswith("journal.db") and not path.endswith("-shm"):
                (into / Path(path).name).write_bytes(left.after_cut(rng))
        return max((int(line) for line in said.split(b"\n")[:-1] if line.isdigit()), default=0)


def _put(content: bytearray, offset: int, data: bytes) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data
