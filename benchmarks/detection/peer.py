"""What people would do instead: 4-fold cross-validation of the same net, for cleanlab to score."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detection.judging import PEERS, by_cleanlab, precisions
from benchmarks.detection.precision import intervals
from benchmarks.detection.running import processor_seconds
from benchmarks.detection.settings import Noisy
from models.types import Probs


def cross_validated(noisy: Noisy, minutes: float, seed: int) -> dict[str, Any]:
    """Spend as many minutes on four trainings, and let cleanlab rank by what they say."""
    began, before = time.monotonic(), processor_seconds()
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "noisy.npz", images=noisy.images, labels=noisy.labels)
        command = [sys.executable, "-P", "-m", "benchmarks.detection.folds", folder]
        until = began + 60 * minutes  # the clock is that of the whole machine
        done = subprocess.run(
            [*command, str(until), str(seed)],
            check=True,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "GOMP_SPINCOUNT": "2000",  # as models/processes/trainer.py sets it
            },
        )
        probabilities: Probs = np.load(Path(folder) / "probabilities.npy")
    orders = by_cleanlab(probabilities, noisy.labels)
    return {
        "seconds": round(time.monotonic() - began, 2),
        "processor_s": round(processor_seconds() - before, 2),
        **json.loads(done.stdout),
        "cleanlab": precisions(orders, noisy.wrong),
        "interval": intervals(noisy.wrong, {name: orders[name] for name in PEERS}, seed),
    }
