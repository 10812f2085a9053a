"""Measures two things in turn, so that a busy machine slows both alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Measure = Callable[[], float]  # does the thing once and returns its figure
FEWEST_ROUNDS = 5


@dataclass(frozen=True)
class Comparison:
    """Medians over the rounds. `spread` is the lowest and highest ratio of a single round."""

    median_a: float
    median_b: float
    ratio: float
    spread: tuple[float, float]


def alternating(rounds: int, a: Measure, b: Measure) -> Comparison:
    """Measure `a` against its reference `b`, taking turns at going first.

    Raises ValueError below FEWEST_ROUNDS rounds: fewer do not tell a figure from noise.
    """
    if rounds < FEWEST_ROUNDS:
        raise ValueError(f"at least {FEWEST_ROUNDS} rounds, not {rounds}")
    figures_a, figures_b = [], []
    for number in range(rounds):
        if number % 2 == 0:
            figures_a.append(a())
            figures_b.append(b())
        else:
            figures_b.append(b())
            figures_a.append(a())
    return compared(figures_a, figures_b)


def compared(figures_a: list[float], figures_b: list[float]) -> Comparison:
    """Compare figures that were measured in turn, one of each a round."""
    ratios = [a / b for a, b in zip(figures_a, figures_b, strict=True)]
    middle_a, middle_b = median(figures_a), median(figures_b)
    return Comparison(middle_a, middle_b, middle_a / middle_b, (min(ratios), max(ratios)))


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentile(figures: list[float], share: float) -> float:
    """The figure that `share` (0..1) of all do not exceed."""
    return sorted(figures)[min(int(share * len(figures)), len(figures) - 1)]


def rss_mb(pid: int | None = None) -> float:
    """Memory a process holds now, in MB (Linux)."""
    return _memory_mb(pid, "VmRSS")


def own_mb(pid: int | None = None) -> float:
    """The same without mapped files, which are the system's cache and go when it needs room."""
    return _memory_mb(pid, "RssAnon")


def _memory_mb(pid: int | None, field: str) -> float:
    status = Path("/proc", str(pid or "self"), "status").read_text()
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith(field))
    return int(kilobytes) * 1024 / 1e6
