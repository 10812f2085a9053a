"""The manifest beside an export: where it is from, what was left out and why, how to read it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from models.data.writers.material import Written
from models.data.writers.snapshot import Snapshot
from models.review.decisions import LOG_DTYPE, NO_SAMPLE, Status
from models.review.replay import status_counts
from models.types import LogRows, StatusVector


def manifest_path(out: Path) -> Path:
    return out.with_name(f"{out.name}.manifest.json")


class Manifest:
    """What is said of an export: `whole` is the project, `written` the part that went out."""

    def __init__(self, out: Path, as_format: str, whole: Snapshot, written: Written) -> None:
        self._out, self._as_format = out, as_format
        self._whole, self._written = whole, written
        self.n_bytes = 0  # of what was written, once it is described

    def write(self, path: Path, data: Path) -> None:
        """Describe the finished file or folder `data` in a new file."""
        self.n_bytes, hashed = _folder(data) if data.is_dir() else _file(data)
        text = json.dumps(self._content(hashed), indent=1, ensure_ascii=False, allow_nan=False)
        with open(path, "x", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)

    def _content(self, hashed: dict[str, Any]) -> dict[str, Any]:
        whole, written = self._whole, self._written.snapshot
        left_out = whole.sample_ids[~np.isin(whole.sample_ids, written.sample_ids)]
        return {
            "format": "winnow manifest",
            "format_version": 1,
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "app_version": version("winnow"),
            "file": self._out.name,
            "as": self._as_format,
            "bytes": self.n_bytes,
            **hashed,
            "how_to_read": self._written.how_to_read,
            **self._undone(),
            **self._written.details,
            "source": {key: whole.source[key] for key in ("name", "kind", "fingerprint")},
            "class_names": list(whole.class_names),
            "last_seq": whole.last_seq,
            "n": len(written),
            "counts": _counts(written.status),
            "counts_before": _counts(whole.status),
            "left_out": self._left_out(left_out),
            "left_out_log": _table(self._log_of(left_out)),
        }

    def _undone(self) -> dict[str, Any]:
        """What the project undoes in images, by split of the source: in those that were written
        already, in those that are only listed by whoever reads the list."""
        undone = self._whole.source.get("undone")
        if not undone:
            return {}
        return {"undone" if self._written.with_images else "to_undo": undone}

    def _left_out(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, Any]:
        """Ids left out by review state, and unreadable ones with the reason."""
        readable = ids[~np.isin(ids, list(self._written.unreadable))]
        states = self._whole.status[readable]
        by_state = {s.name.lower(): readable[states == s].tolist() for s in Status}
        unreadable = [{"sample_id": i, "why": why} for i, why in self._written.unreadable.items()]
        named = {name: found for name, found in by_state.items() if found}
        return {**named, "unreadable": unreadable}

    def _log_of(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> LogRows:
        samples = self._whole.log["sample"]
        rows: LogRows = self._whole.log[np.isin(samples, ids) & (samples != NO_SAMPLE)]
        return rows


def _counts(status: StatusVector) -> dict[str, int]:
    return {state.name.lower(): n for state, n in status_counts(status).items()}


def _table(rows: LogRows) -> dict[str, Any]:
    """Log rows as JSON; a suspicion that is not a number is null."""
    at = (LOG_DTYPE.names or ()).index("suspicion")
    values = [
        [None if i == at and value != value else value for i, value in enumerate(row)]
        for row in rows.tolist()
    ]
    return {"columns": list(LOG_DTYPE.names or ()), "rows": values}


def _file(path: Path) -> tuple[int, dict[str, Any]]:
    return path.stat().st_size, {"sha256": _sha256(path)}


def _folder(folder: Path) -> tuple[int, dict[str, Any]]:
    """Bytes of all files, and a hash that `sha256sum` gives again for the same files."""
    digest, n_bytes, n_files = hashlib.sha256(), 0, 0
    start = len(os.path.join(folder, ""))
    for path in sorted(_files(str(folder)), key=os.fsencode):
        digest.update(f"{_sha256(Path(path))}  ./{path[start:]}\n".encode())
        n_bytes += os.path.getsize(path)
        n_files += 1
    again = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    return n_bytes, {"sha256": digest.hexdigest(), "sha256_of": again, "files": n_files}


def _files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
