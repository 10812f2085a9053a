"""Between two batches: obeys pause, resume and finish, and says how far a run is."""

from __future__ import annotations

import math
import time

from models.processes.child import Controls
from models.types import Events, TrainingProgress

_REPORT_S = 0.1
_PAUSE_S = 0.1
READING_SHARE = 0.05  # of the progress bar
_SPEED_WINDOW_S = 3.0


class Finish(Exception):
    """The person asked for the scores so far; not an error."""


class Steering:
    """Turns finished work into progress, and words from outside into pauses and an end.

    Work is counted in images trained on; an image that is only looked at counts for less.
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._paused = self._finishing = False
        self._total, self._done, self._active_s = 1.0, 0.0, 0.0
        self._trained, self._trained_s = 0, 0.0
        self._speed = math.nan
        self._done_before = 0.0
        self._reported = self._last = time.monotonic()

    @property
    def images_per_second(self) -> float:
        """Images trained on a second, pauses left out; 0 before the first."""
        return self._trained / self._trained_s if self._trained_s else 0.0

    @property
    def active_s(self) -> float:
        """Seconds of work since `plan`, pauses left out."""
        return self._active_s

    @property
    def work_a_second(self) -> float:
        """Since `plan`; 0 before the first batch."""
        return (self._done - self._done_before) / self._active_s if self._active_s else 0.0

    def plan(self, total: float, done: float = 0.0) -> None:
        """Say how much work there is, of which `done` was done by an earlier run."""
        self._total, self._done, self._active_s = max(total, done, 1.0), done, 0.0
        self._done_before, self._last = done, time.monotonic()

    def expect(self, total: float) -> None:
        """Another amount of work in all than was planned."""
        self._total = max(total, self._done, 1.0)

    def reading(self, share: float) -> Events:
        """Report on reading, before any work is planned."""
        if self._is_due():
            yield TrainingProgress("reading", 0, READING_SHARE * share, 0.0, math.nan)
        yield from self._obey("reading", 0)

    def after(self, work: float, phase: str, epoch: int, trained: int = 0) -> Events:
        """Report a batch, then obey. Raises Finish when told to."""
        now = time.monotonic()
        took, self._last = now - self._last, now
        self._active_s += took
        self._done += work
        if trained:
            self._trained, self._trained_s = self._trained + trained, self._trained_s + took
            weight = min(1.0, took / _SPEED_WINDOW_S)
            before = trained / max(took, 1e-9) if math.isnan(self._speed) else self._speed
            self._speed = before + weight * (trained / max(took, 1e-9) - before)
        if self._is_due():
            yield self._progress(phase, epoch)
        yield from self._obey(phase, epoch)

    def _obey(self, phase: str, epoch: int) -> Events:
        self._listen()
        while self._paused and not self._finishing:
            yield self._progress("paused", epoch)
            time.sleep(_PAUSE_S)
            self._listen()
            self._last = time.monotonic()
        if self._finishing and phase != "scoring":
            raise Finish

    def _listen(self) -> None:
        for word in self._controls.drain():
            self._finishing |= word == "finish"
            self._paused = word == "pause" or (self._paused and word != "resume")

    def _is_due(self) -> bool:
        now = time.monotonic()
        due = now - self._reported >= _REPORT_S
        self._reported = now if due else self._reported
        return due

    def _progress(self, phase: str, epoch: int) -> TrainingProgress:
        share = min(1.0, self._done / self._total)
        new = self._done - self._done_before
        left = self._active_s * (self._total - self._done) / new if new > 0 else math.nan
        done = READING_SHARE + (1 - READING_SHARE) * share
        speed = 0.0 if math.isnan(self._speed) else self._speed
        return TrainingProgress(phase, epoch, done, speed, max(0.0, left))
