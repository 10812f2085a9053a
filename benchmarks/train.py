"""Training speed inside the product beside a bare torch loop on the same net and batches."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Row
from benchmarks.timing import alternating
from benchmarks.trained import FASHION, Dataset, events_of_run, fashion
from models.data.runs import run_details
from models.types import TrainingEnded

_ROUNDS = 5
_N = 12_000
_EPOCHS = 3


def measure() -> list[Row]:
    """Images a second, median of alternating rounds."""
    data = fashion(_N) if FASHION.is_dir() else _invented()
    config = _settled_config(data)

    def product() -> float:
        return _run(data, config)[0]

    def bare() -> float:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "images.npz"
            np.savez(source, images=data[0], labels=data[1])
            command = [sys.executable, "-P", "-m", "benchmarks.bare_torch", str(source)]
            settings = [str(config[name]) for name in ("width", "batch", "dtype", "threads")]
            done = subprocess.run(
                [*command, *settings, str(_EPOCHS)],
                check=True,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            )
            return float(done.stdout)

    compared = alternating(_ROUNDS, product, bare)
    what = f"{_N:,} images of 28x28, {config['dtype']}, {config['threads']} threads"
    return [Row.ratio_of(what, compared, "images/s", at_least=0.9)]


def _settled_config(data: Dataset) -> dict[str, Any]:
    """What the product decides on this machine, so that both sides use the same."""
    config: dict[str, Any] = _run(data, {"epochs": 1})[1]
    return {**config, "epochs": _EPOCHS}


def _run(data: Dataset, config: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        for event in events_of_run(Path(folder), *data, config):
            if isinstance(event, TrainingEnded):
                details = run_details(Path(folder) / "p.winnow" / "runs", event.run)
                return event.result["images_per_second"], details["config"]
    raise AssertionError("a run ends with TrainingEnded")


def _invented() -> Dataset:
    rng = np.random.default_rng(0)
    return rng.integers(0, 255, (_N, 28, 28)).astype(np.uint8), np.arange(_N, dtype=np.int32) % 10
