"""How far an audit is, how long it goes on still, and whether it has to end now."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping, Sequence
from typing import TypeVar

from models.processes.child import Controls
from models.types import Event, Progress

T = TypeVar("T")

READING = "reading"
# Seconds of a processor for 60,000 small images, which say how much of the whole a stage is, and
# in how many parts it tells its progress.
_STAGES: Mapping[str, tuple[float, int]] = {
    READING: (3, 2),
    "distribution": (1, 1),
    "labels": (4, 1),
    "foreign": (3, 1),
    "disjoint": (60, 5),
    "shortcuts": (1, 1),
    "quality": (1, 1),
}
_SHORT = (0.2, 1)
_STEPS = 1_000
_UNKNOWN_S, _UNKNOWN = 2.0, 0.03  # time and share until which nobody can say how long it takes

OUT_OF_TIME, STOPPED = "out of time", "stopped"


class Pace:
    """Follows an audit through its stages; `seconds` is how long it may take, 0 as long as it
    needs. The word "finish" among the controls ends it early."""

    def __init__(
        self, checks: Sequence[str], seconds: float = 0.0, controls: Controls | None = None
    ) -> None:
        self._controls = controls or Controls()
        self._began = time.monotonic()
        self._end = self._began + seconds if seconds else math.inf
        self._seconds = seconds
        self._total = sum(_STAGES.get(name, _SHORT)[0] for name in (READING, *checks))
        self._before = self._done = 0.0  # seconds of stages: those that ended, and all
        self._size, self._parts = _SHORT
        self._part, self._doing = 0, ""
        self._is_stopped = False

    def why_end(self) -> str:
        """OUT_OF_TIME or STOPPED, or nothing while it may go on.

        A stage that is longer than all after it together leaves them their share of the time.
        """
        self._is_stopped |= "finish" in self._controls.drain()
        if self._is_stopped:
            return STOPPED
        after = self._total - self._before - self._size
        kept = self._seconds * after / self._total if after < self._size else 0.0
        return OUT_OF_TIME if time.monotonic() >= self._end - kept else ""

    def begin(self, stage: str, doing: str) -> Progress:
        """A stage begins, and the one before is over."""
        self._before += self._size if self._doing else 0.0
        self._done = max(self._done, self._before)
        self._size, self._parts = _STAGES.get(stage, _SHORT)
        self._part, self._doing = -1, doing
        return self._progress()

    def of(self, event: Event) -> Event:
        """An event of the stage; Progress becomes that of the whole audit."""
        if not isinstance(event, Progress):
            return event
        if self._part < 0 or event.doing != self._doing:
            self._part, self._doing = min(self._part + 1, self._parts - 1), event.doing
        share = event.done / event.total if event.total else 0.0
        within = (self._part + min(share, 1.0)) / self._parts
        self._done = max(self._done, self._before + self._size * within)
        return self._progress()

    def through(self, work: Generator[Event, None, T]) -> Generator[Event, None, T]:
        """The events of a stage as `of` tells them; returns what the work does."""
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            yield self.of(event)

    def _progress(self) -> Progress:
        share = min(self._done / self._total, 1.0)
        return Progress(round(_STEPS * share), _STEPS, self._doing, self._seconds_left(share))

    def _seconds_left(self, share: float) -> float:
        now = time.monotonic()
        elapsed, at_most = now - self._began, max(self._end - now, 0.0)
        if elapsed < _UNKNOWN_S or share < _UNKNOWN:
            return math.nan
        return min(elapsed * (1 - share) / share, at_most)
