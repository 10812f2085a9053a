"""Finished measurements, one JSON line each, so that a broken run goes on where it stopped."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Line = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """What a measurement is of; the same is not measured twice."""

    what: str  # "run", "peer", "photos" or "audit"
    setting: str
    seed: int
    minutes: float = 0.0  # of training, where these are given


class Results:
    """A file of measurements. A line that was cut off when a run broke counts as missing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, key: Key) -> Line | None:
        """The last measurement of this, None if there is none."""
        asked = vars(key)
        found = [line for line in self._lines() if asked.items() <= line.items()]
        return found[-1] if found else None

    def add(self, key: Key, measured: Line) -> Line:
        """Write it down for good, and return it as `find` will."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = {**vars(key), "measured": now, **measured}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            if file.tell() and not _ends_with_newline(file):
                file.write(b"\n")
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return line

    def _lines(self) -> list[Line]:
        if not self.path.exists():
            return []
        return [line for text in self.path.read_text().splitlines() if (line := _parsed(text))]


def _parsed(text: str) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _ends_with_newline(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")
