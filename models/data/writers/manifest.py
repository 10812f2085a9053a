"""The manifest beside an export: where it is from, what was left out and why, how to read it."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from models.data.writers.snapshot import Snapshot
from models.review.decisions import LOG_DTYPE, NO_SAMPLE, Status
from models.review.replay import status_counts
from models.types import LogRows, StatusVector

_HOW_TO_READ = {
    "h5": "h5py.File(file): /images, /labels/corrected (a position in /class_names); "
    "replaying /review/log over /labels/given gives /labels/corrected and /labels/status.",
    "csv": "UTF-8, one sample a line; `corrected` is the label to use. A leading ' before "
    "= + - @ keeps spreadsheets from running a name as a formula.",
}


def manifest_path(out: Path) -> Path:
    return out.with_name(f"{out.name}.manifest.json")


@dataclass(frozen=True)
class Manifest:
    """What is said of an export: `whole` is the project, `written` the part in the file."""

    out: Path
    as_format: str
    whole: Snapshot
    written: Snapshot
    unreadable: dict[int, str]  # sample id -> why

    def write(self, path: Path, data: Path) -> None:
        """Describe the finished file `data` in a new file."""
        text = json.dumps(self._content(data), indent=1, ensure_ascii=False, allow_nan=False)
        with open(path, "x", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)

    def _content(self, data: Path) -> dict[str, Any]:
        left_out = ~np.isin(self.whole.sample_ids, self.written.sample_ids)
        return {
            "format": "winnow manifest",
            "format_version": 1,
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "app_version": version("winnow"),
            "file": self.out.name,
            "as": self.as_format,
            "bytes": data.stat().st_size,
            "sha256": _sha256(data),
            "how_to_read": _HOW_TO_READ[self.as_format],
            "source": {key: self.whole.source[key] for key in ("name", "kind", "fingerprint")},
            "class_names": list(self.whole.class_names),
            "last_seq": self.whole.last_seq,
            "n": len(self.written),
            "counts": _counts(self.written.status),
            "counts_before": _counts(self.whole.status),
            "left_out": self._left_out(self.whole.sample_ids[left_out]),
            "left_out_log": _table(self._log_of(self.whole.sample_ids[left_out])),
        }

    def _left_out(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, Any]:
        """Ids left out by review state, and unreadable ones with the reason."""
        readable = ids[~np.isin(ids, list(self.unreadable))]
        states = self.whole.status[readable]
        by_state = {s.name.lower(): readable[states == s].tolist() for s in Status}
        unreadable = [{"sample_id": i, "why": why} for i, why in self.unreadable.items()]
        named = {name: found for name, found in by_state.items() if found}
        return {**named, "unreadable": unreadable}

    def _log_of(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> LogRows:
        samples = self.whole.log["sample"]
        rows: LogRows = self.whole.log[np.isin(samples, ids) & (samples != NO_SAMPLE)]
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


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
