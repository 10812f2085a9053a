"""Clusters of a run's embedding on disk: clusters-K.npy (n,) beside the map, each made once."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np

from models.data.placing import replace_file, replace_text
from models.data.runs import run_folder
from models.types import Clustered


def keep_clusters(project: Path, made: Clustered) -> None:
    """Keep clusters in place of those of the same number wanted."""
    array, about = _files(project, made.run, made.wanted)
    about.unlink(missing_ok=True)  # until both are there, there is none
    replace_file(array, lambda file: np.save(file, made.numbers, allow_pickle=False))
    replace_text(about, json.dumps({"epoch": made.epoch}))


def kept_clusters(project: Path, run: int, epoch: int, wanted: int, n: int) -> Clustered | None:
    """Those of n images as a run sees them now; None where they are of an older epoch."""
    array, about = _files(project, run, wanted)
    with suppress(OSError, ValueError, TypeError, KeyError):
        numbers = np.load(array)
        is_current = json.loads(about.read_bytes())["epoch"] == epoch
        if is_current and numbers.shape == (n,) and numbers.dtype == np.int32:
            return Clustered(numbers, run, epoch, wanted)
    return None


def _files(project: Path, run: int, wanted: int) -> tuple[Path, Path]:
    folder = run_folder(project / "runs", run)
    return folder / f"clusters-{wanted}.npy", folder / f"clusters-{wanted}.json"
