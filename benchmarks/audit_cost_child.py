"""Audits a project in this process, and says what each check cost: JSON lines on stdout.

python -m benchmarks.audit_cost_child PROJECT [--quick]
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.audit.session import auditing_session
from models.auditing import audit_request
from models.opening import open_review, request_for
from models.types import Finished, Progress

_CHECKING = "checking "
_READING = "reading"
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass
class _Meter:
    """What was used since the last line."""

    base_mb: float

    def __post_init__(self) -> None:
        self._begin(_READING)

    def _begin(self, name: str) -> None:
        self._name, self._wall, self._processor = name, time.monotonic(), _processor_s()
        _CLEAR.write_text("5")  # the peak begins anew

    def next(self, name: str) -> None:
        """Print what ends here; `name` begins."""
        line: dict[str, Any] = {
            "check": self._name,
            "seconds": time.monotonic() - self._wall,
            "processor_s": _processor_s() - self._processor,
            "peak_mb": _memory_mb("VmHWM") - self.base_mb,
        }
        print(json.dumps(line), flush=True)
        self._begin(name)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory_mb(name: str) -> float:
    """A line of /proc/self/status."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1_024
    raise ValueError(name)


def main() -> None:
    """Audit what the command line names."""
    review = open_review(request_for([sys.argv[1]]))
    request = audit_request(review, quick="--quick" in sys.argv)
    review.close()
    meter = _Meter(_memory_mb("VmRSS"))
    for event in auditing_session(request):
        if isinstance(event, Progress) and event.doing.startswith(_CHECKING):
            meter.next(event.doing.removeprefix(_CHECKING))
        if isinstance(event, Finished):
            meter.next("")
    os._exit(0)


if __name__ == "__main__":
    main()
