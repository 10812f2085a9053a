"""The device of a run, and the number format that is faster on it."""

from __future__ import annotations

import pytest
import torch

from models.training import devices
from models.training.devices import Machine, available_threads, choose_machine, fastest


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only moves when a test moves it."""
    now = [0.0]
    monkeypatch.setattr("models.training.devices.time.perf_counter", lambda: now[0])
    return now


def test_the_faster_format_is_chosen_though_one_step_was_disturbed(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    took = {"bfloat16": iter([9.0, 5.0, *[0.05] * 999]), "float32": iter([9.0, *[0.08] * 999])}

    def step(dtype: str) -> None:
        clock[0] += next(took[dtype])

    monkeypatch.setattr(devices, "_PROBE_S", 5.0)
    dtype, seconds = fastest(step, ("bfloat16", "float32"))
    assert dtype == "bfloat16"
    assert seconds == pytest.approx(0.05)


def test_cpu_is_described_in_full() -> None:
    assert Machine(torch.device("cpu"), 1).describe("float32") == "CPU, 1 thread, float32"
    assert Machine(torch.device("cpu"), 8).describe("bfloat16") == "CPU, 8 threads, bfloat16"


def test_auto_without_a_gpu_is_the_cpu_without_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_is_there", lambda name: False)
    machine = choose_machine("auto", None, pixels_a_step=1_000_000)
    assert (machine.device.type, machine.note) == ("cpu", "")
    assert machine.threads == available_threads()


def test_small_steps_get_one_thread_unless_asked_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "_is_there", lambda name: False)
    assert choose_machine("cpu", None, pixels_a_step=64 * 64).threads == 1
    assert choose_machine("cpu", 2, pixels_a_step=64 * 64).threads == 2
