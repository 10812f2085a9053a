"""Where the arithmetic happens: the device, its number format, and how both are told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import torch

_PROBE_S = 0.3  # for each number format
_WORTH_THREADS_PX = 50_000  # 64 images of 28x28
_NAMES = {"cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}


@dataclass(frozen=True)
class Machine:
    """The device of a run. `note` says why it is not the one that was asked for."""

    device: torch.device
    threads: int
    note: str = ""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Number formats worth trying on it."""
        return ("float32",) if self.device.type == "mps" else ("bfloat16", "float32")

    def describe(self, dtype: str) -> str:
        """As shown to the person: "CPU, 2 threads, bfloat16"."""
        if self.device.type == "cpu":
            threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
            return f"CPU, {threads}, {dtype}"
        name = torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else ""
        return ", ".join(filter(None, (_NAMES[self.device.type], name, dtype)))


def choose_machine(asked: str, threads: int | None, pixels_a_step: int) -> Machine:
    """The device asked for, or the CPU with a note; "auto" takes a GPU if there is one.

    Steps on few pixels get one thread: two would mostly wait for each other.
    """
    usable = [name for name in ("cuda", "mps") if _is_there(name)]
    chosen = usable[0] if asked == "auto" and usable else asked
    note = ""
    if chosen == "auto":
        chosen = "cpu"
    elif chosen != "cpu" and chosen not in usable:
        note = f"{_NAMES[chosen]} was asked for but is not available here, so the CPU is used."
        chosen = "cpu"
    threads = threads or (1 if pixels_a_step < _WORTH_THREADS_PX else available_threads())
    torch.set_num_threads(threads)
    return Machine(torch.device(chosen), threads, note)


def available_threads() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def fastest(step: Callable[[str], object], dtypes: Sequence[str]) -> tuple[str, float]:
    """The number format in which `step(dtype)` runs fastest, and the seconds it usually takes.

    Formats take turns and are judged by their quickest step, for a busy machine can only slow
    a step down.
    """
    times: dict[str, list[float]] = {dtype: [] for dtype in dtypes}
    for dtype in dtypes:
        step(dtype)  # the first one compiles
    ends = time.perf_counter() + _PROBE_S * len(dtypes)
    while time.perf_counter() < ends or not all(times.values()):
        for dtype, taken in times.items():
            began = time.perf_counter()
            step(dtype)
            taken.append(time.perf_counter() - began)
    dtype = min(times, key=lambda name: min(times[name]))
    return dtype, median(times[dtype])


def _is_there(name: str) -> bool:
    return torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()
