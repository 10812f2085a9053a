"""Training runs on disk: runs/<id>/run.json and arrays, each file written once.

runs/0001/
    run.json            config, seed, environment, curves, result, state; replaced whole
    epochs/0007.npy     (n,) [("probability", f4), ("prediction", i4)]: probability of the
                        label trained on, and the predicted class, one file an epoch
    scores-0007/        one set of scores, complete before its name appears; older sets
                        are deleted when a newer one is named in run.json
        probabilities.npy f4 (n, k)    embedding.npy f4 (n, d)     held_out.npy bool (n,)
        suspicion.npy loss.npy confidence.npy margin.npy anomaly.npy    f4 (n,)
        suggested.npy i4 (n,)          transition.npy f4 (k, k)
        labels.npy i4 (n,)             the labels that were scored
    checkpoint.pt, best.pt     state_dicts and numbers, loaded with weights_only=True
NaN (-1 for labels) stands where a sample has no score.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.types import LabelVector, RunScores, RunSummary, Scores


def list_runs(runs_dir: Path) -> list[RunSummary]:
    """Newest first."""
    raise NotImplementedError


def load_scores(runs_dir: Path, run: int) -> RunScores | None:
    """The newest set of scores of a run; None if it has none yet."""
    raise NotImplementedError


def run_details(runs_dir: Path, run: int) -> dict[str, Any]:
    """run.json: config, environment, curves, result."""
    raise NotImplementedError


def trace_of(runs_dir: Path, run: int, sample_id: int) -> tuple[Scores, LabelVector]:
    """(epochs,) probability of the trained label and predicted class of one sample."""
    raise NotImplementedError


def delete_run(runs_dir: Path, run: int) -> None:
    raise NotImplementedError


def newest_run(runs_dir: Path) -> int | None:
    """The run whose scores a project shows unless another was chosen."""
    raise NotImplementedError
